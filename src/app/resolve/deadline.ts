/**
 * A signal that is aborted with another one, or after a time. Not `AbortSignal.any` with `AbortSignal.timeout`: nothing holds what
 * they return, and Node 20 may collect it as garbage before it fires.
 */
export class Deadline {
  readonly #controller = new AbortController()
  readonly #timer: NodeJS.Timeout
  readonly #release: () => void
  #isLate = false

  constructor(signal: AbortSignal, ms: number) {
    const follow = (): void => this.#controller.abort(signal.reason)
    if (signal.aborted) follow()
    else signal.addEventListener('abort', follow, { once: true })
    this.#release = () => signal.removeEventListener('abort', follow)
    this.#timer = setTimeout(() => {
      this.#isLate = true
      this.#controller.abort()
    }, ms)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** True once the time was over first. */
  get isLate(): boolean {
    return this.#isLate
  }

  /** Lets go of the timer and of the other signal. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#release()
  }
}
