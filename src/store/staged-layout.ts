import { join } from 'node:path'
import type { TorrentInfo } from '../torrent/info.ts'
import type { PieceGeometry } from '../torrent/piece-geometry.ts'
import { ContentLayout, type FileLayout, PADDING, type StoredSpan } from './file-layout.ts'
import type { Selection } from './selection.ts'

/**
 * The layout of a staging directory: wanted files where they will be in the tree, and the bytes of other files that come with
 * boundary pieces in one side file, a piece's length for each boundary piece. The side file goes away when the tree is placed.
 */
export class StagedLayout implements FileLayout {
  /** The file number of the side file. */
  readonly sideFile: number
  readonly #selection: Selection
  readonly #content: ContentLayout
  readonly #sidePath: string
  readonly #sideOffsets: ReadonlyMap<number, number>

  constructor(info: TorrentInfo, geometry: PieceGeometry, selection: Selection, stagingDir: string) {
    this.sideFile = info.files.length
    this.#selection = selection
    this.#content = new ContentLayout(info, geometry, join(stagingDir, 'content'))
    this.#sidePath = join(stagingDir, 'boundary')
    this.#sideOffsets = new Map(selection.boundary.map((piece, place) => [piece, place * geometry.pieceLengthBytes]))
  }

  spans(piece: number, begin: number, lengthBytes: number): StoredSpan[] {
    const spans = this.#content.spans(piece, begin, lengthBytes)
    const sideOffset = this.#sideOffsets.get(piece)
    if (sideOffset === undefined) return spans
    return spans.map((span) => {
      if (span.file === PADDING || this.#selection.wantsFile(span.file)) return span
      return { ...span, file: this.sideFile, position: sideOffset + span.pieceOffset }
    })
  }

  pathOf(file: number): string {
    return file === this.sideFile ? this.#sidePath : this.#content.pathOf(file)
  }
}
