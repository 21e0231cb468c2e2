import { formatAddress, type PeerAddress } from '../base/address.ts'
import type { Clock } from '../base/clock.ts'

const REPEAT_MS = 20_000
const MAX_ADDRESSES = 1_000

/** Passes each address on at most once in 20 s, so that look-ups every other second do not tell the swarm the same thing each time. */
export class RecentPeers {
  readonly #clock: Clock
  readonly #toldMs = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Those of `addresses` that were not passed on lately. */
  fresh(addresses: readonly PeerAddress[]): readonly PeerAddress[] {
    const nowMs = this.#clock.nowMs()
    return addresses.filter((address) => {
      const key = formatAddress(address)
      const toldMs = this.#toldMs.get(key)
      if (toldMs !== undefined && nowMs - toldMs < REPEAT_MS) return false
      this.#toldMs.delete(key)
      this.#toldMs.set(key, nowMs)
      this.#forgetOldest()
      return true
    })
  }

  #forgetOldest(): void {
    for (const key of this.#toldMs.keys()) {
      if (this.#toldMs.size <= MAX_ADDRESSES) return
      this.#toldMs.delete(key)
    }
  }
}
