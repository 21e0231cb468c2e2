import { Bitfield } from '../base/bitfield.ts'
import type { Clock } from '../base/clock.ts'
import type { TorrentInfo } from '../torrent/info.ts'
import type { MerkleTrees } from '../torrent/merkle-trees.ts'
import type { PieceGeometry } from '../torrent/piece-geometry.ts'
import { digestPieces } from './digest-pieces.ts'
import { ExpectedDigests } from './expected-digests.ts'
import type { FileLayout } from './file-layout.ts'
import type { FileStamp } from './file-stamp.ts'
import { HashPool } from './hash-pool.ts'

export interface DoubtedPiecesOptions {
  readonly info: TorrentInfo
  readonly geometry: PieceGeometry
  readonly layout: FileLayout
  readonly trees: MerkleTrees | undefined
  /** Pieces that may be read; no other is hashed. */
  readonly readable: Bitfield
  /** What each file was when its pieces were right. */
  readonly stamps: readonly (FileStamp | undefined)[]
  readonly clock: Clock
}

/** Why a piece could not be proven: it is wrong, most likely in `file`, or the system's word for why that cannot be read. */
export interface ProofFlaw {
  readonly file: number
  readonly systemCode: string | undefined
}

/** Changes of one file's status in a minute that have its pieces hashed again; with one more the file counts as changed. */
const MOST_CHANGES = 64
const CHANGES_WINDOW_MS = 60_000

/**
 * The pieces of files whose status changed, and most likely nothing else, since they were last right. Each is hashed again when it is about to
 * be read, once for each change, by one worker: a large file of which little is read costs little, and a read waits for no more than its pieces.
 */
export class DoubtedPieces {
  readonly #options: DoubtedPiecesOptions
  readonly #stamps: (FileStamp | undefined)[]
  readonly #expected: ExpectedDigests
  readonly #pool: HashPool
  readonly #doubted: Bitfield
  readonly #proving = new Map<number, Promise<ProofFlaw | undefined>>()
  readonly #recent = new Map<number, { readonly sinceMs: number; count: number }>()
  #changeCount = 0

  constructor(options: DoubtedPiecesOptions) {
    const { info, geometry, trees, clock } = options
    this.#options = options
    this.#stamps = [...options.stamps]
    this.#expected = new ExpectedDigests(info, geometry, trees)
    this.#pool = new HashPool({ clock, workers: 1 })
    this.#doubted = new Bitfield(geometry.pieceCount)
  }

  /** How many changes there were so far. */
  get changeCount(): number {
    return this.#changeCount
  }

  /** What `file` was when it was last looked at. */
  stampOf(file: number): FileStamp | undefined {
    return this.#stamps[file]
  }

  /** Takes `stamp` for what `file` is now, and every piece of it for unproven; false if that was done too often. */
  doubt(file: number, stamp: FileStamp): boolean {
    if (!this.#mayChange(file)) return false
    this.#stamps[file] = stamp
    this.#changeCount++
    for (const piece of this.#piecesOf(file)) if (this.#options.readable.has(piece)) this.#doubted.add(piece)
    return true
  }

  /** Those of `pieces` that are to be proven before they are read. */
  among(pieces: Iterable<number>): number[] {
    return this.#doubted.count === 0 ? [] : [...pieces].filter((piece) => this.#doubted.has(piece))
  }

  /** The files that have a part in `piece`. */
  filesOf(piece: number): number[] {
    const { layout, geometry } = this.#options
    return layout
      .spans(piece, 0, geometry.pieceBytes(piece))
      .map(({ file }) => file)
      .filter((file) => file >= 0)
  }

  /**
   * Hashes `piece`, unless that is under way. If it is right and its files are what they were, it is in doubt no more. Rejects with INTERNAL if the
   * worker dies or after `close`.
   */
  prove(piece: number): Promise<ProofFlaw | undefined> {
    const underWay = this.#proving.get(piece)
    if (underWay !== undefined) return underWay
    const proof = this.#hash(piece).finally(() => this.#proving.delete(piece))
    this.#proving.set(piece, proof)
    return proof
  }

  /** Ends the worker once the proofs under way are done. */
  async close(): Promise<void> {
    await this.#pool.close()
  }

  async #hash(piece: number): Promise<ProofFlaw | undefined> {
    const { geometry, layout } = this.#options
    const files = this.filesOf(piece)
    const before = files.map((file) => this.#stamps[file])
    let flaw: ProofFlaw | undefined
    await digestPieces({
      geometry,
      layout,
      pieces: [piece],
      byFile: this.#expected.onDisk,
      stampOf: (file) => this.#stamps[file],
      pool: this.#pool,
      onDigests: ({ digests, faults: [fault] }) => {
        if (this.#expected.isRight(piece, digests, 0)) return
        const isOther = fault?.systemCode === 'CHANGED' || fault?.systemCode === 'SHORT'
        flaw = { file: fault?.file ?? this.#likelyCulprit(files), systemCode: isOther ? undefined : fault?.systemCode }
      },
    })
    // What changed meanwhile left the piece in doubt.
    if (flaw === undefined && files.every((file, index) => this.#stamps[file] === before[index])) this.#doubted.delete(piece)
    return flaw
  }

  /** The first of `files` that was not left alone. */
  #likelyCulprit(files: readonly number[]): number {
    return files.find((file) => this.#stamps[file] !== this.#options.stamps[file]) ?? files[0] ?? 0
  }

  #mayChange(file: number): boolean {
    const nowMs = this.#options.clock.nowMs()
    const recent = this.#recent.get(file)
    if (recent === undefined || nowMs - recent.sinceMs >= CHANGES_WINDOW_MS) {
      this.#recent.set(file, { sinceMs: nowMs, count: 1 })
      return true
    }
    return ++recent.count <= MOST_CHANGES
  }

  *#piecesOf(file: number): Generator<number, void> {
    const { first, end } = this.#options.geometry.filePieces(file)
    for (let piece = first; piece < end; piece++) yield piece
  }
}
