import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'
import { temporaryFolder } from './temporary-folder.ts'

const run = promisify(execFile)

/** A line of shell at which a command stands still until it is let go, or until the test is over. */
export class HeldCommand {
  /** The line, to be put before whatever else the command does. */
  readonly line: string
  /** Settles once the command has come to that line. */
  readonly isHeld: Promise<void>
  readonly #pipe: string
  readonly #end: Promise<FileHandle>

  private constructor(pipe: string) {
    this.line = `read line < '${pipe}'`
    this.#pipe = pipe
    // A named pipe is open for writing as soon as somebody opens it for reading.
    this.#end = open(pipe, 'w')
    this.isHeld = this.#end.then(() => undefined)
    onTestFinished(() => this.#close())
  }

  static async make(): Promise<HeldCommand> {
    const pipe = join(await temporaryFolder(), 'pipe')
    await run('mkfifo', [pipe])
    return new HeldCommand(pipe)
  }

  /** Lets the command go on. */
  async letGo(): Promise<void> {
    await (await this.#end).write('\n')
  }

  async #close(): Promise<void> {
    // Where the command never came that far, this is who opens it for reading.
    const reader = await open(this.#pipe, constants.O_RDONLY | constants.O_NONBLOCK)
    await (await this.#end).close()
    await reader.close()
  }
}
