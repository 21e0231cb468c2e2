import { constants, fstat, lstat } from 'node:fs'
import { promisify } from 'node:util'
import { Bitfield } from '../base/bitfield.ts'
import type { Clock } from '../base/clock.ts'
import { DistroError } from '../base/errors.ts'
import type { TorrentInfo } from '../torrent/info.ts'
import type { MerkleTrees } from '../torrent/merkle-trees.ts'
import { PieceGeometry } from '../torrent/piece-geometry.ts'
import { diskError, diskErrorFromCode, systemCode } from './disk-error.ts'
import { DoubtedPieces } from './doubted-pieces.ts'
import { ContentLayout, PADDING } from './file-layout.ts'
import { type FileStamp, isSameButForStatus, isSameStamp, stampOf } from './file-stamp.ts'
import { OpenFiles } from './open-files.ts'
import { PieceReader } from './piece-reader.ts'

export interface SeedStoreOptions {
  readonly info: TorrentInfo
  /** For v2 and hybrids, as in `FetchStoreOptions`. */
  readonly trees?: MerkleTrees | undefined
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

type Done = (error: DistroError | undefined) => void

/** For how long one look at a file is believed: long enough that a fast upload costs ten calls a second, not thousands. */
const BELIEVED_MS = 100

/**
 * A published tree that is only read. Before each burst the files under it are looked at by path, because an open descriptor
 * would go on showing a file that was replaced. The first difference ends it: every later read answers the same SOURCE_CHANGED. A file that may
 * only have got another name, owner or mode is no difference as long as what is read of it hashes right again.
 */
export class SeedStore {
  readonly verified: Bitfield
  readonly carriesBytes = true
  /** Empty: nothing is received. */
  readonly blockMemory: Uint8Array = new Uint8Array(0)
  readonly #options: SeedStoreOptions
  readonly #geometry: PieceGeometry
  readonly #doubts: DoubtedPieces
  readonly #layout: ContentLayout
  readonly #files: OpenFiles
  readonly #reader: PieceReader
  readonly #believedUntilMs: Float64Array
  #changed: DistroError | undefined

  constructor(options: SeedStoreOptions) {
    const geometry = new PieceGeometry(options.info)
    this.#options = options
    this.#geometry = geometry
    this.verified = options.verified ?? fullBitfield(geometry.pieceCount)
    this.#layout = new ContentLayout(options.info, geometry, options.root)
    const { info, trees, stamps, clock } = options
    this.#doubts = new DoubtedPieces({ info, trees, stamps, clock, geometry, layout: this.#layout, readable: this.verified })
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
  read(piece: number, begin: number, bodies: readonly Uint8Array[], done: Done): void {
    const files = this.#filesOf(piece, begin, bodies)
    const doubted = (): number[] => this.#doubts.among(this.#piecesOf(piece, begin, bodies))
    // One that is about to be opened by its path is looked at then.
    const opened = files.filter((file) => this.#files.isOpen(file))
    const readProven = (unproven: DistroError | undefined): void => {
      if (unproven !== undefined) {
        done(unproven)
        return
      }
      this.#reader.read(piece, begin, bodies, (error) => {
        if (error === undefined) {
          // Opening a file may have shown that its status changed: what was read of it is proven, and read again.
          if (this.#changed === undefined && doubted().length > 0) this.#prove(doubted, readProven)
          else done(this.#changed)
          return
        }
        // A file that ended early or vanished has changed, whatever the read call says.
        this.#believedUntilMs.fill(Number.NEGATIVE_INFINITY)
        this.#look(files, (changed) => done(changed ?? error))
      })
    }
    this.#look(opened, (seen) => {
      if (seen !== undefined) done(seen)
      else this.#prove(doubted, readProven)
    })
  }

  /**
   * Looks at `file` again, whatever was seen a moment ago: what was read before of the `lengthBytes` of it from `offsetBytes` on is then what was
   * published, unless `done` gets SOURCE_CHANGED.
   */
  confirm(file: number, offsetBytes: number, lengthBytes: number, done: Done): void {
    const start = (this.#options.info.files[file]?.offsetBytes ?? 0) + offsetBytes
    const pieces = lengthBytes === 0 ? [] : this.#piecesWithin(this.#geometry.pieceAt(start), start + lengthBytes)
    this.#believedUntilMs[file] = Number.NEGATIVE_INFINITY
    this.#look([file], (changed) => {
      if (changed !== undefined) done(changed)
      else this.#prove(() => this.#doubts.among(pieces), done)
    })
  }

  /** Closes every descriptor once the reads under way are done. */
  async close(): Promise<void> {
    await this.#doubts.close()
    await this.#files.closeAll()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Hashes what `doubted` gives until it gives nothing more. A piece that is not right ends the store, unless its files changed again meanwhile. */
  #prove(doubted: () => readonly number[], done: Done): void {
    if (doubted().length === 0) done(undefined)
    else this.#proveAll(doubted).then(done, (error: unknown) => done(diskError(error, 'hash', this.#options.root)))
  }

  async #proveAll(doubted: () => readonly number[]): Promise<DistroError | undefined> {
    for (let pieces = doubted(); pieces.length > 0; pieces = doubted()) {
      for (const piece of pieces) {
        // Somebody else may have read it meanwhile.
        if (this.#doubts.among([piece]).length === 0) continue
        const files = this.#doubts.filesOf(piece)
        if ((await this.#lookNow(files)) !== undefined) return this.#changed
        const changes = this.#doubts.changeCount
        const flaw = await this.#doubts.prove(piece)
        if (flaw === undefined) continue
        for (const file of files) this.#believedUntilMs[file] = Number.NEGATIVE_INFINITY
        if ((await this.#lookNow(files)) !== undefined) return this.#changed
        if (this.#doubts.changeCount !== changes) continue
        if (flaw.systemCode === undefined) return this.#change(flaw.file, 'changed')
        return diskErrorFromCode(flaw.systemCode, 'read', this.#layout.pathOf(flaw.file))
      }
    }
    return undefined
  }

  #lookNow(files: readonly number[]): Promise<DistroError | undefined> {
    return new Promise((resolve) => this.#look(files, resolve))
  }

  #piecesOf(piece: number, begin: number, bodies: readonly Uint8Array[]): number[] {
    return this.#piecesWithin(piece, this.#geometry.pieceOffset(piece) + begin + bytesIn(bodies))
  }

  /** Those from `first` on that begin before `endBytes` of all content. */
  #piecesWithin(first: number, endBytes: number): number[] {
    const pieces: number[] = []
    for (let next = first; next < this.#geometry.pieceCount && this.#geometry.pieceOffset(next) < endBytes; next++) pieces.push(next)
    return pieces
  }

  #filesOf(piece: number, begin: number, bodies: readonly Uint8Array[]): number[] {
    const lengthBytes = bytesIn(bodies)
    const files: number[] = []
    for (const span of this.#layout.spans(piece, begin, lengthBytes)) if (span.file !== PADDING) files.push(span.file)
    return files
  }

  /** Looks at those of `files` that were not looked at just now. */
  #look(files: readonly number[], done: Done): void {
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

  /** True too for a file whose pieces are to be proven again. */
  #isUnchanged(file: number, stamp: FileStamp): boolean {
    const known = this.#doubts.stampOf(file)
    if (known === undefined) return false
    return isSameStamp(known, stamp) || (isSameButForStatus(known, stamp) && this.#doubts.doubt(file, stamp))
  }

  #change(file: number, what: string, cause?: unknown): DistroError {
    this.#changed ??= new DistroError('SOURCE_CHANGED', `${this.#layout.pathOf(file)} ${what} since it was published.`, {
      hint: 'Seed the content again to publish what is there now, or put the published content back.',
      cause,
    })
    return this.#changed
  }
}

function bytesIn(bodies: readonly Uint8Array[]): number {
  return bodies.reduce((sum, body) => sum + body.length, 0)
}

function fullBitfield(length: number): Bitfield {
  const field = new Bitfield(length)
  field.fill()
  return field
}

const fstatOf = promisify(fstat)
