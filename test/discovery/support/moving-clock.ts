import type { Clock, Timer } from '../../../src/base/clock.ts'

interface Pending {
  dueMs: number
  readonly periodMs: number | undefined
  readonly run: () => void
}

/** A clock that stands until it is moved, and lets promises settle at every step of the way. */
export class MovingClock implements Clock {
  #nowMs = 0
  readonly #pending = new Set<Pending>()

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

  /** Lets `ms` pass, running what is due in order. */
  async move(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms
    await settle()
    for (;;) {
      const next = [...this.#pending].sort((left, right) => left.dueMs - right.dueMs)[0]
      if (next === undefined || next.dueMs > endMs) break
      this.#nowMs = Math.max(this.#nowMs, next.dueMs)
      if (next.periodMs === undefined) this.#pending.delete(next)
      else next.dueMs += next.periodMs
      next.run()
      await settle()
    }
    this.#nowMs = endMs
  }

  /** Timers that wait; 0 once everything is let go. */
  get pendingCount(): number {
    return this.#pending.size
  }

  /** Milliseconds until the next timer is due. */
  get nextDueInMs(): number {
    return Math.min(...[...this.#pending].map(({ dueMs }) => dueMs)) - this.#nowMs
  }

  #add(delayMs: number, periodMs: number | undefined, run: () => void): Timer {
    const pending = { dueMs: this.#nowMs + delayMs, periodMs, run }
    this.#pending.add(pending)
    return { cancel: () => this.#pending.delete(pending) }
  }
}

/** Long enough for a chain of resolved promises, without real time. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}
