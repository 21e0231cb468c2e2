import { KiB } from '../../../src/base/units.ts'
import { MemoryNetwork } from './memory-network.ts'
import { TestHost, type TestHostOptions } from './test-host.ts'
import { TestTorrent } from './test-torrent.ts'
import { VirtualClock } from './virtual-clock.ts'

/** What a swarm test needs: a clock, a network, a torrent, and hosts with numbers in the order in which they come. */
export class World {
  readonly clock: VirtualClock = new VirtualClock()
  readonly network: MemoryNetwork
  readonly torrent: TestTorrent
  readonly hosts: TestHost[] = []

  constructor(
    options: { readonly pieces?: number; readonly pieceBytes?: number; readonly latencyMs?: number; readonly infoBytes?: number } = {},
  ) {
    const { pieces = 32, pieceBytes = 64 * KiB } = options
    this.network = new MemoryNetwork(this.clock, options.latencyMs ?? 5)
    // The last piece and its last block are short, as in most torrents.
    this.torrent = new TestTorrent(pieces * pieceBytes - 1_234, pieceBytes, options.infoBytes)
  }

  seed(options: Partial<TestHostOptions> = {}): TestHost {
    return this.host({ verified: 'all', ...options })
  }

  leech(options: Partial<TestHostOptions> = {}): TestHost {
    return this.host(options)
  }

  host(options: Partial<TestHostOptions>): TestHost {
    const host = new TestHost(this.network, this.torrent, { number: this.hosts.length + 1, ...options })
    this.hosts.push(host)
    return host
  }

  /** Lets everybody know everybody. */
  introduceAll(): void {
    for (const host of this.hosts) host.meets(...this.hosts.filter((other) => other !== host))
  }

  /** Waits until all of `hosts` have everything, `limitMs` of the world's time at most. */
  async completes(hosts: readonly TestHost[], limitMs = 60_000): Promise<boolean> {
    return await this.clock.until(() => hosts.every((host) => host.isComplete), limitMs)
  }

  /** Everybody leaves; returns what was left behind, in words. */
  async leftBehind(): Promise<string[]> {
    for (const host of this.hosts) host.swarm.stop()
    await this.clock.advance(10_000)
    const found: string[] = []
    for (const { store, address } of this.hosts) {
      if (store.freeSlots !== store.slotCount) found.push(`${address.host} keeps ${store.slotCount - store.freeSlots} slots`)
    }
    for (const { near, far } of this.network.connections) if (!near.isClosed || !far.isClosed) found.push('an open connection')
    if (this.clock.pending > 0) found.push(`${this.clock.pending} timers`)
    return found
  }
}
