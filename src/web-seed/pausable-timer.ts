import type { Clock, Timer } from '../base/clock.ts'

/** A timer that stands still while it is paused, and starts anew after that. */
export class PausableTimer {
  readonly #clock: Clock
  #timer: Timer | undefined
  #waiting: { readonly delayMs: number; readonly run: () => void } | undefined
  #isPaused = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Calls `run` once, `delayMs` from now, unless it is set or cleared before. */
  set(delayMs: number, run: () => void): void {
    this.clear()
    this.#waiting = { delayMs, run }
    if (!this.#isPaused) this.#start()
  }

  clear(): void {
    this.#timer?.cancel()
    this.#waiting = undefined
  }

  pause(): void {
    this.#isPaused = true
    this.#timer?.cancel()
  }

  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#start()
  }

  #start(): void {
    if (this.#waiting === undefined) return
    const { delayMs, run } = this.#waiting
    this.#timer = this.#clock.after(delayMs, () => {
      this.#waiting = undefined
      run()
    })
  }
}
