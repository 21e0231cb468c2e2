import type { Clock, Timer } from '../../src/base/clock.ts'

interface Planned {
  dueMs: number
  readonly periodMs: number | undefined
  readonly run: () => void
}

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  #nowMs = 0
  readonly #planned = new Set<Planned>()

  nowMs(): number {
    return this.#nowMs
  }

  after(delayMs: number, run: () => void): Timer {
    return this.#plan(delayMs, undefined, run)
  }

  every(periodMs: number, run: () => void): Timer {
    return this.#plan(periodMs, periodMs, run)
  }

  soon(run: () => void): void {
    queueMicrotask(run)
  }

  /** Timers that were neither cancelled nor run. */
  get pendingCount(): number {
    return this.#planned.size
  }

  /** Milliseconds until the next timer is due. */
  get nextDueInMs(): number {
    return Math.min(...[...this.#planned].map(({ dueMs }) => dueMs)) - this.#nowMs
  }

  /** Lets `ms` pass and runs what is due, in order. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms
    while (this.runNext(endMs));
  }

  /** Goes on to the next timer that is due by `endMs` and runs it, or to `endMs`; false when nothing is left until then. */
  protected runNext(endMs: number): boolean {
    const next = [...this.#planned].sort((left, right) => left.dueMs - right.dueMs)[0]
    if (next === undefined || next.dueMs > endMs) {
      this.#nowMs = endMs
      return false
    }
    this.#nowMs = Math.max(this.#nowMs, next.dueMs)
    if (next.periodMs === undefined) this.#planned.delete(next)
    else next.dueMs += next.periodMs
    next.run()
    return true
  }

  #plan(delayMs: number, periodMs: number | undefined, run: () => void): Timer {
    const planned = { dueMs: this.#nowMs + delayMs, periodMs, run }
    this.#planned.add(planned)
    return { cancel: () => void this.#planned.delete(planned) }
  }
}
