import { constants, fstat, lstat } from 'node:fs'
import { promisify } from 'node:util'
import { Bitfield } from '../base/bitfield.ts'
import type { Clock } from '../base/clock.ts'
import { DistroError } from '../base/errors.ts'
import type { TorrentInfo } from '../torrent/info.ts'
import { PieceGeometry } from '../torrent/piece-geometry.ts'
import { systemCode } from './disk-error.ts'
import { ContentLayout, PADDING } from './file-layout.ts'
import { type FileStamp, isSameStamp, stampOf } from './file-stamp.ts'
import { OpenFiles } from './open-files.ts'
import { PieceReader } from './piece-reader.ts'

export interface SeedStoreOptions {
  readonly info: TorrentInfo
  /** The published tree, or the published file. */
  readonly root: string
  /** What each file of the torrent was when its content was hashed or verified; undefined for padding and for files that are not there. */
  readonly stamps: readonly (FileStamp | undefined)[]
  readonly clock: Clock
  /** Pieces that may be read; all of them when not given. */
  readonly verified?: Bitfield
  /** Descriptors at most; 64 when not given. */
  readonly descriptors?: number
}

/** For how long one look at a file is believed: long enough that a fast upload costs ten calls a second, not thousands. */
const BELIEVED_MS = 100

/**
 * A published tree that is only read. Before each burst the files under it are looked at by path, because an open descriptor
 * would go on showing a file that was replaced. The first difference ends it: every later read answers the same SOURCE_CHANGED.
 */
export class SeedStore {
  readonly verified: Bitfield
  readonly carriesBytes = true
  /** Empty: nothing is received. */
  readonly blockMemory: Uint8Array = new Uint8Array(0)
  readonly #options: SeedStoreOptions
  readonly #layout: ContentLayout
  readonly #files: OpenFiles
  readonly #reader: PieceReader
  readonly #believedUntilMs: Float64Array
  #changed: DistroError | undefined

  constructor(options: SeedStoreOptions) {
    const geometry = new PieceGeometry(options.info)
    this.#options = options
    this.verified = options.verified ?? fullBitfield(geometry.pieceCount)
    this.#layout = new ContentLayout(options.info, geometry, options.root)
    this.#files = new OpenFiles({
      pathOf: (file) => this.#layout.pathOf(file),
      flags: constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
      ...(options.descriptors === undefined ? {} : { limit: options.descriptors }),
      check: async (file, fd) => {
        if (!this.#isUnchanged(file, stampOf(await fstatOf(fd, { bigint: true })))) throw this.#change(file, 'changed')
        this.#believe(file)
      },
    })
    this.#reader = new PieceReader(this.#layout, this.#files)
    this.#believedUntilMs = new Float64Array(options.info.files.length).fill(Number.NEGATIVE_INFINITY)
  }

  /** What was found to have changed, if anything was. */
  get changed(): DistroError | undefined {
    return this.#changed
  }

  /** Always -1: nothing is received. */
  acquireSlot(): number {
    return -1
  }

  slotOffset(_slot: number): number {
    return 0
  }

  releaseSlot(_slot: number): void {}

  /** Nothing can be committed to a tree that is only read; answers with an INTERNAL failure. */
  commit(_slot: number, piece: number, _wantDigests: boolean, done: (result: { kind: 'failed'; error: DistroError }) => void): void {
    done({ kind: 'failed', error: new DistroError('INTERNAL', `Piece ${piece} was received for content that is only read.`) })
  }

  /**
   * Reads bytes of `piece`, and of those after it, from `begin` on into `bodies`. `done` gets SOURCE_CHANGED, which names the file, when the content is
   * no longer what was published, and DISK_FAILED when it cannot be read.
   */
  read(piece: number, begin: number, bodies: readonly Uint8Array[], done: (error: DistroError | undefined) => void): void {
    const files = this.#filesOf(piece, begin, bodies)
    // One that is about to be opened by its path is looked at then.
    const opened = files.filter((file) => this.#files.isOpen(file))
    this.#look(opened, (seen) => {
      if (seen !== undefined) {
        done(seen)
        return
      }
      this.#reader.read(piece, begin, bodies, (error) => {
        if (error === undefined) {
          done(this.#changed)
          return
        }
        // A file that ended early or vanished has changed, whatever the read call says.
        this.#believedUntilMs.fill(Number.NEGATIVE_INFINITY)
        this.#look(files, (changed) => done(changed ?? error))
      })
    })
  }

  /**
   * Looks at `file` again, whatever was seen a moment ago: what was read of it before is then what was published, unless `done` gets
   * SOURCE_CHANGED.
   */
  confirm(file: number, done: (error: DistroError | undefined) => void): void {
    this.#believedUntilMs[file] = Number.NEGATIVE_INFINITY
    this.#look([file], done)
  }

  /** Closes every descriptor once the reads under way are done. */
  async close(): Promise<void> {
    await this.#files.closeAll()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #filesOf(piece: number, begin: number, bodies: readonly Uint8Array[]): number[] {
    let lengthBytes = 0
    for (const body of bodies) lengthBytes += body.length
    const files: number[] = []
    for (const span of this.#layout.spans(piece, begin, lengthBytes)) if (span.file !== PADDING) files.push(span.file)
    return files
  }

  /** Looks at those of `files` that were not looked at just now. */
  #look(files: readonly number[], done: (error: DistroError | undefined) => void): void {
    if (this.#changed !== undefined) {
      done(this.#changed)
      return
    }
    const nowMs = this.#options.clock.nowMs()
    const stale = files.filter((file) => !(nowMs < (this.#believedUntilMs[file] as number)))
    if (stale.length === 0) {
      done(undefined)
      return
    }
    let pending = stale.length
    for (const file of stale) {
      lstat(this.#layout.pathOf(file), { bigint: true }, (error, stats) => {
        if (error !== null) this.#change(file, systemCode(error) === 'ENOENT' ? 'is gone' : 'can no longer be read', error)
        else if (!this.#isUnchanged(file, stampOf(stats))) this.#change(file, 'changed')
        else this.#believe(file)
        if (--pending === 0) done(this.#changed)
      })
    }
  }

  #believe(file: number): void {
    this.#believedUntilMs[file] = this.#options.clock.nowMs() + BELIEVED_MS
  }

  #isUnchanged(file: number, stamp: FileStamp): boolean {
    const published = this.#options.stamps[file]
    return published !== undefined && isSameStamp(published, stamp)
  }

  #change(file: number, what: string, cause?: unknown): DistroError {
    this.#changed ??= new DistroError('SOURCE_CHANGED', `${this.#layout.pathOf(file)} ${what} since it was published.`, {
      hint: 'Seed the content again to publish what is there now, or put the published content back.',
      cause,
    })
    return this.#changed
  }
}

function fullBitfield(length: number): Bitfield {
  const field = new Bitfield(length)
  field.fill()
  return field
}

const fstatOf = promisify(fstat)
