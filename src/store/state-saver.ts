import { constants } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import type { Bitfield } from '../base/bitfield.ts'
import type { Clock, Timer } from '../base/clock.ts'
import type { FileLayout } from './file-layout.ts'
import type { FileStamp } from './file-stamp.ts'
import { HashPool } from './hash-pool.ts'
import { lookOrThrow } from './look.ts'
import { lookAt } from './look-at.ts'
import { encodeResumeState } from './resume-state.ts'
import { syncPaths } from './sync-paths.ts'

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

  /** Does not save by itself until more is written: while a tree is placed, all its files are synced anyway. */
  pause(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  /** Saves now, after a save that is under way. */
  save(): Promise<void> {
    this.pause()
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
    const { clock, path, infoHash, verified } = this.#options
    const startedMs = clock.nowMs()
    const dirty = this.#dirty
    this.#dirty = new Set()
    // What is verified now has been written now; pieces that finish during the sync belong to the next save.
    const claimed = verified.copy()
    try {
      await this.#sync([...dirty])
      await replaceFile(path, encodeResumeState({ infoHash, verified: claimed, stamps: this.#stamps }))
    } catch {
      for (const file of dirty) this.#dirty.add(file)
    }
    const endedMs = clock.nowMs()
    this.#nextSaveMs = endedMs + (endedMs - startedMs) * SAVE_SHARE
  }

  async #sync(files: readonly number[]): Promise<void> {
    const paths = files.map((file) => this.#options.layout.pathOf(file))
    // Its own workers, because those that hash would wait for the disk; they are there for the moment of a save of many files alone.
    await using pool = new HashPool({ clock: this.#options.clock, workers: FILES_AT_ONCE })
    await syncPaths(paths, { pool, width: FILES_AT_ONCE, isDataOnly: true })
    const looks = await lookAt(paths, { pool })
    for (const [index, file] of files.entries()) {
      const { stamp } = looks.at(index) ?? (await lookOrThrow(paths[index] as string))
      this.#stamps.set(file, stamp)
    }
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
