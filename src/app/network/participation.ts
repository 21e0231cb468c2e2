import type { PeerAddress } from '../../base/address.ts'
import { utf8Bytes } from '../../base/bytes.ts'
import type { Timer } from '../../base/clock.ts'
import type { Events } from '../../base/events.ts'
import { mayDial, scopeOf } from '../../base/network-scope.ts'
import { RateLimit } from '../../base/rate-limit.ts'
import { systemClock } from '../../base/system-clock.ts'
import { systemRandom } from '../../base/system-random.ts'
import { VERSION } from '../../base/version.ts'
import type { PeerSource } from '../../discovery/peer-source.ts'
import { Swarm } from '../../swarm/swarm.ts'
import type { InfoDictionary } from '../../torrent/info.ts'
import type { VerbEvents } from '../events.ts'
import { JoinedHashes } from './joined-hashes.ts'
import { NamedPeers } from './named-peers.ts'
import { Network } from './network.ts'
import type { NetworkRequest } from './network-request.ts'
import type { PeerSearch } from './no-peers.ts'
import { asSecond, namedSources, type SourcesParts, sourcesUnder } from './peer-sources.ts'
import type { SwarmIdentity } from './swarm-identity.ts'

/** BEP 20: two letters for the client, four characters for the version. */
const PEER_ID_PREFIX = `-DT${VERSION.split('.')
  .map((part) => part.slice(-1))
  .join('')}0-`

interface ParticipationParts {
  readonly named: NamedPeers
  readonly swarm: Swarm
  readonly hashes: JoinedHashes
  /** What the sources of an info-hash are made with that becomes known later. */
  readonly sourcesParts: SourcesParts
  readonly sources: PeerSource[]
  readonly upLimit: RateLimit
}

/**
 * One verb's part in one torrent, under each info-hash that it has: sockets, the swarm itself, and the ways of finding peers, started and
 * stopped together.
 */
export class Participation {
  readonly swarm: Swarm
  readonly network: Network
  /** What we may send, to peers and to whomever else. */
  readonly upLimit: RateLimit
  readonly #events: Events<VerbEvents>
  readonly #hashes: JoinedHashes
  readonly #sourcesParts: SourcesParts
  readonly #sources: PeerSource[]
  /** The peers that the person named. */
  readonly named: NamedPeers
  #ticker: Timer | undefined
  #bytesLeft: number
  /** Resolves once the first source has announced us; at once when there is nowhere to announce. */
  readonly announced: Promise<boolean>
  #onAnnounced: () => void = () => undefined
  /** Resolves once every source has begun: the addresses of all peers that a person named are known then, as far as they are to be found. */
  readonly begun: Promise<unknown>

  private constructor(parts: ParticipationParts, bytesLeft: number, events: Events<VerbEvents>) {
    this.swarm = parts.swarm
    this.network = parts.sourcesParts.network
    this.#hashes = parts.hashes
    this.#sourcesParts = parts.sourcesParts
    this.upLimit = parts.upLimit
    this.#sources = parts.sources
    this.named = parts.named
    this.#bytesLeft = bytesLeft
    this.#events = events
    this.announced = this.#start()
    this.begun = Promise.all(this.#sources.map((source) => this.#begin(source)))
  }

  /** Opens the network, joins the swarm and begins to look for peers. Throws LISTEN_FAILED. */
  static async join(request: NetworkRequest, identity: SwarmIdentity, events: Events<VerbEvents>): Promise<Participation> {
    const usesDht = request.usesDht && !identity.isPrivate
    const peerId = newPeerId()
    const hashes = new JoinedHashes(identity, { peerId, supportsDht: usesDht })
    let swarm: Swarm | undefined
    const dhtUse = { usesDht, isBrief: identity.isBrief }
    const network = await Network.open(request, dhtUse, {
      accepts: (infoHash) => hashes.answerTo(infoHash),
      onLink: (link) => (swarm === undefined ? link.close('not ready yet') : swarm.accept(link)),
    })
    const upLimit = new RateLimit(systemClock, request.upBytesPerSecond)
    const isAlone = (): boolean => sources.every(({ origin }) => NAMED.has(origin)) && swarm?.status().peers === 0
    const named = new NamedPeers((message) => events.emit('warning', { message }), isAlone)
    const sourcesParts = { request, identity, network, peerId }
    const sources = await sourcesOf(hashes, sourcesParts).catch(async (error: unknown) => {
      await network.close()
      throw error
    })
    swarm = new Swarm({
      clock: systemClock,
      random: systemRandom,
      dialer: named.watch(hashes.dialer(network.transport)),
      infoHash: identity.infoHash,
      infoHashV2: identity.infoHashV2,
      peerId,
      listenPort: network.port,
      dhtPort: network.dht?.address.port ?? 0,
      usesPeerExchange: request.usesPeerExchange && !identity.isPrivate,
      maxPeers: request.maxPeers,
      upLimit,
      downLimit: new RateLimit(systemClock, request.downBytesPerSecond),
      mayDial: (address, tellerHost) => mayDial(address, scopeOf([tellerHost])),
      clientName: `distro ${VERSION}`,
      zone: request.zone,
      copies: identity.copies,
      hostName: identity.hostName,
      webSeedMode: identity.webSeeds?.mode,
      // Where nobody can be found there is nobody to wait for.
      webSeedDelayMs: sources.length === 0 ? 0 : identity.webSeeds?.delayMs,
    })
    return new Participation({ swarm, hashes, sourcesParts, sources, named, upLimit }, identity.bytesLeft ?? 1, events)
  }

  /** Where others reach us. */
  get addresses(): PeerAddress[] {
    return this.network.addresses()
  }

  /** True when some source announces us to others; `announced` waits for it. */
  get announcesAnywhere(): boolean {
    return this.#sources.some(({ origin }) => ANNOUNCING.has(origin))
  }

  /** True when there is no way to find peers: only those that connect to us can help. */
  get isAlone(): boolean {
    return this.#sources.length === 0
  }

  /** Who and what was asked for peers, with what came of it: when nobody was found. */
  get search(): PeerSearch {
    const named = this.#sources.filter(({ origin }) => NAMED.has(origin))
    const ways = this.#sources.filter(({ origin }) => !NAMED.has(origin))
    return { named: [...this.named.unreached, ...named.flatMap(({ tried }) => tried)], ways: ways.flatMap(({ tried }) => tried) }
  }

  /** Warns the person when there is nobody to ask for content. */
  warnIfAlone(): void {
    if (!this.isAlone) return
    const message =
      'There is nobody to ask: no DHT, no local discovery, no tracker and no peer. Only a peer that connects to us can help; --timeout says for how long.'
    this.#events.emit('warning', { message })
  }

  /** Tells the sources how much is still to come. */
  setBytesLeft(bytes: number): void {
    this.#bytesLeft = bytes
    this.#update()
  }

  /** The torrent turned out to be private (BEP 27): the sources that ask the public stop, and so do the DHT node and peer exchange. */
  async leavePublic(): Promise<void> {
    this.swarm.stopPeerExchange()
    const leaving = this.#sources.filter(({ origin }) => PUBLIC.has(origin))
    for (const source of leaving) this.#sources.splice(this.#sources.indexOf(source), 1)
    await Promise.all(leaving.map((source) => source.stop()))
    await this.network.leaveDht()
  }

  /** The metadata is known: where it has an info-hash that nobody named, the swarm behind that is joined too. */
  async joinOthers({ infoHash, v2, info: { isPrivate } }: InfoDictionary): Promise<void> {
    const parts = { ...this.#sourcesParts, identity: { ...this.#sourcesParts.identity, isPrivate } }
    for (const another of this.#hashes.learn(infoHash, v2?.infoHash)) {
      for (const source of await sourcesUnder(another, parts)) {
        const second = asSecond(source)
        this.#sources.push(second)
        void this.#begin(second)
      }
    }
  }

  /** Says good-bye and lets go of everything; takes 2 s at most. */
  async stop(): Promise<void> {
    this.#ticker?.cancel()
    this.#update()
    this.swarm.stop()
    try {
      await Promise.all(this.#sources.map((source) => source.stop()))
    } finally {
      await this.network.close()
    }
  }

  #start(): Promise<boolean> {
    this.swarm.start()
    this.swarm.events.on('dhtNode', (address) => this.network.dht?.addNode(address))
    this.#ticker = systemClock.every(1_000, () => this.#update())
    return new Promise((resolve) => {
      this.#onAnnounced = () => resolve(true)
      if (!this.announcesAnywhere) resolve(false)
    })
  }

  #begin(source: PeerSource): Promise<void> {
    return source.start({
      onPeers: (addresses) => {
        this.named.note(addresses, source.origin)
        this.swarm.addPeers(addresses, source.origin)
      },
      onAnnounced: () => this.#onAnnounced(),
      onWarning: (message) => this.#events.emit('warning', { message }),
    })
  }

  #update(): void {
    const { peers, uploadedBytes, downloadedBytes } = this.swarm.status()
    for (const source of this.#sources) {
      source.update({ isPeerless: peers === 0, bytesLeft: this.#bytesLeft, uploadedBytes, downloadedBytes })
    }
  }
}

const ANNOUNCING: ReadonlySet<string> = new Set(['dht', 'tracker', 'lsd'])
const NAMED: ReadonlySet<string> = new Set(['static', 'magnet'])
const PUBLIC: ReadonlySet<string> = new Set(['dht', 'lsd'])

async function sourcesOf({ all: [first, ...others] }: JoinedHashes, parts: SourcesParts): Promise<PeerSource[]> {
  const sources = [...namedSources(parts), ...(await sourcesUnder(first, parts))]
  for (const infoHash of others) sources.push(...(await sourcesUnder(infoHash, parts)).map(asSecond))
  return sources
}

function newPeerId(): Uint8Array {
  const letters = 'abcdefghijklmnopqrstuvwxyz0123456789'
  const rest = Array.from(systemRandom.bytes(20 - PEER_ID_PREFIX.length), (byte) => letters[byte % letters.length])
  return utf8Bytes(PEER_ID_PREFIX + rest.join(''))
}
