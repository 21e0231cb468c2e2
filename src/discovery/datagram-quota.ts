import type { Clock } from '../base/clock.ts'
import { RateLimit } from '../base/rate-limit.ts'

const PER_ADDRESS_A_SECOND = 100
const IN_ALL_A_SECOND = 1_000
const BURST_MS = 3_000
const MAX_ADDRESSES = 4_096

/**
 * How many questions a second are heard: 100 from one address and 1,000 from all together, with three seconds' worth saved up.
 * Answers need no quota: there are never more of them than we asked for.
 */
export class DatagramQuota {
  readonly #clock: Clock
  readonly #all: RateLimit
  readonly #byHost = new Map<string, RateLimit>()

  constructor(clock: Clock) {
    this.#clock = clock
    this.#all = new RateLimit(clock, IN_ALL_A_SECOND, BURST_MS)
  }

  /** True if one more question from `host` may be heard now; counts it then. */
  take(host: string): boolean {
    const limit = this.#limitOf(host)
    if (limit.waitMs() > 0 || this.#all.waitMs() > 0) return false
    limit.take(1)
    this.#all.take(1)
    return true
  }

  #limitOf(host: string): RateLimit {
    const known = this.#byHost.get(host)
    if (known !== undefined) return known
    for (const oldest of this.#byHost.keys()) {
      if (this.#byHost.size < MAX_ADDRESSES) break
      this.#byHost.delete(oldest)
    }
    const limit = new RateLimit(this.#clock, PER_ADDRESS_A_SECOND, BURST_MS)
    this.#byHost.set(host, limit)
    return limit
  }
}
