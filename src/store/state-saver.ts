import { constants } from 'node:fs'
import { lstat, open, rename } from 'node:fs/promises'
import type { Bitfield } from '../base/bitfield.ts'
import type { Clock, Timer } from '../base/clock.ts'
import type { FileLayout } from './file-layout.ts'
import { type FileStamp, stampOf } from './file-stamp.ts'
import { inParallel } from './in-parallel.ts'
import { encodeResumeState } from './resume-state.ts'

export interface StateSaverOptions {
  readonly clock: Clock
  readonly layout: FileLayout
  readonly path: string
  readonly infoHash: Uint8Array
  /** Read at every save. */
  readonly verified: Bitfield
  /** What is known of files that were not written to since the last run. */
  readonly stamps: ReadonlyMap<number, FileStamp>
}

/** The shortest time between two saves. */
const SAVE_EVERY_MS = 2_000
/** Saving takes at most this share of the time, however slow the disk. */
const SAVE_SHARE = 20
const FILES_AT_ONCE = 2

/**
 * Writes the state file while pieces come in. The pieces that it names are made durable first, so that after a power cut the
 * state never claims more than the disk has. A save that fails is tried again with the next piece and is not an error: the
 * state is a hint, and without it the next run checks everything.
 */
export class StateSaver {
  readonly #options: StateSaverOptions
  readonly #stamps: Map<number, FileStamp>
  #dirty = new Set<number>()
  #timer: Timer | undefined
  #saving: Promise<void> = Promise.resolve()
  #nextSaveMs = 0
  #isClosed = false

  constructor(options: StateSaverOptions) {
    this.#options = options
    this.#stamps = new Map(options.stamps)
  }

  /** Says that a piece was stored in `files`. */
  noteWritten(files: Iterable<number>): void {
    for (const file of files) this.#dirty.add(file)
    if (this.#timer !== undefined || this.#isClosed) return
    const delayMs = Math.max(SAVE_EVERY_MS, this.#nextSaveMs - this.#options.clock.nowMs())
    this.#timer = this.#options.clock.after(delayMs, () => void this.save())
  }

  /** Saves now, after a save that is under way. */
  save(): Promise<void> {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#saving = this.#saving.then(() => this.#save())
    return this.#saving
  }

  /** Stops saving, without a last save; waits for one that is under way. */
  async stop(): Promise<void> {
    this.#isClosed = true
    this.#timer?.cancel()
    await this.#saving
  }

  async #save(): Promise<void> {
    if (this.#isClosed) return
    const { clock, layout, path, infoHash, verified } = this.#options
    const startedMs = clock.nowMs()
    const dirty = this.#dirty
    this.#dirty = new Set()
    // What is verified now has been written now; pieces that finish during the sync belong to the next save.
    const claimed = verified.copy()
    try {
      await inParallel([...dirty], FILES_AT_ONCE, async (file) => {
        await syncData(layout.pathOf(file))
        this.#stamps.set(file, stampOf(await lstat(layout.pathOf(file), { bigint: true })))
      })
      await replaceFile(path, encodeResumeState({ infoHash, verified: claimed, stamps: this.#stamps }))
    } catch {
      for (const file of dirty) this.#dirty.add(file)
    }
    const endedMs = clock.nowMs()
    this.#nextSaveMs = endedMs + (endedMs - startedMs) * SAVE_SHARE
  }
}

async function syncData(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    await handle.datasync()
  } finally {
    await handle.close()
  }
}

async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const draft = `${path}.new`
  const handle = await open(draft, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW, 0o600)
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(draft, path)
}
