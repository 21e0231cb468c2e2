import { escapeText } from '../escape-text.ts'
import type { Output } from '../world.ts'
import type { Failure } from './reporter.ts'
import type { Style } from './style.ts'

/** How much is said. */
export interface Loudness {
  readonly isQuiet: boolean
  readonly isVerbose: boolean
}

/** Sentences for people on stderr. Everything is escaped on the way out. */
export class Talk {
  readonly #output: Pick<Output, 'write'>
  readonly #style: Style
  readonly #loudness: Loudness

  constructor(output: Pick<Output, 'write'>, style: Style, loudness: Loudness) {
    this.#output = output
    this.#style = style
    this.#loudness = loudness
  }

  get isVerbose(): boolean {
    return this.#loudness.isVerbose
  }

  /** A sentence that --quiet leaves out. */
  say(sentence: string): void {
    if (!this.#loudness.isQuiet) this.#line(escapeText(sentence))
  }

  /** A finished step. */
  succeed(sentence: string): void {
    if (!this.#loudness.isQuiet) this.#line(this.#style.green(escapeText(sentence)))
  }

  /** A sentence that only --verbose brings. */
  whisper(sentence: string): void {
    if (this.#loudness.isVerbose) this.#line(this.#style.dim(escapeText(sentence)))
  }

  warn(sentence: string): void {
    if (!this.#loudness.isQuiet) this.#line(`${this.#style.yellow('warning:')} ${escapeText(sentence)}`)
  }

  /** One sentence and a hint; the stack only for a bug or with --verbose. To be stopped by the person is no error. */
  fail(failure: Failure): void {
    const wasAsked = failure.code === 'INTERRUPTED' || failure.code === 'TERMINATED'
    const label = wasAsked ? '' : `${this.#style.bold(this.#style.red('error:'))} `
    this.#line(`${label}${escapeText(failure.message)}`)
    if (failure.hint !== undefined) this.#line(`${this.#style.cyan(' hint:')} ${escapeText(failure.hint)}`)
    if (this.#loudness.isVerbose || failure.code === 'INTERNAL') {
      for (const detail of failure.details) this.#line(this.#style.dim(`       ${escapeText(detail)}`))
    }
  }

  #line(text: string): void {
    this.#output.write(`${text}\n`)
  }
}
