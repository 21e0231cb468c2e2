import { DistroError } from '../base/errors.ts'

/** The commands that a verb runs beside its work, one after the other in the order in which their occasions came. */
export class HookQueue {
  readonly #onFailure: (error: DistroError) => void
  #last: Promise<void> = Promise.resolve()
  #failure: { readonly error: unknown } | undefined

  /** `onFailure` is told at once; the failure itself comes with `end`. */
  constructor(onFailure: (error: DistroError) => void) {
    this.#onFailure = onFailure
  }

  /** Runs `hook` after those before it, whether or not they failed. */
  add(hook: () => Promise<void>): void {
    this.#last = this.#last.then(hook).catch((error: unknown) => {
      this.#failure ??= { error }
      if (error instanceof DistroError) this.#onFailure(error)
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
