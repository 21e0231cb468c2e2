import type { WarningEvent } from '../app/events.ts'
import { DistroError } from '../base/errors.ts'

/** The commands that a verb runs beside its work, one after the other in the order in which their occasions came. */
export class HookQueue {
  readonly #onFailure: (error: DistroError, isFirst: boolean) => void
  #last: Promise<void> = Promise.resolve()
  #failure: { readonly error: unknown } | undefined

  /** `onFailure` is told of each at once; the first comes with `end` or `beside` too, and no other does. */
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

  /** `work`, once all of them ended too. Where `work` fails, `onBoth` is told of the first of them that failed as well. */
  async beside<Value>(work: Promise<Value>, onBoth: (error: DistroError) => void): Promise<Value> {
    try {
      return await work
    } catch (error) {
      await this.#last
      const failure = this.#failure?.error
      if (failure instanceof DistroError && failure.code === 'HOOK_FAILED') onBoth(failure)
      throw error
    } finally {
      await this.#last
    }
  }

  /** Waits for all of them, and rejects as the first that failed did. */
  async end(): Promise<void> {
    await this.#last
    if (this.#failure !== undefined) throw this.#failure.error
  }
}

/** What is told of a command that failed where something else ends the verb; with what helps, for nothing else says it then. */
export function hookWarning({ message, hint }: DistroError): WarningEvent {
  return { message: hint === undefined ? message : `${message} ${hint}` }
}
