import { IncomingQuota, type Visitor } from '../wire/incoming-quota.ts'
import { subnetOf } from '../wire/subnet.ts'
import { WEB_SERVER_LIMITS } from './web-server-limits.ts'

/** One connection as each of the two quotas knows it. */
interface Guest {
  readonly byAddress: Visitor
  readonly byNetwork: Visitor
}

/**
 * Who may come in: so many connections of one address, and so many of one IPv6 /64, for a single host has all addresses of it. The second
 * bound is the wider one, because a /64 may as well be a rack of hosts.
 */
export class Places {
  readonly #addresses: IncomingQuota
  readonly #networks: IncomingQuota
  readonly #guests = new Map<Visitor, Guest>()

  constructor() {
    const { connectionsPerAddress, connectionsPerNetwork, silentConnections } = WEB_SERVER_LIMITS
    this.#addresses = new IncomingQuota(connectionsPerAddress, silentConnections)
    this.#networks = new IncomingQuota(connectionsPerNetwork, Number.POSITIVE_INFINITY)
  }

  /** Lets `visitor` in, evicting one that has not asked for anything yet if need be; false if there is no place for it. */
  admit(visitor: Visitor): boolean {
    const { host } = visitor
    const evict = (): void => {
      this.release(visitor)
      visitor.evict()
    }
    const guest = { byAddress: { host, evict }, byNetwork: { host: networkOf(host), evict } }
    if (!this.#addresses.admit(guest.byAddress)) return false
    if (!this.#networks.admit(guest.byNetwork)) {
      this.#addresses.release(guest.byAddress)
      return false
    }
    this.#guests.set(visitor, guest)
    return true
  }

  /** `visitor` has asked for something. */
  settle(visitor: Visitor): void {
    const guest = this.#guests.get(visitor)
    if (guest === undefined) return
    this.#addresses.settle(guest.byAddress)
    this.#networks.settle(guest.byNetwork)
  }

  /** `visitor` is gone; saying it twice does no harm. */
  release(visitor: Visitor): void {
    const guest = this.#guests.get(visitor)
    if (guest === undefined) return
    this.#guests.delete(visitor)
    this.#addresses.release(guest.byAddress)
    this.#networks.release(guest.byNetwork)
  }
}

function networkOf(host: string): string {
  return host.includes(':') ? (subnetOf(host) ?? host) : host
}
