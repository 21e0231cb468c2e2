import type { TorrentInfo } from '../torrent/info.ts'
import type { PieceGeometry } from '../torrent/piece-geometry.ts'
import { ContentLayout, type FileLayout, PADDING, type StoredSpan } from './file-layout.ts'
import { type FileStamp, isSameStamp } from './file-stamp.ts'
import type { SidePiece } from './side-pieces.ts'

/** A file that may hold what a file of the torrent should. */
export interface SourceFile {
  readonly path: string
  readonly stamp: FileStamp
}

/**
 * The layout of a tree whose files are wherever something was found that may be them. Bytes of files that were not found come from the
 * side piece, if there is one, and so do those of files that are only guessed.
 */
export class SourceLayout implements FileLayout {
  /** What each file of the layout is, as far as there is one. */
  readonly stamps: ReadonlyMap<number, FileStamp>
  readonly #content: FileLayout
  readonly #files: ReadonlyMap<number, SourceFile>
  readonly #sides: ReadonlyMap<number, SidePiece>
  readonly #guessed: ReadonlySet<number>
  /** The file number of the side piece of piece 0. */
  readonly #firstSide: number

  constructor(
    info: TorrentInfo,
    geometry: PieceGeometry,
    files: ReadonlyMap<number, SourceFile>,
    sides: ReadonlyMap<number, SidePiece>,
    guessed: ReadonlySet<number> = new Set(),
  ) {
    this.#content = new ContentLayout(info, geometry, '')
    this.#files = files
    this.#sides = sides
    this.#guessed = guessed
    this.#firstSide = info.files.length
    const stamps = new Map<number, FileStamp>()
    for (const [file, { stamp }] of files) stamps.set(file, stamp)
    for (const [piece, { stamp }] of sides) stamps.set(this.#firstSide + piece, stamp)
    this.stamps = stamps
  }

  spans(piece: number, begin: number, lengthBytes: number): StoredSpan[] {
    return this.#content.spans(piece, begin, lengthBytes).map((span) => {
      const isFile = this.#files.has(span.file) && !(this.#guessed.has(span.file) && this.#sides.has(piece))
      if (span.file === PADDING || isFile) return span
      return { ...span, file: this.#firstSide + piece, position: span.pieceOffset }
    })
  }

  pathOf(file: number): string {
    return this.#files.get(file)?.path ?? this.#sides.get(file - this.#firstSide)?.path ?? ''
  }

  /** True if every byte of a piece comes from where `other` has it, and nothing there has changed in between. */
  hasSame(piece: number, lengthBytes: number, other: SourceLayout): boolean {
    const theirs = other.spans(piece, 0, lengthBytes)
    return this.spans(piece, 0, lengthBytes).every(({ file }, index) => {
      if (file !== theirs[index]?.file || this.pathOf(file) !== other.pathOf(file)) return false
      const [stamp, theirStamp] = [this.stamps.get(file), other.stamps.get(file)]
      return file === PADDING || (stamp !== undefined && theirStamp !== undefined && isSameStamp(stamp, theirStamp))
    })
  }

  /** True if bytes of that file come from side pieces. */
  isSide(file: number): boolean {
    return file >= this.#firstSide
  }
}
