import type { Clock, Timer } from '../../../src/base/clock.ts'

interface Due {
  atMs: number
  run: () => void
}

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  #nowMs = 0
  readonly #due = new Set<Due>()

  /** Timers that were started and neither ran nor were cancelled. */
  get pending(): number {
    return this.#due.size
  }

  nowMs(): number {
    return this.#nowMs
  }

  after(delayMs: number, run: () => void): Timer {
    const due = { atMs: this.#nowMs + delayMs, run }
    this.#due.add(due)
    return { cancel: () => void this.#due.delete(due) }
  }

  every(periodMs: number, run: () => void): Timer {
    let timer: Timer
    const arm = (): void => {
      timer = this.after(periodMs, () => {
        arm()
        run()
      })
    }
    arm()
    return { cancel: () => timer.cancel() }
  }

  soon(run: () => void): void {
    queueMicrotask(run)
  }

  /** Lets `ms` pass and runs what comes due, in order. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms
    for (;;) {
      const next = [...this.#due].sort((left, right) => left.atMs - right.atMs)[0]
      if (next === undefined || next.atMs > endMs) break
      this.#due.delete(next)
      this.#nowMs = next.atMs
      next.run()
    }
    this.#nowMs = endMs
  }
}
