import type { Clock, Timer } from '../../src/base/clock.ts'

/** A clock that moves when it is told to. */
export class FakeClock implements Clock {
  #nowMs = 0
  readonly #timers = new Set<{ dueMs: number; readonly periodMs: number | undefined; readonly run: () => void }>()

  nowMs(): number {
    return this.#nowMs
  }

  after(delayMs: number, run: () => void): Timer {
    return this.#add(delayMs, undefined, run)
  }

  every(periodMs: number, run: () => void): Timer {
    return this.#add(periodMs, periodMs, run)
  }

  soon(run: () => void): void {
    queueMicrotask(run)
  }

  /** Lets `ms` pass and runs what is due, in order. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms
    for (;;) {
      const next = [...this.#timers].sort((left, right) => left.dueMs - right.dueMs)[0]
      if (next === undefined || next.dueMs > endMs) break
      this.#nowMs = next.dueMs
      if (next.periodMs === undefined) this.#timers.delete(next)
      else next.dueMs += next.periodMs
      next.run()
    }
    this.#nowMs = endMs
  }

  /** Timers that were neither cancelled nor run. */
  get pendingCount(): number {
    return this.#timers.size
  }

  #add(delayMs: number, periodMs: number | undefined, run: () => void): Timer {
    const timer = { dueMs: this.#nowMs + delayMs, periodMs, run }
    this.#timers.add(timer)
    return { cancel: () => this.#timers.delete(timer) }
  }
}
