import { WEB_SERVER_LIMITS } from './web-server-limits.ts'

/** How many requests wait on all connections of a server. */
export interface WaitingRequests {
  count: number
}

/** The requests of one connection, which may send several before it has an answer (pipelining): they are worked on one after the other. */
export class ConnectionLine {
  readonly #all: WaitingRequests
  readonly #waiting = new Set<() => void>()
  #isBusy = false

  constructor(all: WaitingRequests) {
    this.#all = all
  }

  /** Calls `run`, each time another one, when all before it are done; `next` must follow. False if too many wait already. */
  join(run: () => void): boolean {
    if (!this.#isBusy) {
      this.#isBusy = true
      run()
      return true
    }
    const { waitingRequests, waitingRequestsInAll } = WEB_SERVER_LIMITS
    if (this.#waiting.size >= waitingRequests || this.#all.count >= waitingRequestsInAll) return false
    this.#waiting.add(run)
    this.#all.count++
    return true
  }

  /** The one that was called last is done. */
  next(): void {
    const [run] = this.#waiting
    this.#isBusy = run !== undefined
    if (run === undefined) return
    this.#waiting.delete(run)
    this.#all.count--
    run()
  }

  /** Forgets those that wait. */
  clear(): void {
    this.#all.count -= this.#waiting.size
    this.#waiting.clear()
  }
}
