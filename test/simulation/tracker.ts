import type { PeerAddress } from '../../src/base/address.ts'
import type { Random } from '../../src/base/random.ts'

/** Addresses in one answer, as most trackers give. */
const ANSWER_LENGTH = 50

/** Tells hosts of each other: each announce is answered with others at random, whoever they are. */
export class SimulatedTracker {
  readonly #random: Random
  readonly #known: PeerAddress[] = []
  readonly #places = new Map<PeerAddress, number>()

  constructor(random: Random) {
    this.#random = random
  }

  /** Remembers `address` and returns up to 50 others. */
  announce(address: PeerAddress): PeerAddress[] {
    const answer = new Set<PeerAddress>()
    const wanted = Math.min(ANSWER_LENGTH, this.#known.length - (this.#places.has(address) ? 1 : 0))
    while (answer.size < wanted) {
      const other = this.#known[this.#random.below(this.#known.length)]
      if (other !== undefined && other !== address) answer.add(other)
    }
    if (!this.#places.has(address)) {
      this.#places.set(address, this.#known.length)
      this.#known.push(address)
    }
    return [...answer]
  }

  /** Forgets `address`: its host said good-bye. */
  leave(address: PeerAddress): void {
    const place = this.#places.get(address)
    if (place === undefined) return
    const last = this.#known.pop()
    this.#places.delete(address)
    if (last === undefined || last === address) return
    this.#known[place] = last
    this.#places.set(last, place)
  }
}
