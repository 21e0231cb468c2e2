import { join } from 'node:path'
import type { TorrentInfo } from '../torrent/info.ts'
import type { PieceGeometry } from '../torrent/piece-geometry.ts'
import { ContentLayout, type FileLayout, PADDING, type StoredSpan } from './file-layout.ts'
import type { Selection } from './selection.ts'

/**
 * The layout of a staging directory: wanted files where they will be in the tree, and the bytes of other files that come with
 * boundary pieces in a side piece each, a file that is called after the piece and has them where they are in it. No side piece is placed.
 */
export class StagedLayout implements FileLayout {
  /** Where everything of the layout lies: the tree, or the single file, and the folder of the side pieces. */
  readonly roots: readonly string[]
  readonly #selection: Selection
  readonly #content: ContentLayout
  readonly #sideDir: string
  /** The file number of the side piece of piece 0. */
  readonly #firstSide: number

  constructor(
    info: TorrentInfo,
    geometry: PieceGeometry,
    selection: Selection,
    paths: { readonly content: string; readonly sides: string },
  ) {
    this.#selection = selection
    this.#content = new ContentLayout(info, geometry, paths.content)
    this.#sideDir = paths.sides
    this.roots = [paths.content, paths.sides]
    this.#firstSide = info.files.length
  }

  spans(piece: number, begin: number, lengthBytes: number): StoredSpan[] {
    const spans = this.#content.spans(piece, begin, lengthBytes)
    if (this.#selection.servable.has(piece)) return spans
    return spans.map((span) => {
      if (span.file === PADDING || this.#selection.wantsFile(span.file)) return span
      return { ...span, file: this.#firstSide + piece, position: span.pieceOffset }
    })
  }

  pathOf(file: number): string {
    return this.isSide(file) ? join(this.#sideDir, String(file - this.#firstSide)) : this.#content.pathOf(file)
  }

  /** True for the number of a side piece. */
  isSide(file: number): boolean {
    return file >= this.#firstSide
  }

  /** The numbers of all files, side pieces included. */
  files(): number[] {
    return [...this.#selection.fileIndexes(), ...this.#selection.boundary.map((piece) => this.#firstSide + piece)]
  }
}
