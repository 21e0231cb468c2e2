import type { Timer } from '../base/clock.ts'
import type { RateLimit } from '../base/rate-limit.ts'

/** Gives all connections one place in the queue at the limit, beside the peers, and that place to each of them in turn. */
export class SendTurns {
  readonly #limit: RateLimit
  readonly #waiting = new Set<() => void>()
  #turn: Timer | undefined

  constructor(limit: RateLimit) {
    this.#limit = limit
  }

  /** Calls `run`, which is to send something, at once or when it is its turn. */
  ask(run: () => void): void {
    if (this.#waiting.size === 0 && this.#limit.isFree) {
      run()
      return
    }
    this.#waiting.add(run)
    this.#turn ??= this.#limit.whenFree(() => this.#serve())
  }

  /** Forgets `run`. */
  leave(run: () => void): void {
    this.#waiting.delete(run)
  }

  stop(): void {
    this.#turn?.cancel()
    this.#waiting.clear()
  }

  #serve(): void {
    this.#turn = undefined
    for (const run of this.#waiting) {
      if (!this.#limit.isFree) break
      this.#waiting.delete(run)
      run()
    }
    if (this.#waiting.size > 0) this.#turn ??= this.#limit.whenFree(() => this.#serve())
  }
}
