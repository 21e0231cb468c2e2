import { isLoopback } from './compact-address.ts'

/** One incoming connection as the quota sees it; `evict` ends it. */
export interface Visitor {
  readonly host: string
  evict(): void
}

// Demos, tests and forwarded ports put whole swarms behind the loopback address.
const maxPerLoopbackAddress = 64

/**
 * Who may come in: so many connections per address, and so many that have not shaken hands. A connection too many takes the place of
 * the oldest one that still owes its handshake, because whoever means well sends it at once: a flood of silent connections then
 * drives out itself and not the peers.
 */
export class IncomingQuota {
  readonly #maxPerAddress: number
  readonly #maxWithoutHandshake: number
  readonly #byHost = new Map<string, Set<Visitor>>()
  /** Those that owe their handshake, oldest first. */
  readonly #owing = new Set<Visitor>()

  constructor(maxPerAddress: number, maxWithoutHandshake: number) {
    this.#maxPerAddress = maxPerAddress
    this.#maxWithoutHandshake = maxWithoutHandshake
  }

  /** Lets `visitor` in, evicting another if need be; false if there is no place for it. */
  admit(visitor: Visitor): boolean {
    const neighbours = this.#byHost.get(visitor.host) ?? new Set()
    const limit = isLoopback(visitor.host) ? Math.max(maxPerLoopbackAddress, this.#maxPerAddress) : this.#maxPerAddress
    if (neighbours.size >= limit && !this.#evictFrom(neighbours)) return false
    if (this.#owing.size >= this.#maxWithoutHandshake) this.#evictFrom(this.#owing)
    neighbours.add(visitor)
    this.#byHost.set(visitor.host, neighbours)
    this.#owing.add(visitor)
    return true
  }

  /** `visitor` has shaken hands. */
  settle(visitor: Visitor): void {
    this.#owing.delete(visitor)
  }

  /** `visitor` is gone; saying it twice does no harm. */
  release(visitor: Visitor): void {
    this.#owing.delete(visitor)
    const neighbours = this.#byHost.get(visitor.host)
    if (neighbours?.delete(visitor) && neighbours.size === 0) this.#byHost.delete(visitor.host)
  }

  #evictFrom(visitors: ReadonlySet<Visitor>): boolean {
    for (const visitor of visitors) {
      if (!this.#owing.has(visitor)) continue
      this.release(visitor)
      visitor.evict()
      return true
    }
    return false
  }
}
