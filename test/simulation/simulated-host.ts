import type { PeerAddress, PeerOrigin } from '../../src/base/address.ts'
import { Bitfield } from '../../src/base/bitfield.ts'
import { RateLimit } from '../../src/base/rate-limit.ts'
import { Swarm } from '../../src/swarm/swarm.ts'
import type { WebSeed } from '../../src/web-seed/web-seed.ts'
import { IncomingQuota } from '../../src/wire/incoming-quota.ts'
import type { PeerHandshake, PeerLink } from '../../src/wire/link.ts'
import { HOST_ID_BYTES } from '../../src/wire/wire-limits.ts'
import { SeededRandom } from '../support/seeded-random.ts'
import { CountingStore, type FalseMark } from './counting-store.ts'
import type { Line } from './line.ts'
import type { Parcel } from './parcel.ts'
import type { NetworkNode, SimulatedNetwork } from './simulated-network.ts'
import type { SimulatedTorrent } from './simulated-torrent.ts'
import { Traffic } from './traffic.ts'

/** As in production. */
const MAX_PEERS = 200
const WEB_SEED_DELAY_MS = 1_000
/** One of so many connections may come from one address. */
const PEERS_PER_ADDRESS = 8
const MOST_WITHOUT_HANDSHAKE = 100

/** What a host is like. */
export interface HostPlan {
  /** Counts up from 0; its identity and its chance follow from it. */
  readonly number: number
  readonly upBytesPerSecond: number
  readonly downBytesPerSecond: number
  /** To the middle of the network, one way. */
  readonly latencyMs: number
  readonly address: PeerAddress
  /** The rack that it stands in, as the network sees it; the host tells it as its zone. */
  readonly rack?: string | undefined
  /** It knows the info-hash alone, and gets the info dictionary from peers. */
  readonly startsFromMagnet?: boolean
  readonly isOrigin?: boolean
  /** All its blocks are false, marked with this. */
  readonly lies?: FalseMark
  readonly maxPeers?: number
  /** Nobody can dial it. */
  readonly isBehindNat?: boolean
  /** The origin counts the hosts that hold the tree, and the others tell it of their copies; none of that when absent. */
  readonly copies?: 'told' | 'counted'
}

/** Who watches one host. */
export interface HostWatcher {
  /** The process starts, now with `swarm`; called before anything happens in it. */
  onStart(swarm: Swarm): void
  onStop(how: 'leaves' | 'crashes'): void
}

/** A host with the real engine on a simulated network. */
export class SimulatedHost implements NetworkNode {
  readonly plan: HostPlan
  readonly address: PeerAddress
  handshake: PeerHandshake
  readonly up: Line<Parcel>
  readonly down: Line<Parcel>
  readonly latencyMs: number
  readonly zone: string | undefined
  readonly traffic: Traffic = new Traffic()
  readonly falseMark: FalseMark
  readonly isBehindNat: boolean
  readonly quota: IncomingQuota | undefined
  /** The number by which it is known to those that count copies; the same in all its lives. */
  readonly hostId: Uint8Array
  /** What is on its disk; outlives a crash. */
  readonly stored: Bitfield
  startedMs: number = Number.POSITIVE_INFINITY
  completedMs: number = Number.POSITIVE_INFINITY
  firstPieceMs: number = Number.POSITIVE_INFINITY
  /** How long it was off between two lives in which it did not have everything. */
  awayMs = 0
  #stoppedMs = 0
  #knowsMetadata: boolean
  /** Swarms of this host that ended in a crash. */
  #lostBytes = { downloaded: 0, wasted: 0 }
  #swarm: Swarm | undefined
  #store: CountingStore | undefined
  #lives = 0
  #webSeed: WebSeed | undefined
  readonly #watchers: HostWatcher[] = []
  readonly #network: SimulatedNetwork
  readonly #torrent: SimulatedTorrent
  readonly #seed: number
  readonly #onComplete: (host: SimulatedHost) => void

  constructor(
    network: SimulatedNetwork,
    torrent: SimulatedTorrent,
    plan: HostPlan,
    seed: number,
    onComplete: (host: SimulatedHost) => void,
  ) {
    this.plan = plan
    this.#network = network
    this.#torrent = torrent
    this.#seed = seed
    this.#onComplete = onComplete
    this.address = plan.address
    this.latencyMs = plan.latencyMs
    this.zone = plan.rack
    this.falseMark = plan.lies ?? 0
    this.isBehindNat = plan.isBehindNat === true
    this.quota =
      plan.copies === 'counted'
        ? new IncomingQuota(Math.max(3, Math.ceil(this.#maxPeers / PEERS_PER_ADDRESS)), MOST_WITHOUT_HANDSHAKE)
        : undefined
    this.hostId = new SeededRandom(seed * 1_000_033 + plan.number).bytes(HOST_ID_BYTES)
    this.up = network.line(plan.upBytesPerSecond)
    this.down = network.line(plan.downBytesPerSecond)
    this.stored = new Bitfield(torrent.pieceCount)
    this.#knowsMetadata = plan.startsFromMagnet !== true
    if (plan.isOrigin === true || plan.lies !== undefined) this.stored.fill()
    this.handshake = this.#newHandshake()
  }

  /** From its next start on it asks `webSeed` too. */
  asks(webSeed: WebSeed): void {
    this.#webSeed = webSeed
  }

  watch(watcher: HostWatcher): void {
    this.#watchers.push(watcher)
  }

  get #maxPeers(): number {
    return this.plan.maxPeers ?? MAX_PEERS
  }

  get isComplete(): boolean {
    return this.stored.isComplete
  }

  get isRunning(): boolean {
    return this.#swarm !== undefined
  }

  /** Block bytes that came, and those of them that were of no use. */
  get received(): { readonly downloaded: number; readonly wasted: number } {
    const status = this.#swarm?.status()
    return {
      downloaded: this.#lostBytes.downloaded + (status?.downloadedBytes ?? 0),
      wasted: this.#lostBytes.wasted + (status?.wastedBytes ?? 0),
    }
  }

  /** How often its process was started. */
  get lives(): number {
    return this.#lives
  }

  get swarm(): Swarm | undefined {
    return this.#swarm
  }

  /** The process starts, with what is on the disk. */
  start(): void {
    const { events } = this.#network
    if (this.startedMs === Number.POSITIVE_INFINITY) this.startedMs = events.nowMs()
    else {
      if (!this.isComplete) this.awayMs += events.nowMs() - this.#stoppedMs
      this.handshake = this.#newHandshake()
    }
    const swarm = new Swarm({
      clock: events,
      random: new SeededRandom(this.#seed * 7_919 + this.plan.number * 31 + this.#lives++),
      dialer: this.#network.dialerOf(() => this),
      infoHash: this.#torrent.infoHash,
      peerId: this.handshake.peerId,
      listenPort: this.address.port,
      dhtPort: 0,
      mayDial: () => true,
      usesPeerExchange: true,
      maxPeers: this.#maxPeers,
      copies: this.plan.copies,
      upLimit: new RateLimit(events, Number.POSITIVE_INFINITY),
      downLimit: new RateLimit(events, Number.POSITIVE_INFINITY),
      clientName: 'distro',
      zone: this.zone,
      webSeedDelayMs: WEB_SEED_DELAY_MS,
    })
    swarm.events.on('piece', () => {
      this.firstPieceMs = Math.min(this.firstPieceMs, events.nowMs())
    })
    swarm.events.on('complete', () => {
      this.completedMs = Math.min(this.completedMs, events.nowMs())
      this.#onComplete(this)
    })
    this.#swarm = swarm
    this.#network.add(this)
    for (const watcher of this.#watchers) watcher.onStart(swarm)
    if (this.#knowsMetadata) this.#setTorrent(swarm)
    else swarm.events.on('metadata', () => events.soon(() => this.#setTorrent(swarm)))
    swarm.start()
  }

  /** The process ends: in order, saying good-bye, or by a crash, after which only what was stored is left. */
  stop(how: 'leaves' | 'crashes'): void {
    const swarm = this.#swarm
    if (swarm === undefined) return
    const { downloaded, wasted } = this.received
    this.#lostBytes = { downloaded, wasted }
    this.#stoppedMs = this.#network.events.nowMs()
    this.#swarm = undefined
    if (this.#store !== undefined) this.#store.isStopped = true
    this.#network.remove(this)
    if (how === 'crashes') this.#network.cut(this)
    swarm.stop()
    for (const watcher of this.#watchers) watcher.onStop(how)
  }

  accept(link: PeerLink): void {
    if (this.#swarm === undefined) link.close('nobody is there')
    else this.#swarm.accept(link)
  }

  meets(addresses: readonly PeerAddress[], origin: PeerOrigin = 'tracker'): void {
    this.#swarm?.addPeers(addresses, origin)
  }

  /** Its tree is in place. */
  tellCopy(): void {
    this.#swarm?.tellCopy({ hostId: this.hostId })
  }

  /** A process that starts again has another peer id. */
  #newHandshake(): PeerHandshake {
    return {
      infoHash: this.#torrent.infoHash,
      peerId: new SeededRandom(this.#seed * 1_000_003 + this.plan.number + this.#lives * 500_009).bytes(20),
      supportsFast: true,
      supportsExtensions: true,
      supportsDht: false,
      supportsV2: false,
    }
  }

  /** The info dictionary is known. */
  #setTorrent(swarm: Swarm): void {
    if (this.#swarm !== swarm) return
    this.#knowsMetadata = true
    const torrent = this.#torrent
    const store = new CountingStore(this.#network.events, torrent, this.stored)
    const everything = new Bitfield(torrent.pieceCount)
    everything.fill()
    this.#store = store
    swarm.setTorrent({ infoBytes: torrent.infoBytes, layout: torrent, store, wanted: everything, servable: everything })
    if (this.#webSeed !== undefined) swarm.addWebSeed(this.#webSeed, 'torrent')
  }
}
