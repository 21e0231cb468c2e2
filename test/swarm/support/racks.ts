import type { NetworkHost } from './memory-network.ts'
import type { TestHost, TestHostOptions } from './test-host.ts'
import { Uplink } from './uplink.ts'
import { World } from './world.ts'

/** How a world of racks differs from two racks of eight hosts with 100 Mbit/s each and 20 Mbit/s between them. */
export interface RackOptions {
  readonly pieces?: number
  readonly pieceBytes?: number
  readonly racks?: number
  readonly hostsPerRack?: number
  readonly hostBytesPerSecond?: number
  readonly uplinkBytesPerSecond?: number
  /** The zones that hosts tell; those of the racks unless given. */
  readonly zoneOf?: (rack: number) => string | undefined
  readonly host?: Partial<TestHostOptions>
}

/** Racks of hosts, each rack with one line out that its hosts share, and an origin in the first. */
export class Racks {
  readonly world: World
  readonly origin: TestHost
  /** The hosts of each rack, without the origin. */
  readonly racks: readonly TestHost[][]
  /** Bytes of one copy divided by the rate of a line out, in milliseconds: no rack can have it sooner. */
  readonly boundMs: number
  readonly #rackOf = new Map<string, number>()
  readonly #join: Partial<TestHostOptions>
  readonly #zoneOf: (rack: number) => string | undefined

  constructor(options: RackOptions = {}) {
    const { racks = 2, hostsPerRack = 8, hostBytesPerSecond = 12_500_000, uplinkBytesPerSecond = 2_500_000 } = options
    const zoneOf = options.zoneOf ?? ((rack: number): string => `rack-${rack}`)
    this.world = new World({ pieces: options.pieces ?? 256, pieceBytes: options.pieceBytes ?? 65_536, latencyMs: 1 })
    const { network, clock } = this.world
    const lines = Array.from({ length: racks }, () => new Uplink(clock, uplinkBytesPerSecond))
    network.route = (from, to) => {
      const rack = this.#rackOf.get(from.address.host)
      return rack === undefined || rack === this.#rackOf.get(to.address.host) ? undefined : lines[rack]
    }
    this.#join = { uploadBytesPerSecond: hostBytesPerSecond, maxPeers: 200, ...options.host }
    this.#zoneOf = zoneOf
    this.origin = this.add(0, 1, { verified: 'all' })
    this.racks = Array.from({ length: racks }, (_, rack) =>
      Array.from({ length: hostsPerRack }, (_host, index) => this.add(rack, index + 2, {})),
    )
    this.boundMs = this.world.torrent.content.length / (uplinkBytesPerSecond / 1_000)
  }

  /** One more host in a rack; `index` is the end of its address. */
  add(rack: number, index: number, changes: Partial<TestHostOptions>): TestHost {
    const host = `10.${rack}.0.${index}`
    this.#rackOf.set(host, rack)
    const zone = this.#zoneOf(rack)
    return this.world.host({ host, ...this.#join, ...(zone === undefined ? {} : { zone }), ...changes })
  }

  /** True if `host` is in `rack`. */
  isIn(rack: number, host: NetworkHost): boolean {
    return this.#rackOf.get(host.address.host) === rack
  }

  /** Everybody but the origin. */
  get hosts(): TestHost[] {
    return this.racks.flat()
  }

  /** Block bytes that went from one rack to another so far, in copies of the content. */
  copiesAcross(from: number, to: number): number {
    let bytes = 0
    for (const { from: dialler, to: dialled, near, far } of this.world.network.connections) {
      const [first, second] = [this.#rackOf.get(dialler.address.host), this.#rackOf.get(dialled.address.host)]
      if (first === from && second === to) bytes += near.trace.blockBytesSent
      if (first === to && second === from) bytes += far.trace.blockBytesSent
    }
    return bytes / this.world.torrent.content.length
  }
}
