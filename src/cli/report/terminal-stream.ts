import { Writable } from 'node:stream'
import type { Output } from '../world.ts'

const SAVE_CURSOR = '\u001b7'
const RESTORE_CURSOR = '\u001b8'

/**
 * The terminal as cli-progress wants to see it. Its habit of saving the cursor at the start and restoring it at the end is
 * filtered out: lines that were said in between would be overwritten.
 */
export class TerminalStream extends Writable {
  readonly isTTY = true
  readonly #output: Output

  constructor(output: Output) {
    super({ decodeStrings: false })
    this.#output = output
  }

  /** Wider than the screen by what colours need, because the library cuts lines by characters, colours included. */
  get columns(): number {
    return this.#output.columns + 64
  }

  override _write(chunk: unknown, _encoding: string, done: () => void): void {
    const text = String(chunk).replaceAll(SAVE_CURSOR, '').replaceAll(RESTORE_CURSOR, '')
    if (text !== '') this.#output.write(text)
    done()
  }
}
