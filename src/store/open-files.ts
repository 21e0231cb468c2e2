import { close, open } from 'node:fs'
import { promisify } from 'node:util'
import type { DistroError } from '../base/errors.ts'
import { diskError, systemCode } from './disk-error.ts'

/** Descriptors that a store keeps open when nothing else is said. */
export const DEFAULT_DESCRIPTORS = 64

/** Files that one caller may hold at once; longer lists are worked through in groups of this size. */
export const FILES_AT_ONCE = 16

export interface OpenFilesOptions {
  pathOf(file: number): string
  /** Flags for open(2). */
  readonly flags: number
  /** The mode of a file that this makes, of which the umask takes its part; 0666 when not given. */
  modeOf?(file: number): number
  /** Descriptors at most, at least `FILES_AT_ONCE`. */
  readonly limit?: number
  /** Called before a file is opened, for instance to make its directory. */
  prepare?(file: number): Promise<void>
  /** Called with a fresh descriptor; when it rejects, the file counts as not opened. */
  check?(file: number, fd: number): Promise<void>
}

type Opened = (error: DistroError | undefined, descriptors: readonly number[]) => void

interface Waiter {
  readonly files: readonly number[]
  readonly done: Opened
}

/**
 * A bounded number of open descriptors, the least recently used of which are closed to make room. A caller names all files
 * that it needs at once and holds them until it says so: because a list is granted whole or waits, and in order, callers can
 * never block each other half-way.
 */
export class OpenFiles {
  readonly #options: OpenFilesOptions
  #limit: number
  /** In order of use, the oldest first. */
  readonly #open = new Map<number, { readonly fd: number; holders: number }>()
  readonly #waiting: Waiter[] = []
  #isServing = false
  #releaseWaiters: (() => void)[] = []
  #closeFailure: DistroError | undefined

  constructor(options: OpenFilesOptions) {
    this.#options = options
    this.#limit = Math.max(FILES_AT_ONCE, options.limit ?? DEFAULT_DESCRIPTORS)
  }

  /** Descriptors open now. */
  get count(): number {
    return this.#open.size
  }

  /** True while there is a descriptor for `file`. */
  isOpen(file: number): boolean {
    return this.#open.has(file)
  }

  /** What closing a file said that went wrong: bytes written through it may be lost. */
  get closeFailure(): DistroError | undefined {
    return this.#closeFailure
  }

  /** Opens `files`, at most `FILES_AT_ONCE`, and calls `done` with their descriptors in the same order; at once if all are open. */
  acquire(files: readonly number[], done: Opened): void {
    if (this.#waiting.length === 0 && !this.#isServing && this.#areOpen(files)) {
      done(
        undefined,
        files.map((file) => this.#hold(file)),
      )
      return
    }
    this.#waiting.push({ files, done })
    if (!this.#isServing) void this.#serve()
  }

  /** Gives back what `acquire` gave: the same list. */
  release(files: readonly number[]): void {
    for (const file of files) {
      const entry = this.#open.get(file)
      if (entry !== undefined) entry.holders--
    }
    this.#wakeWaiters()
  }

  /** Closes every descriptor, waiting for those that are held. */
  async closeAll(): Promise<void> {
    while (this.#isServing || this.#open.size > 0) {
      const files = this.#oldestFree(FILES_AT_ONCE)
      if (files.length === 0 || this.#isServing) await this.#nextRelease()
      else await Promise.all(files.map((file) => this.#close(file)))
    }
  }

  async #serve(): Promise<void> {
    this.#isServing = true
    while (this.#waiting.length > 0) {
      const group = this.#nextGroup()
      // What cannot be opened is met again below, by the caller that wants it.
      if (group.length > 1) await this.#openAll(group.flatMap(({ files }) => files)).catch(() => undefined)
      for (const { files, done } of group) {
        try {
          if (!this.#areOpen(files)) await this.#openAll(files)
        } catch (error) {
          done(diskError(error, 'open', 'a file'), [])
          continue
        }
        done(
          undefined,
          files.map((file) => this.#hold(file)),
        )
      }
    }
    this.#isServing = false
    this.#wakeWaiters()
  }

  /**
   * The callers that came first, as many as can be served together: where pieces are small files, each has one of its own, and a file after the
   * other would cost a way to libuv's threads and back for each.
   */
  #nextGroup(): readonly Waiter[] {
    const files = new Set<number>()
    let size = 0
    for (const waiter of this.#waiting) {
      for (const file of waiter.files) files.add(file)
      if (size > 0 && files.size > FILES_AT_ONCE) break
      size++
    }
    return this.#waiting.splice(0, size)
  }

  #areOpen(files: readonly number[]): boolean {
    return files.every((file) => this.isOpen(file))
  }

  async #openAll(files: readonly number[]): Promise<void> {
    // Those that are open already are held meanwhile, lest room is made by closing one of them.
    const kept = [...new Set(files)].filter((file) => this.#open.has(file))
    for (const file of kept) this.#hold(file)
    try {
      for (let failure = await this.#openMissing(files); failure !== undefined; failure = await this.#openMissing(files)) {
        if (!this.#canDoWithLess(failure)) throw failure
      }
    } finally {
      this.release(kept)
    }
  }

  /** Opens those of `files` that are not open; what went wrong, if anything did. */
  async #openMissing(files: readonly number[]): Promise<DistroError | undefined> {
    const missing = [...new Set(files)].filter((file) => !this.#open.has(file))
    await this.#makeRoom(missing.length)
    const results = await Promise.allSettled(missing.map((file) => this.#openOne(file)))
    return results.find((result) => result.status === 'rejected')?.reason as DistroError | undefined
  }

  /** When the system gives no more descriptors, ours are the ones to save on; false once they are as few as can be. */
  #canDoWithLess({ cause }: DistroError): boolean {
    if (!outOfDescriptors.has(systemCode(cause)) || this.#limit === FILES_AT_ONCE) return false
    this.#limit = Math.max(FILES_AT_ONCE, Math.min(this.#limit, this.#open.size) >> 1)
    return true
  }

  async #makeRoom(count: number): Promise<void> {
    for (let excess = this.#excess(count); excess > 0; excess = this.#excess(count)) {
      const files = this.#oldestFree(excess)
      if (files.length === 0) await this.#nextRelease()
      else await Promise.all(files.map((file) => this.#close(file)))
    }
  }

  #excess(count: number): number {
    return this.#open.size + count - this.#limit
  }

  async #openOne(file: number): Promise<void> {
    const path = this.#options.pathOf(file)
    let fd = -1
    try {
      await this.#options.prepare?.(file)
      fd = await openFile(path, this.#options.flags, this.#options.modeOf?.(file) ?? 0o666)
      await this.#options.check?.(file, fd)
      this.#open.set(file, { fd, holders: 0 })
    } catch (error) {
      if (fd !== -1) await closeFile(fd)
      throw diskError(error, 'open', path)
    }
  }

  #hold(file: number): number {
    const entry = this.#open.get(file)
    if (entry === undefined) return -1
    this.#open.delete(file)
    this.#open.set(file, entry)
    entry.holders++
    return entry.fd
  }

  /** Those that nobody holds, the least recently used first, `most` at most. */
  #oldestFree(most: number): number[] {
    const files: number[] = []
    for (const [file, { holders }] of this.#open) {
      if (files.length >= most) break
      if (holders === 0) files.push(file)
    }
    return files
  }

  async #close(file: number): Promise<void> {
    const entry = this.#open.get(file)
    this.#open.delete(file)
    if (entry === undefined) return
    try {
      await closeFile(entry.fd)
    } catch (error) {
      this.#closeFailure ??= diskError(error, 'close', this.#options.pathOf(file))
    }
  }

  #nextRelease(): Promise<void> {
    return new Promise((resolve) => this.#releaseWaiters.push(resolve))
  }

  #wakeWaiters(): void {
    if (this.#releaseWaiters.length === 0) return
    const waiters = this.#releaseWaiters
    this.#releaseWaiters = []
    for (const wake of waiters) wake()
  }
}

const outOfDescriptors: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE'])
const openFile = promisify(open)
const closeFile = promisify(close)
