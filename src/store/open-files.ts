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
  readonly #waiting: { readonly files: readonly number[]; readonly done: Opened }[] = []
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

  /** What closing a file said that went wrong: bytes written through it may be lost. */
  get closeFailure(): DistroError | undefined {
    return this.#closeFailure
  }

  /** Opens `files`, at most `FILES_AT_ONCE`, and calls `done` with their descriptors in the same order; at once if all are open. */
  acquire(files: readonly number[], done: Opened): void {
    if (this.#waiting.length === 0 && !this.#isServing && files.every((file) => this.#open.has(file))) {
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
      const file = this.#oldestFree()
      if (file === undefined || this.#isServing) await this.#nextRelease()
      else await this.#close(file)
    }
  }

  async #serve(): Promise<void> {
    this.#isServing = true
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      const { files, done } = next
      try {
        await this.#openAll(files)
      } catch (error) {
        done(diskError(error, 'open', 'a file'), [])
        continue
      }
      done(
        undefined,
        files.map((file) => this.#hold(file)),
      )
    }
    this.#isServing = false
    this.#wakeWaiters()
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
    while (this.#open.size + count > this.#limit) {
      const file = this.#oldestFree()
      if (file === undefined) await this.#nextRelease()
      else await this.#close(file)
    }
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

  #oldestFree(): number | undefined {
    for (const [file, { holders }] of this.#open) if (holders === 0) return file
    return undefined
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
