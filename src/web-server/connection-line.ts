import { WEB_SERVER_LIMITS } from './web-server-limits.ts'

/** The requests of one connection, which may send several before it has an answer (pipelining): they are worked on one after the other. */
export class ConnectionLine {
  readonly #waiting: (() => void)[] = []
  #isBusy = false

  /** Calls `run` when all before it are done; `next` must follow. False if too many wait already. */
  join(run: () => void): boolean {
    if (this.#isBusy) return this.#waiting.push(run) <= WEB_SERVER_LIMITS.waitingRequests
    this.#isBusy = true
    run()
    return true
  }

  /** The one that was called last is done. */
  next(): void {
    const run = this.#waiting.shift()
    this.#isBusy = run !== undefined
    run?.()
  }

  /** Forgets those that wait. */
  clear(): void {
    this.#waiting.length = 0
  }
}
