import { DistroError } from '../base/errors.ts'

/** The commands that a verb runs beside its work, one after the other in the order in which their occasions came. */
export class HookQueue {
  readonly #onFailure: (error: DistroError, isFirst: boolean) => void
  #last: Promise<void> = Promise.resolve()
  #failure: { readonly error: unknown } | undefined

  /** `onFailure` is told of each at once; the first comes with `end` too, and no other does. */
  constructor(onFailure: (error: DistroError, isFirst: boolean) => void) {
    this.#onFailure = onFailure
  }

  /** Runs `hook` after those before it, whether or not they failed. */
  add(hook: () => Promise<void>): void {
    this.#last = this.#last.then(hook).catch((error: unknown) => {
      const isFirst = this.#failure === undefined
      this.#failure ??= { error }
      if (error instanceof DistroError) this.#onFailure(error, isFirst)
    })
  }

  /** Waits for all of them. */
  async settle(): Promise<void> {
    await this.#last
  }

  /** Waits for all of them, and rejects as the first that failed did. */
  async end(): Promise<void> {
    await this.#last
    if (this.#failure !== undefined) throw this.#failure.error
  }
}
