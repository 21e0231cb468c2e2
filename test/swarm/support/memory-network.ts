import { formatAddress, type PeerAddress } from '../../../src/base/address.ts'
import type { Timer } from '../../../src/base/clock.ts'
import type { Dialer, DialOutcome, OwnHandshake, PeerHandshake, PeerLink } from '../../../src/wire/link.ts'
import { type LinkEnd, MemoryLink } from './memory-link.ts'
import type { Uplink } from './uplink.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** A host as the network sees it. */
export interface NetworkHost {
  readonly address: PeerAddress
  readonly uplink: Uplink
  readonly handshake: PeerHandshake
  accept(link: PeerLink): void
}

/** One connection with both of its ends. */
export interface Connection {
  readonly from: NetworkHost
  readonly to: NetworkHost
  readonly near: MemoryLink
  readonly far: MemoryLink
}

/** Hosts that reach each other by address, in memory. */
export class MemoryNetwork {
  readonly clock: VirtualClock
  readonly latencyMs: number
  /** Every connection that was ever made, in order. */
  readonly connections: Connection[] = []
  dials = 0
  /** Hosts that hang up on whoever dials them, before a word was said. */
  readonly hangingUp: Set<NetworkHost> = new Set()
  /** The line that everything from one host to another shares with others, beside the host's own; none unless a test says so. */
  route: (from: NetworkHost, to: NetworkHost) => Uplink | undefined = () => undefined
  /** Hosts at which a dial ends neither well nor badly. */
  readonly isSilentAt: Set<NetworkHost> = new Set()
  readonly #hosts = new Map<string, NetworkHost>()
  #lastPort = 50_000

  constructor(clock: VirtualClock, latencyMs = 5) {
    this.clock = clock
    this.latencyMs = latencyMs
  }

  add(host: NetworkHost): void {
    this.#hosts.set(formatAddress(host.address), host)
  }

  /** The host goes away: its connections end, and nobody answers at its address. */
  remove(host: NetworkHost): void {
    this.#hosts.delete(formatAddress(host.address))
    for (const { from, to, near } of this.connections) if (from === host || to === host) near.cut()
  }

  /** Connects two hosts at once and hands each its end. */
  connect(from: NetworkHost, to: NetworkHost): MemoryLink {
    const { near, far } = this.#link(from, to)
    to.accept(far)
    return near
  }

  /** What opens connections from `from`. Handshakes take a round trip. */
  dialerOf(from: () => NetworkHost): Dialer {
    return {
      dial: (address: PeerAddress, _own: OwnHandshake, done: (outcome: DialOutcome) => void): Timer => {
        this.dials++
        return this.clock.after(2 * this.latencyMs, () => {
          const to = this.#hosts.get(formatAddress(address))
          if (to === undefined) {
            done({ failure: 'nobody answers', spokeBitTorrent: false })
            return
          }
          if (this.isSilentAt.has(to)) return
          if (this.hangingUp.has(to)) {
            done({ failure: 'hung up', spokeBitTorrent: false, isTurnedAway: true })
            return
          }
          const { near, far } = this.#link(from(), to)
          to.accept(far)
          done({ link: near })
        })
      },
    }
  }

  #link(from: NetworkHost, to: NetworkHost): Connection {
    // Whoever dials comes from a port of its own, not from the one on which it listens.
    const source: LinkEnd = { ...endOf(from), shared: this.route(from, to), address: { host: from.address.host, port: ++this.#lastPort } }
    const [near, far] = MemoryLink.pair(this.clock, this.latencyMs, source, { ...endOf(to), shared: this.route(to, from) })
    const connection: Connection = { from, to, near, far }
    this.connections.push(connection)
    return connection
  }
}

function endOf(host: NetworkHost): LinkEnd {
  return { address: host.address, handshake: host.handshake, uplink: host.uplink }
}
