import { appendFile, open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { toHex } from '../../base/bytes.ts'
import { diskError } from '../../store/disk-error.ts'
import { makeFolder } from '../../store/make-folder.ts'
import { MOST_HOSTS } from './copy-ledger.ts'
import { type CopyRecord, decodeCopyRecord, encodeCopyRecord } from './copy-record.ts'

/** A copy that was counted so long ago says nothing of today. */
const MAX_AGE_MS = 7 * 24 * 3_600_000
/** More than the records of all hosts that are counted. */
const MAX_FILE_BYTES = 64 * 1_024 * 1_024

/** What copies are remembered for. */
export interface CopyMemoryParts {
  readonly stateDir: string
  readonly infoHash: Uint8Array
  /** Called once, with a sentence, when nothing can be remembered. */
  readonly warn: (sentence: string) => void
}

/**
 * The copies that were counted, in the state folder, until as many are there as were asked for: a run that was killed or ran out of time is
 * started again, and hosts that have told it and left do not come back to tell it once more. One line is added for each, so that a run that is
 * killed leaves whole lines but for the last.
 */
export class CopyMemory {
  /** What earlier runs counted, in that order. */
  readonly records: readonly CopyRecord[]
  readonly #path: string
  readonly #warn: (sentence: string) => void
  #written: Promise<void> = Promise.resolve()
  #isBroken = false
  #isOver = false

  private constructor(path: string, records: readonly CopyRecord[], warn: (sentence: string) => void) {
    this.#path = path
    this.records = records
    this.#warn = warn
  }

  /** Reads what was counted of this torrent. Never fails: without a state folder nothing is remembered. */
  static async open({ stateDir, infoHash, warn }: CopyMemoryParts): Promise<CopyMemory> {
    const folder = join(stateDir, 'copies')
    await forgetOld(folder).catch(() => undefined)
    const path = join(folder, `${toHex(infoHash)}.jsonl`)
    const memory = new CopyMemory(path, recordsIn(await readText(path)), warn)
    await makeFolder(folder).catch((error: unknown) => memory.#giveUp(error))
    return memory
  }

  /** Remembers one more, unless there are enough already. */
  add(record: CopyRecord): void {
    if (!this.#isOver) this.#written = this.#written.then(() => this.#append(`${encodeCopyRecord(record)}\n`))
  }

  /** There are as many as were asked for: the next run counts from the start. */
  async forget(): Promise<void> {
    this.#isOver = true
    this.#written = this.#written.then(() => rm(this.#path, { force: true }).catch((error: unknown) => this.#giveUp(error)))
    await this.#written
  }

  /** Resolves once everything is written. */
  async close(): Promise<void> {
    await this.#written
  }

  async #append(line: string): Promise<void> {
    if (this.#isBroken) return
    // What a run that was killed left of its last line must not swallow this one.
    await appendFile(this.#path, `\n${line}`, { mode: 0o600 }).catch((error: unknown) => this.#giveUp(error))
  }

  #giveUp(error: unknown): void {
    if (!this.#isBroken) this.#warn(`${diskError(error, 'write', this.#path).message} Started again, this run would count its copies anew.`)
    this.#isBroken = true
  }
}

function recordsIn(text: string): readonly CopyRecord[] {
  const sinceMs = Date.now() - MAX_AGE_MS
  const records: CopyRecord[] = []
  for (const line of text.split('\n')) {
    const record = line === '' ? undefined : decodeCopyRecord(line)
    if (record?.ok === true && record.value.countedAt.getTime() >= sinceMs && records.length < MOST_HOSTS) records.push(record.value)
  }
  return records
}

/** The text of a file, as far as it is no longer than such a file may be; empty when it cannot be read. */
async function readText(path: string): Promise<string> {
  try {
    await using file = await open(path)
    const { size } = await file.stat()
    const bytes = Buffer.alloc(Math.min(size, MAX_FILE_BYTES))
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0)
    return bytes.toString('utf8', 0, bytesRead)
  } catch {
    return ''
  }
}

/** Of torrents that nobody counts any more nothing is kept. */
async function forgetOld(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    if (Date.now() - (await stat(path)).mtimeMs > MAX_AGE_MS) await rm(path, { force: true })
  }
}
