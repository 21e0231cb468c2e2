import type { Clock, Timer } from './clock.ts'

/**
 * A token bucket: `bytesPerSecond` flow in, what is taken flows out, and up to `burstMs` worth may be saved up.
 * Taking may overdraw it, so that one large message passes at once and the next ones wait for it: the average is exact
 * without cutting messages into slices.
 */
export class RateLimit {
  readonly #clock: Clock
  readonly #bytesPerMs: number
  readonly #burstBytes: number
  #availableBytes: number
  #filledMs: number
  readonly #waiting = new Set<() => void>()
  #timer: Timer | undefined
  #isServing = false

  /** `bytesPerSecond` may be `Infinity`: no limit. */
  constructor(clock: Clock, bytesPerSecond: number, burstMs = 50) {
    this.#clock = clock
    this.#bytesPerMs = bytesPerSecond / 1_000
    this.#burstBytes = Math.max(1, this.#bytesPerMs * burstMs)
    this.#availableBytes = this.#burstBytes
    this.#filledMs = clock.nowMs()
  }

  /** What flows in; `Infinity` without a limit. */
  get bytesPerSecond(): number {
    return this.#bytesPerMs * 1_000
  }

  get isUnlimited(): boolean {
    return this.#bytesPerMs === Number.POSITIVE_INFINITY
  }

  /** What may pass at once without overdrawing, in bytes. */
  get burstBytes(): number {
    return this.#burstBytes
  }

  /** Takes `bytes`, overdrawing if need be. */
  take(bytes: number): void {
    if (!this.isUnlimited) this.#availableBytes -= bytes
  }

  /** Milliseconds until the bucket is out of debt; 0 when something may pass now. */
  waitMs(): number {
    if (this.isUnlimited) return 0
    const nowMs = this.#clock.nowMs()
    this.#availableBytes = Math.min(this.#burstBytes, this.#availableBytes + (nowMs - this.#filledMs) * this.#bytesPerMs)
    this.#filledMs = nowMs
    return this.#availableBytes > 0 ? 0 : Math.ceil((1 - this.#availableBytes) / this.#bytesPerMs)
  }

  /** True if something may pass now: the bucket is out of debt, and nobody who came earlier waits for that. */
  get isFree(): boolean {
    return (this.#isServing || this.#waiting.size === 0) && this.waitMs() === 0
  }

  /**
   * Calls `run` when it may take something, but not before this call has returned. Whoever waits gets its turn in the order in which
   * it came: two who share a limit and always want more get half of it each.
   */
  whenFree(run: () => void): Timer {
    const waiter = (): void => run()
    this.#waiting.add(waiter)
    this.#plan()
    return {
      cancel: () => {
        this.#waiting.delete(waiter)
        if (this.#waiting.size > 0) return
        this.#timer?.cancel()
        this.#timer = undefined
      },
    }
  }

  #plan(): void {
    if (this.#waiting.size === 0 || this.#isServing) return
    this.#timer ??= this.#clock.after(this.waitMs(), () => {
      this.#timer = undefined
      this.#serve()
    })
  }

  #serve(): void {
    this.#isServing = true
    try {
      for (const waiter of this.#waiting) {
        if (this.waitMs() > 0) break
        this.#waiting.delete(waiter)
        waiter()
      }
    } finally {
      this.#isServing = false
      this.#plan()
    }
  }
}
