import type { PeerAddress } from '../../../src/base/address.ts'
import { Bitfield } from '../../../src/base/bitfield.ts'
import { RateLimit } from '../../../src/base/rate-limit.ts'
import { Swarm } from '../../../src/swarm/swarm.ts'
import type { PeerEvent, SwarmOptions } from '../../../src/swarm/swarm-types.ts'
import type { PeerHandshake, PeerLink } from '../../../src/wire/link.ts'
import { SeededRandom } from '../../support/seeded-random.ts'
import type { MemoryNetwork, NetworkHost } from './memory-network.ts'
import { MemoryStore, type MemoryStoreOptions } from './memory-store.ts'
import type { TestTorrent } from './test-torrent.ts'
import { Uplink } from './uplink.ts'

/** How a host differs from an ordinary leech. */
export interface TestHostOptions extends MemoryStoreOptions {
  /** The number of the host: its address, identity and chance follow from it. */
  readonly number: number
  readonly uploadBytesPerSecond?: number
  readonly supportsFast?: boolean
  /** Begins without the info dictionary and gets it from peers. */
  readonly startsWithoutMetadata?: boolean
  /** Pieces that it wants; all of them unless given. */
  readonly wanted?: readonly number[]
  readonly usesPeerExchange?: boolean
  readonly upLimit?: number
  readonly downLimit?: number
  readonly maxPeers?: number
  /** The zone that it is in; see `SwarmOptions`. */
  readonly zone?: string
  /** By which it looks for the info dictionary, in place of the right one; see `SwarmOptions`. */
  readonly infoHash?: Uint8Array
  /** See `SwarmOptions`. */
  readonly infoHashV2?: Uint8Array
  /** Whether it tells of its copy, and counts those of others; see `SwarmOptions`. */
  readonly copies?: SwarmOptions['copies']
  /** What it is called; see `SwarmOptions`. */
  readonly hostName?: string
  /** Instead of 10.0.x.y by number. */
  readonly host?: string
}

/** A host with a real swarm on a network, a clock and a store in memory. */
export class TestHost implements NetworkHost {
  readonly address: PeerAddress
  readonly uplink: Uplink
  readonly handshake: PeerHandshake
  readonly swarm: Swarm
  readonly store: MemoryStore
  readonly torrent: TestTorrent
  readonly peerEvents: PeerEvent[] = []
  completedMs: number = Number.POSITIVE_INFINITY
  /** Pieces in the order in which they were stored, with the time. */
  readonly pieceTimes: Map<number, number> = new Map()
  readonly #options: TestHostOptions

  constructor(network: MemoryNetwork, torrent: TestTorrent, options: TestHostOptions) {
    const { clock } = network
    const { number } = options
    this.#options = options
    this.torrent = torrent
    this.address = { host: options.host ?? `10.0.${number >> 8}.${number & 255}`, port: 6881 }
    this.uplink = new Uplink(clock, options.uploadBytesPerSecond ?? 10_000_000)
    this.handshake = {
      infoHash: torrent.infoHash,
      peerId: new SeededRandom(number * 7_919).bytes(20),
      supportsFast: options.supportsFast ?? true,
      supportsExtensions: true,
      supportsDht: false,
      supportsV2: options.trees !== undefined,
    }
    this.store = new MemoryStore(clock, torrent, options)
    this.swarm = new Swarm({
      clock,
      random: new SeededRandom(number),
      dialer: network.dialerOf(() => this),
      infoHash: options.infoHash ?? torrent.infoHash,
      infoHashV2: options.infoHashV2,
      peerId: this.handshake.peerId,
      listenPort: this.address.port,
      dhtPort: 0,
      mayDial: () => true,
      usesPeerExchange: options.usesPeerExchange ?? false,
      maxPeers: options.maxPeers ?? 50,
      upLimit: new RateLimit(clock, options.upLimit ?? Number.POSITIVE_INFINITY),
      downLimit: new RateLimit(clock, options.downLimit ?? Number.POSITIVE_INFINITY),
      clientName: `test ${number}`,
      zone: options.zone,
      copies: options.copies,
      hostName: options.hostName,
    })
    this.swarm.events.on('complete', () => {
      this.completedMs = clock.nowMs()
    })
    this.swarm.events.on('peer', (event) => this.peerEvents.push(event))
    this.swarm.events.on('piece', (piece) => this.pieceTimes.set(piece, clock.nowMs()))
    // As in the program, where the store is opened in between, the torrent comes a moment after its dictionary.
    this.swarm.events.on('metadata', () => clock.after(1, () => void this.#takeTorrentWithLayers()))
    if (options.startsWithoutMetadata !== true) this.#takeTorrent()
    network.add(this)
    this.swarm.start()
  }

  get isComplete(): boolean {
    return this.completedMs < Number.POSITIVE_INFINITY
  }

  /** True if every byte here is right. */
  get isIntact(): boolean {
    return Buffer.compare(this.store.content, this.torrent.content) === 0
  }

  /** Peers that it banned, as addresses. */
  get banned(): Set<string> {
    return new Set(this.peerEvents.filter((event) => event.kind === 'banned').map((event) => event.address.host))
  }

  accept(link: PeerLink): void {
    this.swarm.accept(link)
  }

  /** Learns of other hosts. */
  meets(...others: readonly NetworkHost[]): void {
    this.swarm.addPeers(
      others.map((other) => other.address),
      'static',
    )
  }

  /** As in the program: the content is opened once the piece layers are known, which a torrent of v2 cannot do without. */
  async #takeTorrentWithLayers(): Promise<void> {
    const { trees } = this.#options
    if (trees === undefined || (await this.swarm.seekLayers(trees, { isRequired: true }))) this.#takeTorrent()
  }

  #takeTorrent(): void {
    const { torrent, store } = this
    const all = Array.from({ length: torrent.pieceCount }, (_, piece) => piece)
    const wanted = new Bitfield(torrent.pieceCount)
    for (const piece of this.#options.wanted ?? all) wanted.add(piece)
    const servable = new Bitfield(torrent.pieceCount)
    servable.fill()
    this.swarm.setTorrent({ infoBytes: torrent.infoBytes, layout: torrent, store, wanted, servable, trees: this.#options.trees })
  }
}
