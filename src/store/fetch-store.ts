import { constants } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { Bitfield } from '../base/bitfield.ts'
import { DistroError } from '../base/errors.ts'
import { formatSize } from '../base/format.ts'
import type { PieceGeometry } from '../torrent/piece-geometry.ts'
import { contentStamps } from './content-stamps.ts'
import { diskError } from './disk-error.ts'
import { madeMode } from './exec-bit.ts'
import type { ExpectedDigests } from './expected-digests.ts'
import type { FetchStoreOptions } from './fetch-options.ts'
import { bytesOf } from './fetch-plan.ts'
import { type FetchStart, startFetch } from './fetch-start.ts'
import { PADDING } from './file-layout.ts'
import type { FileStamp } from './file-stamp.ts'
import { HashPool, SYNC_WORKERS, transferWorkers } from './hash-pool.ts'
import { keepSides } from './keep-sides.ts'
import { OpenFiles } from './open-files.ts'
import { ParentFolders } from './parent-folders.ts'
import { PieceReader } from './piece-reader.ts'
import { PieceSlots } from './piece-slots.ts'
import { PieceWriter, type WriteResult } from './piece-writer.ts'
import { PlaceProgress } from './place-progress.ts'
import { placeTree } from './placement.ts'
import { removeTree } from './remove-tree.ts'
import type { ResumedPieces } from './resume-check.ts'
import type { EarlierBlocks } from './reuse/earlier-blocks.ts'
import { SeedStore } from './seed-store.ts'
import type { Selection } from './selection.ts'
import type { StagedLayout } from './staged-layout.ts'
import type { StagingPaths } from './staging.ts'
import { StateSaver } from './state-saver.ts'
import type { TargetLock } from './target-lock.ts'

type Done = (error: DistroError | undefined) => void

/**
 * The bytes of a torrent that is being fetched. Pieces are gathered in shared memory, hashed and written by workers into a
 * staging directory beside the target, and the whole tree is renamed into place once everything wanted is there; from then on
 * reads come from the target. What was verified survives a stop, a kill and a crash, and is found again by the next `open`.
 */
export class FetchStore {
  /** Wanted pieces that are stored; complete pieces of a target that was there already. */
  readonly verified: Bitfield
  readonly carriesBytes = true
  readonly selection: Selection
  readonly geometry: PieceGeometry
  /** Where the finished tree, or single file, is or will be. */
  readonly targetPath: string
  /** How the pieces that were there at the start were found. */
  readonly resumed: ResumedPieces['how'] | 'in place'
  /** Parts of pieces that are on this host elsewhere; undefined if none were found. */
  readonly earlier: EarlierBlocks | undefined
  readonly #options: FetchStoreOptions
  readonly #paths: StagingPaths
  readonly #slots: PieceSlots
  readonly #pool: HashPool
  readonly #files: OpenFiles
  readonly #reader: PieceReader
  readonly #writer: PieceWriter
  readonly #layout: StagedLayout
  readonly #expected: ExpectedDigests
  readonly #saver: StateSaver
  readonly #lock: TargetLock
  readonly #linked: ReadonlyMap<number, FileStamp>
  #published: SeedStore | undefined
  #activeReads = 0
  #whenReadsEnd: (() => void) | undefined
  #heldReads: (() => void)[] | undefined
  #placing: Promise<string> | undefined
  #closing: Promise<void> | undefined

  private constructor(start: FetchStart) {
    const { options, paths, selection, geometry, layout, resumed, inPlace } = start
    this.#options = options
    this.#paths = paths
    this.#lock = start.lock
    this.#linked = start.linked
    this.#layout = layout
    this.#expected = start.expected
    this.geometry = geometry
    this.selection = selection
    this.targetPath = paths.target
    this.earlier = start.earlier
    this.verified = resumed.verified
    this.resumed = inPlace === undefined ? resumed.how : 'in place'
    this.#slots = new PieceSlots(geometry, options.slotMemoryBytes)
    this.#pool = new HashPool({ clock: options.clock, workers: transferWorkers(), memory: this.#slots.memory })
    const parents = new ParentFolders(options.info, paths.content)
    this.#files = new OpenFiles({
      pathOf: (file) => layout.pathOf(file),
      flags: constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK,
      modeOf: (file) => madeMode(options.info.files[file]?.isExecutable),
      ...(options.descriptors === undefined ? {} : { limit: options.descriptors }),
      prepare: async (file) => {
        if (!layout.isSide(file)) await parents.ensure(file)
      },
    })
    this.#reader = new PieceReader(layout, this.#files)
    this.#writer = new PieceWriter(layout, this.#files, this.#pool)
    this.#saver = new StateSaver({
      clock: options.clock,
      layout,
      path: paths.state,
      infoHash: options.infoHash,
      verified: this.verified,
      stamps: resumed.stamps,
    })
    if (start.reusedFiles.length > 0) this.#saver.noteWritten(start.reusedFiles)
    if (inPlace !== undefined) this.#published = this.#publish(inPlace)
  }

  /**
   * Takes the target's lock, looks at what is there, and finds the pieces that an earlier run left. A target that already holds
   * the content makes a store that is complete and placed. Throws BUSY, TARGET_DIFFERS, PATH_REFUSED, DISK_FULL, DISK_FAILED,
   * INTERNAL, or the signal's reason.
   */
  static async open(options: FetchStoreOptions): Promise<FetchStore> {
    return new FetchStore(await startFetch(options))
  }

  /** Pieces that are to be fetched. */
  get wanted(): Bitfield {
    return this.selection.wanted
  }

  /** Wanted pieces that can still be read once the tree is in place; only these may be offered to peers. */
  get servable(): Bitfield {
    return this.selection.servable
  }

  /** True when every wanted piece is stored. */
  get isComplete(): boolean {
    return this.verified.count >= this.selection.wanted.count
  }

  get isPlaced(): boolean {
    return this.#published !== undefined
  }

  /** Descriptors open now. */
  get descriptorCount(): number {
    return this.#files.count
  }

  get blockMemory(): Uint8Array {
    return this.#slots.memory
  }

  /** A free piece slot, or -1. */
  acquireSlot(): number {
    this.#pool.warm()
    return this.#slots.acquire()
  }

  slotOffset(slot: number): number {
    return this.#slots.offsetOf(slot)
  }

  releaseSlot(slot: number): void {
    this.#slots.release(slot)
  }

  /** Hashes the piece in `slot` and, if it is right, writes it, both in a worker; frees the slot and calls `done`. */
  commit(slot: number, piece: number, wantDigests: boolean, done: (result: WriteResult) => void): void {
    const expected = this.#expected.of(piece)
    if (expected === undefined) {
      this.#slots.release(slot)
      const error = new DistroError('INTERNAL', `Piece ${piece} was fetched before its hash was known.`)
      queueMicrotask(() => done({ kind: 'failed', error }))
      return
    }
    const lengthBytes = this.geometry.pieceBytes(piece)
    this.#writer.write({ piece, offsetBytes: this.#slots.offsetOf(slot), lengthBytes, expected, wantDigests }, (result) => {
      this.#slots.release(slot)
      if (result.kind === 'stored') this.#noteStored(piece, lengthBytes)
      done(result.kind === 'failed' ? { kind: 'failed', error: this.#withMissingBytes(result.error) } : result)
    })
  }

  /** Reads bytes of a verified piece, from the staging directory or, once placed, from the target. */
  read(piece: number, begin: number, bodies: readonly Uint8Array[], done: Done): void {
    if (this.#published !== undefined) {
      this.#published.read(piece, begin, bodies, done)
      return
    }
    if (this.#heldReads !== undefined) {
      this.#heldReads.push(() => this.read(piece, begin, bodies, done))
      return
    }
    this.#activeReads++
    this.#reader.read(piece, begin, bodies, (error) => {
      this.#activeReads--
      if (this.#activeReads === 0) this.#whenReadsEnd?.()
      done(error)
    })
  }

  /**
   * Puts the complete tree in place, on the disk and in one step, and gives its path; see `placeTree`. Reads go on meanwhile.
   * Throws INCOMPLETE while pieces are missing, TARGET_DIFFERS, BUSY, DISK_FULL or DISK_FAILED.
   */
  place(): Promise<string> {
    this.#placing ??= this.#place().finally(() => {
      if (this.#published === undefined) this.#placing = undefined
    })
    return this.#placing
  }

  /** Finishes the writes under way, saves what was verified, and lets go of workers, descriptors and the lock. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #place(): Promise<string> {
    if (this.#published !== undefined) return this.targetPath
    if (!this.isComplete) throw new DistroError('INCOMPLETE', 'The content cannot be put in place before every wanted piece is there.')
    await this.#lock.confirm()
    if (this.#files.closeFailure !== undefined) throw await this.#distrust(this.#files.closeFailure)
    const { info, clock, overwrite = false, completes = true, isNeverAbsent = false, onPlace, onComplaint } = this.#options
    const bytesTotal = this.selection.fileIndexes().reduce((sum, file) => sum + (info.files[file]?.lengthBytes ?? 0), 0)
    const progress = new PlaceProgress(onPlace, bytesTotal)
    await using pool = new HashPool({ clock, workers: SYNC_WORKERS })
    this.#saver.pause()
    try {
      const onFinished = (bytes: number): void => progress.add(bytes)
      const beforeMove = (): Promise<void> => this.#holdReads()
      const terms = { overwrite, completes, isNeverAbsent, linked: this.#linked, onComplaint }
      await placeTree({ paths: this.#paths, info, selection: this.selection, ...terms, pool, onFinished, beforeMove })
      await this.#saver.stop()
      this.#published = this.#publish(await contentStamps(info, this.targetPath, pool))
    } catch (error) {
      throw await this.#distrust(diskError(error, 'finish', this.#paths.target))
    } finally {
      const held = this.#heldReads ?? []
      this.#heldReads = undefined
      for (const read of held) read()
    }
    await this.earlier?.close()
    await this.#files.closeAll()
    await keepSides(this.#options, this.#paths, this.selection)
    await removeTree(this.#paths.dir)
    return this.targetPath
  }

  #publish(stamps: readonly (FileStamp | undefined)[]): SeedStore {
    const { info, trees, clock, descriptors } = this.#options
    const limit = descriptors === undefined ? {} : { descriptors }
    return new SeedStore({ info, trees, root: this.targetPath, stamps, clock, verified: this.servable, ...limit })
  }

  /** New reads wait, and those under way end, so that no file is opened under a path that is about to move. */
  async #holdReads(): Promise<void> {
    this.#heldReads = []
    if (this.#activeReads > 0) await new Promise<void>((resolve) => (this.#whenReadsEnd = resolve))
    this.#whenReadsEnd = undefined
  }

  /** After the disk failed to keep something, nothing that the state file says can be relied on. */
  async #distrust(error: DistroError): Promise<DistroError> {
    if (error.code !== 'DISK_FAILED') return error
    await this.#saver.stop()
    await rm(this.#paths.state, { force: true }).catch(() => undefined)
    return error
  }

  async #close(): Promise<void> {
    await this.#placing?.catch(() => undefined)
    await this.#pool.close()
    if (this.#published === undefined && this.verified.count > 0) await this.#saver.save()
    await this.#saver.stop()
    await this.earlier?.close()
    await this.#files.closeAll()
    await this.#published?.close()
    if (this.#published === undefined && this.verified.count === 0) await removeTree(this.#paths.dir)
    await this.#lock.release()
  }

  #noteStored(piece: number, lengthBytes: number): void {
    this.verified.add(piece)
    const files = this.#layout.spans(piece, 0, lengthBytes).map((span) => span.file)
    this.#saver.noteWritten(files.filter((file) => file !== PADDING))
  }

  #withMissingBytes(error: DistroError): DistroError {
    if (error.code !== 'DISK_FULL') return error
    const missingBytes = this.selection.wantedBytes - bytesOf(this.geometry, this.verified)
    return new DistroError('DISK_FULL', `${error.message} The rest needs ${formatSize(missingBytes)}.`, {
      hint: error.hint ?? '',
      cause: error.cause,
    })
  }
}
