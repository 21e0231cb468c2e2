import type { PeerAddress } from '../../src/base/address.ts'
import { Bitfield } from '../../src/base/bitfield.ts'
import { RateLimit } from '../../src/base/rate-limit.ts'
import { Swarm } from '../../src/swarm/swarm.ts'
import type { WebSeed } from '../../src/web-seed/web-seed.ts'
import type { PeerHandshake, PeerLink } from '../../src/wire/link.ts'
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
  readonly handshake: PeerHandshake
  readonly up: Line<Parcel>
  readonly down: Line<Parcel>
  readonly latencyMs: number
  readonly zone: string | undefined
  readonly traffic: Traffic = new Traffic()
  readonly falseMark: FalseMark
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
    this.up = network.line(plan.upBytesPerSecond)
    this.down = network.line(plan.downBytesPerSecond)
    this.stored = new Bitfield(torrent.pieceCount)
    this.#knowsMetadata = plan.startsFromMagnet !== true
    if (plan.isOrigin === true || plan.lies !== undefined) this.stored.fill()
    this.handshake = {
      infoHash: torrent.infoHash,
      peerId: new SeededRandom(seed * 1_000_003 + plan.number).bytes(20),
      supportsFast: true,
      supportsExtensions: true,
      supportsDht: false,
      supportsV2: false,
    }
  }

  /** From its next start on it asks `webSeed` too. */
  asks(webSeed: WebSeed): void {
    this.#webSeed = webSeed
  }

  watch(watcher: HostWatcher): void {
    this.#watchers.push(watcher)
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

  get swarm(): Swarm | undefined {
    return this.#swarm
  }

  /** The process starts, with what is on the disk. */
  start(): void {
    const { events } = this.#network
    if (this.startedMs === Number.POSITIVE_INFINITY) this.startedMs = events.nowMs()
    else if (!this.isComplete) this.awayMs += events.nowMs() - this.#stoppedMs
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
      maxPeers: this.plan.maxPeers ?? MAX_PEERS,
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

  meets(addresses: readonly PeerAddress[]): void {
    this.#swarm?.addPeers(addresses, 'tracker')
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
