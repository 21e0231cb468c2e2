import { formatAddress, type PeerAddress } from '../../src/base/address.ts'
import type { Timer } from '../../src/base/clock.ts'
import type { IncomingQuota, Visitor } from '../../src/wire/incoming-quota.ts'
import type { Dialer, DialOutcome, OwnHandshake, PeerHandshake, PeerLink } from '../../src/wire/link.ts'
import type { EventQueue } from './event-queue.ts'
import { Line } from './line.ts'
import type { Parcel } from './parcel.ts'
import { ParcelPool } from './parcel-pool.ts'
import { SimulatedLink } from './simulated-link.ts'
import type { Traffic } from './traffic.ts'
import { Way, type WayEnds } from './way.ts'

/** TCP gives up on an address that does not answer. */
const DIAL_TIMEOUT_MS = 5_000

/** A host as the network sees it. */
export interface NetworkNode {
  readonly address: PeerAddress
  readonly handshake: PeerHandshake
  readonly up: Line<Parcel>
  readonly down: Line<Parcel>
  /** From the host to the middle of the network, one way. */
  readonly latencyMs: number
  /** The rack that it stands in; undefined for none. */
  readonly zone: string | undefined
  readonly traffic: Traffic
  /** What its blocks are marked with; 0 for right ones. */
  readonly falseMark: number
  /** Nobody can dial it. */
  readonly isBehindNat: boolean
  /** Who may come in, as with a real socket that listens; undefined lets everybody in. */
  readonly quota: IncomingQuota | undefined
  accept(link: PeerLink): void
}

/** What lies between two racks: one line out of each and one line into each. */
export interface ZoneLines {
  readonly out: Line<Parcel>
  readonly in: Line<Parcel>
}

interface Connection {
  readonly from: NetworkNode
  readonly to: NetworkNode
  readonly near: SimulatedLink
  readonly far: SimulatedLink
}

/** A socket that a node with a quota holds, or turned away. */
interface Visit {
  isOver: boolean
  end(): void
}

/** One end of a connection that is being made. */
interface EndOfLink {
  readonly of: NetworkNode
  readonly to: NetworkNode
  /** Where the other end seems to be. */
  readonly address: PeerAddress
  readonly direction: PeerLink['direction']
  readonly onClosed: () => void
}

/** Hosts that reach each other by address over lines of limited capacity, in virtual time. */
export class SimulatedNetwork {
  readonly events: EventQueue
  readonly #scale: number
  readonly #parcels = new ParcelPool()
  readonly #nodes = new Map<string, NetworkNode>()
  readonly #zones = new Map<string, ZoneLines>()
  readonly #connections = new Map<NetworkNode, Set<Connection>>()
  /** True if nothing gets from one to the other at this moment. */
  #isParted: (from: NetworkNode, to: NetworkNode) => boolean = () => false
  #lastPort = 1_024
  connectionsMade = 0

  /** A block is `scale` times as long as a real one. */
  constructor(events: EventQueue, scale = 1) {
    this.events = events
    this.#scale = scale
  }

  line(bytesPerSecond: number): Line<Parcel> {
    return new Line<Parcel>(this.events, bytesPerSecond)
  }

  /** Puts lines of this capacity around `zone`. */
  addZone(zone: string, bytesPerSecond: number): ZoneLines {
    const lines = { out: this.line(bytesPerSecond), in: this.line(bytesPerSecond) }
    this.#zones.set(zone, lines)
    return lines
  }

  add(node: NetworkNode): void {
    this.#nodes.set(formatAddress(node.address), node)
  }

  /** From now on nobody answers at the host's address. */
  remove(node: NetworkNode): void {
    this.#nodes.delete(formatAddress(node.address))
  }

  /** Everybody sees the connections of the host break. */
  cut(node: NetworkNode): void {
    for (const connection of [...this.#connectionSet(node)]) this.#cut(connection)
  }

  /** From now on nothing passes between the hosts for which `isParted` holds; connections between them break. */
  part(isParted: (from: NetworkNode, to: NetworkNode) => boolean): void {
    this.#isParted = isParted
    for (const connections of [...this.#connections.values()]) {
      for (const connection of [...connections]) if (isParted(connection.from, connection.to)) this.#cut(connection)
    }
  }

  /** The connections that `node` has at this moment. */
  connectionsOf(node: NetworkNode): number {
    return this.#connections.get(node)?.size ?? 0
  }

  /** One direction of a connection in which no messages of peers go, such as an HTTP response. */
  way(from: NetworkNode, to: NetworkNode, ends: WayEnds): Way {
    return new Way(this.events, this.#parcels, this.#route(from, to), from.latencyMs + to.latencyMs, ends)
  }

  /** An empty parcel, to be given back when it was read. */
  get parcels(): ParcelPool {
    return this.#parcels
  }

  /** What opens connections from `from`. Both handshakes take a round trip each. */
  dialerOf(from: () => NetworkNode): Dialer {
    return {
      dial: (address: PeerAddress, _own: OwnHandshake, done: (outcome: DialOutcome) => void): Timer => {
        const near = from()
        const to = this.#nodes.get(formatAddress(address))
        const oneWayMs = near.latencyMs + (to?.latencyMs ?? near.latencyMs)
        const isReached = to !== undefined && !to.isBehindNat && !this.#isParted(near, to)
        const visit = isReached && to.quota !== undefined ? this.#visit(near, to.quota, oneWayMs) : undefined
        const delayMs = isReached ? 4 * oneWayMs : to === undefined ? 2 * oneWayMs : DIAL_TIMEOUT_MS
        const end = this.events.after(delayMs, () => {
          const now = this.#nodes.get(formatAddress(address))
          if (!isReached || now === undefined || this.#isParted(near, now)) done({ failure: 'nobody answers', spokeBitTorrent: false })
          else if (now === near) done({ failure: 'it is ourselves', spokeBitTorrent: true, isSelf: true })
          else if (visit?.isOver === true) done({ failure: 'hung up', spokeBitTorrent: false, isTurnedAway: true })
          else {
            const connection = this.#connect(near, now, visit)
            now.accept(connection.far)
            done({ link: connection.near })
          }
        })
        return {
          cancel: () => {
            visit?.end()
            end.cancel()
          },
        }
      },
    }
  }

  /** A socket of `near` arrives where `quota` says who may come in, and says what it wants a round trip later. */
  #visit(near: NetworkNode, quota: IncomingQuota, oneWayMs: number): Visit {
    const visitor: Visitor = { host: near.address.host, evict: () => visit.end() }
    const visit: Visit = {
      isOver: false,
      end: () => {
        visit.isOver = true
        quota.release(visitor)
      },
    }
    this.events.after(oneWayMs, () => {
      if (!visit.isOver && !quota.admit(visitor)) visit.end()
    })
    this.events.after(3 * oneWayMs, () => quota.settle(visitor))
    return visit
  }

  #connect(from: NetworkNode, to: NetworkNode, visit: Visit | undefined): Connection {
    this.connectionsMade++
    from.traffic.otherBytes += 68
    to.traffic.otherBytes += 68
    this.#lastPort = this.#lastPort < 65_535 ? this.#lastPort + 1 : 1_024
    // Whoever dials comes from a port of its own, not from the one on which it listens.
    const source = { host: from.address.host, port: this.#lastPort }
    const onClosed = (): void => {
      if (far.isClosed) visit?.end()
      if (!near.isClosed || !far.isClosed) return
      this.#connectionSet(from).delete(connection)
      this.#connectionSet(to).delete(connection)
    }
    const near = this.#linkEnd({ of: from, to, address: to.address, direction: 'outgoing', onClosed })
    const far = this.#linkEnd({ of: to, to: from, address: source, direction: 'incoming', onClosed })
    SimulatedLink.join(near, far)
    const connection = { from, to, near, far }
    for (const node of [from, to]) this.#connectionSet(node).add(connection)
    return connection
  }

  /** Written out rather than spread from common parts: objects that are made so share one hidden class, and are read twice as fast. */
  #linkEnd({ of, to, address, direction, onClosed }: EndOfLink): SimulatedLink {
    return new SimulatedLink({
      events: this.events,
      parcels: this.#parcels,
      address,
      direction,
      peer: to.handshake,
      route: this.#route(of, to),
      latencyMs: of.latencyMs + to.latencyMs,
      traffic: of.traffic,
      scale: this.#scale,
      falseMark: of.falseMark,
      onClosed,
    })
  }

  #route(from: NetworkNode, to: NetworkNode): Line<Parcel>[] {
    if (from.zone === to.zone) return [from.up, to.down]
    const [out, into] = [this.#zones.get(from.zone ?? '')?.out, this.#zones.get(to.zone ?? '')?.in]
    return [from.up, out, into, to.down].filter((line) => line !== undefined)
  }

  #cut({ near, far }: Connection): void {
    near.cut()
    far.cut()
  }

  #connectionSet(node: NetworkNode): Set<Connection> {
    let connections = this.#connections.get(node)
    if (connections === undefined) {
      connections = new Set()
      this.#connections.set(node, connections)
    }
    return connections
  }
}
