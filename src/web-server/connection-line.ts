import { WEB_SERVER_LIMITS } from './web-server-limits.ts'

/** What the requests that wait on all connections of a server take, in bytes of memory. */
export interface WaitingRequests {
  bytes: number
}

/** The requests of one connection, which may send several before it has an answer (pipelining): they are worked on one after the other. */
export class ConnectionLine {
  readonly #all: WaitingRequests
  /** With the bytes that each takes. */
  readonly #waiting = new Map<() => void, number>()
  #bytes = 0
  #isBusy = false

  constructor(all: WaitingRequests) {
    this.#all = all
  }

  /** What those that wait take, in bytes. */
  get bytes(): number {
    return this.#bytes
  }

  /** True while none is worked on. */
  get isIdle(): boolean {
    return !this.#isBusy
  }

  /** True while so much waits that no more should be read. */
  get isFull(): boolean {
    return this.#bytes >= WEB_SERVER_LIMITS.waitingBytes
  }

  /** Calls `run`, each time another one, when all before it are done; `next` must follow. Until then it takes `bytes`. */
  join(bytes: number, run: () => void): void {
    if (!this.#isBusy) {
      this.#isBusy = true
      run()
      return
    }
    this.#waiting.set(run, bytes)
    this.#count(bytes)
  }

  /** The one that was called last is done. */
  next(): void {
    const [first] = this.#waiting
    this.#isBusy = first !== undefined
    if (first === undefined) return
    const [run, bytes] = first
    this.#waiting.delete(run)
    this.#count(-bytes)
    run()
  }

  /** Forgets those that wait. */
  clear(): void {
    this.#waiting.clear()
    this.#count(-this.#bytes)
  }

  #count(bytes: number): void {
    this.#bytes += bytes
    this.#all.bytes += bytes
  }
}
