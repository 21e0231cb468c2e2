import { onTestFinished } from 'vitest'
import type { PeerAddress } from '../../../src/base/address.ts'
import { Bitfield } from '../../../src/base/bitfield.ts'
import { RateLimit } from '../../../src/base/rate-limit.ts'
import { systemClock } from '../../../src/base/system-clock.ts'
import { systemRandom } from '../../../src/base/system-random.ts'
import { Swarm } from '../../../src/swarm/swarm.ts'
import type { PeerEvent } from '../../../src/swarm/swarm-types.ts'
import { TcpTransport } from '../../../src/wire/tcp-transport.ts'
import { SeededRandom } from '../../support/seeded-random.ts'
import { MemoryStore, type MemoryStoreOptions } from './memory-store.ts'
import type { TestTorrent } from './test-torrent.ts'

/** How a host on real sockets differs from an ordinary one. */
export interface RealHostOptions extends MemoryStoreOptions {
  /** An address of loopback. */
  readonly host: string
  readonly upLimit?: number
  /** Begins without the info dictionary, and asks peers for it and for what its trees lack. */
  readonly startsWithoutMetadata?: boolean
}

/** A host of a v2 torrent with a real swarm on real sockets, and its content in memory; it leaves when the test is over. */
export class RealHost {
  readonly address: PeerAddress
  readonly swarm: Swarm
  readonly store: MemoryStore
  readonly peerEvents: PeerEvent[] = []

  private constructor(address: PeerAddress, swarm: Swarm, store: MemoryStore) {
    this.address = address
    this.swarm = swarm
    this.store = store
    swarm.events.on('peer', (event) => this.peerEvents.push(event))
  }

  static async start(torrent: TestTorrent, options: RealHostOptions): Promise<RealHost> {
    const { host, trees, upLimit = Number.POSITIVE_INFINITY } = options
    const transport = new TcpTransport({ clock: systemClock, localAddress: host })
    const { infoHash, infoHashV2 } = torrent
    const own = { infoHash, infoHashV2, peerId: new SeededRandom(Number(host.split('.')[3])).bytes(20), supportsDht: false }
    const { port } = await transport.listen({ host, port: 0, accepts: () => own, onLink: (link) => swarm.accept(link) })
    const swarm = new Swarm({
      clock: systemClock,
      random: systemRandom,
      dialer: transport,
      infoHash,
      infoHashV2,
      peerId: own.peerId,
      listenPort: port,
      dhtPort: 0,
      usesPeerExchange: false,
      maxPeers: 50,
      upLimit: new RateLimit(systemClock, upLimit),
      downLimit: new RateLimit(systemClock, Number.POSITIVE_INFINITY),
      mayDial: () => true,
      clientName: host,
    })
    const store = new MemoryStore(systemClock, torrent, options)
    const all = new Bitfield(torrent.pieceCount)
    all.fill()
    const begin = (): void => swarm.setTorrent({ infoBytes: torrent.infoBytes, layout: torrent, store, wanted: all, servable: all, trees })
    swarm.events.on('metadata', () => {
      void Promise.resolve(trees === undefined || swarm.seekLayers(trees, { isRequired: true })).then((isComplete) => {
        if (isComplete) begin()
      })
    })
    if (options.startsWithoutMetadata !== true) begin()
    swarm.start()
    onTestFinished(async () => {
      swarm.stop()
      await transport.close()
    })
    return new RealHost({ host, port }, swarm, store)
  }

  /** Addresses of the hosts that it banned. */
  get banned(): string[] {
    return this.peerEvents.filter(({ kind }) => kind === 'banned').map(({ address }) => address.host)
  }

  /** Learns of other hosts. */
  meets(...others: readonly RealHost[]): void {
    this.swarm.addPeers(
      others.map(({ address }) => address),
      'static',
    )
  }
}
