import type { Clock, Timer } from '../../src/base/clock.ts'

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  #nowMs = 1_000
  readonly #calls = new Set<{ dueMs: number; readonly run: () => void; readonly periodMs: number | undefined }>()

  nowMs(): number {
    return this.#nowMs
  }

  after(delayMs: number, run: () => void): Timer {
    return this.#add(delayMs, run, undefined)
  }

  every(periodMs: number, run: () => void): Timer {
    return this.#add(periodMs, run, periodMs)
  }

  soon(run: () => void): void {
    queueMicrotask(run)
  }

  /** Calls that wait for their time. */
  get pendingCount(): number {
    return this.#calls.size
  }

  /** Moves the time and makes the calls that fall due, in order. */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms
    for (;;) {
      const [next] = [...this.#calls].filter((call) => call.dueMs <= untilMs).sort((left, right) => left.dueMs - right.dueMs)
      if (next === undefined) break
      this.#nowMs = Math.max(this.#nowMs, next.dueMs)
      if (next.periodMs === undefined) this.#calls.delete(next)
      else next.dueMs += next.periodMs
      next.run()
    }
    this.#nowMs = untilMs
  }

  #add(delayMs: number, run: () => void, periodMs: number | undefined): Timer {
    const call = { dueMs: this.#nowMs + delayMs, run, periodMs }
    this.#calls.add(call)
    return { cancel: () => void this.#calls.delete(call) }
  }
}
