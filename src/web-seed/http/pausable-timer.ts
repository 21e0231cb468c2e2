import type { Clock, Timer } from '../../base/clock.ts'

/** A time of its own, which stands still while it is paused and goes on from there, and one timer that runs by it. */
export class PausableTimer {
  readonly #clock: Clock
  #timer: Timer | undefined
  #waiting: { readonly dueMs: number; readonly run: () => void } | undefined
  #pausedAtMs: number | undefined
  #pausedMs = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The time of the clock without all pauses; only good to be compared with another such time. */
  nowMs(): number {
    return (this.#pausedAtMs ?? this.#clock.nowMs()) - this.#pausedMs
  }

  /** Calls `run` once, `delayMs` from now, unless it is set or cleared before. */
  set(delayMs: number, run: () => void): void {
    this.clear()
    this.#waiting = { dueMs: this.nowMs() + delayMs, run }
    this.#start()
  }

  clear(): void {
    this.#timer?.cancel()
    this.#waiting = undefined
  }

  pause(): void {
    this.#pausedAtMs ??= this.#clock.nowMs()
    this.#timer?.cancel()
  }

  resume(): void {
    if (this.#pausedAtMs === undefined) return
    this.#pausedMs += this.#clock.nowMs() - this.#pausedAtMs
    this.#pausedAtMs = undefined
    this.#start()
  }

  #start(): void {
    if (this.#waiting === undefined || this.#pausedAtMs !== undefined) return
    const { dueMs, run } = this.#waiting
    this.#timer = this.#clock.after(Math.max(0, dueMs - this.nowMs()), () => {
      this.#waiting = undefined
      run()
    })
  }
}
