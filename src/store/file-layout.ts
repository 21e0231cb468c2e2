import { join } from 'node:path'
import type { TorrentInfo } from '../torrent/info.ts'
import type { PieceGeometry } from '../torrent/piece-geometry.ts'

/** The file number of padding (BEP 47): zeros that are on no disk. */
export const PADDING = -1

/** A run of a piece's bytes and where it is kept. */
export interface StoredSpan {
  /** A file of the layout, or `PADDING`. */
  readonly file: number
  /** Where in the file the run starts. */
  readonly position: number
  /** Where in the piece the run starts. */
  readonly pieceOffset: number
  readonly lengthBytes: number
}

/** Where the bytes of a torrent are on disk: as published, or spread over a staging directory. */
export interface FileLayout {
  /** The runs that make up `lengthBytes` of `piece` from `begin` on, in order, none of them empty; a gap (BEP 52) counts as padding. */
  spans(piece: number, begin: number, lengthBytes: number): StoredSpan[]
  /** The absolute path of a file of the layout. */
  pathOf(file: number): string
}

/** The absolute path of file `file` of a torrent whose tree, or only file, is `root`. Elements were checked when the torrent was read. */
export function contentPath(info: Pick<TorrentInfo, 'files' | 'isSingleFile'>, root: string, file: number): string {
  return info.isSingleFile ? root : join(root, ...(info.files[file]?.path ?? []))
}

/** The layout of a whole tree in place: files of the layout are files of the torrent. */
export class ContentLayout implements FileLayout {
  readonly #info: Pick<TorrentInfo, 'files' | 'isSingleFile'>
  readonly #geometry: PieceGeometry
  readonly #root: string

  constructor(info: Pick<TorrentInfo, 'files' | 'isSingleFile'>, geometry: PieceGeometry, root: string) {
    this.#info = info
    this.#geometry = geometry
    this.#root = root
  }

  spans(piece: number, begin: number, lengthBytes: number): StoredSpan[] {
    const stored: StoredSpan[] = []
    let pieceOffset = begin
    const pieceStart = this.#geometry.pieceOffset(piece)
    const skipTo = (end: number): void => {
      if (pieceOffset < end) stored.push({ file: PADDING, position: 0, pieceOffset, lengthBytes: end - pieceOffset })
      pieceOffset = Math.max(pieceOffset, end)
    }
    for (const span of this.#geometry.fileSpans(pieceStart + begin, lengthBytes)) {
      const file = span.kind === 'padding' ? PADDING : span.fileIndex
      skipTo((this.#info.files[span.fileIndex]?.offsetBytes ?? 0) + span.fileOffsetBytes - pieceStart)
      stored.push({ file, position: span.fileOffsetBytes, pieceOffset, lengthBytes: span.lengthBytes })
      pieceOffset += span.lengthBytes
    }
    skipTo(begin + lengthBytes)
    return stored
  }

  pathOf(file: number): string {
    return contentPath(this.#info, this.#root, file)
  }
}
