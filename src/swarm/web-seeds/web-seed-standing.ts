import type { Random } from '../../base/random.ts'
import type { WebSeedFailure } from '../../web-seed/web-seed.ts'

/** After the first failure in a row, and so many times longer after each further one, up to the longest. */
const FIRST_BACK_OFF_MS = 5_000
const GROWTH = 4
const LONGEST_BACK_OFF_MS = 300_000
/** By chance up to so much of it longer: the hosts of a fleet, which failed together, should not come back together. */
const MOST_JITTER = 0.25
const JITTER_STEPS = 1_000
/** So many failures in a row, and it is not asked again. */
const STRIKES = 5

/** What a web seed has to answer for: how often it failed in a row, until when it is left alone, and whether for good. */
export class WebSeedStanding {
  strikes = 0
  isOut = false
  lastFailure: string | undefined
  readonly #random: Random
  #busyTimes = 0
  #retryMs = 0

  constructor(random: Random) {
    this.#random = random
  }

  /** When it may be asked again, by the clock that its failures were told with. */
  get retryMs(): number {
    return this.#retryMs
  }

  /** A whole range came. */
  onSuccess(): void {
    this.strikes = 0
    this.#busyTimes = 0
  }

  /** A range did not come. A server that says that it is busy is left alone for longer each time, and that is no strike. */
  onFailure(failure: WebSeedFailure, nowMs: number): void {
    this.lastFailure = failure.message
    if (failure.kind === 'busy') this.#busyTimes++
    else this.strikes++
    if (failure.isFinal || this.strikes >= STRIKES) {
      this.isOut = true
      return
    }
    const times = failure.kind === 'busy' ? this.#busyTimes : this.strikes
    const backOffMs = failure.retryAfterMs ?? FIRST_BACK_OFF_MS * GROWTH ** (times - 1)
    const jitter = (MOST_JITTER * this.#random.below(JITTER_STEPS)) / JITTER_STEPS
    this.#retryMs = nowMs + Math.round(Math.min(LONGEST_BACK_OFF_MS, Math.max(FIRST_BACK_OFF_MS, backOffMs)) * (1 + jitter))
  }

  /** It does not have a part of the content. That is a strike, but a plain answer, after which it may be asked for the rest at once. */
  onLack(failure: WebSeedFailure): void {
    this.lastFailure = failure.message
    this.strikes++
    if (this.strikes >= STRIKES) this.isOut = true
  }

  /** It is not asked again, because of what `message` says. */
  exclude(message: string): void {
    this.isOut = true
    this.lastFailure = message
  }
}
