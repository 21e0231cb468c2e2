import { BLOCK_BYTES } from '../base/units.ts'
import type { TorrentFile } from './info.ts'

/** What the geometry must know of a torrent. Files are in torrent order and do not overlap. */
export interface TorrentLayout {
  readonly pieceLengthBytes: number
  readonly files: readonly Pick<TorrentFile, 'lengthBytes' | 'offsetBytes' | 'kind'>[]
  /** As in `TorrentInfo`: then padding counts as a gap. */
  readonly isAligned?: true
}

/** A part of one file; padding is zeros that are on no disk. */
export interface FileSpan {
  readonly fileIndex: number
  readonly kind: TorrentFile['kind']
  /** Where the part starts in the file. */
  readonly fileOffsetBytes: number
  readonly lengthBytes: number
}

/**
 * Where pieces, blocks and files lie in the byte stream of a torrent. All offsets and lengths are bytes.
 *
 * Files of v1 follow each other without a gap, and only the last piece is short. Where each file starts a new piece (BEP 52)
 * there are gaps that belong to no file and are never asked for: a piece then ends with the only file in it.
 */
export class PieceGeometry {
  readonly pieceLengthBytes: number
  /** Where the last file ends. */
  readonly totalBytes: number
  readonly pieceCount: number
  /** How long a piece is as a rule, which is what estimates go by: where every file starts a new one, in the mean. */
  readonly usualPieceBytes: number
  /** Blocks of 16 KiB are what every client asks for and serves (BEP 3). */
  readonly blockLengthBytes: number = BLOCK_BYTES
  /** The size of the largest piece: the memory that one piece can need. */
  readonly largestPieceBytes: number
  readonly #files: TorrentLayout['files']
  // Only files with content, so that the search never has to step over empty ones.
  readonly #indexes: Uint32Array
  readonly #starts: Float64Array
  readonly #ends: Float64Array
  readonly #isAligned: boolean
  /** The size of each piece, where there are gaps: figures ask for all of them every second. */
  readonly #pieceSizes: Uint32Array | undefined
  /** Where the last padding ends, if that is behind the last file. */
  readonly #paddedEnd: number

  constructor(layout: TorrentLayout) {
    this.#files = layout.files
    this.pieceLengthBytes = layout.pieceLengthBytes
    const isAligned = layout.isAligned === true
    const isPart = ({ lengthBytes, kind }: TorrentLayout['files'][number]): boolean => lengthBytes > 0 && !(isAligned && kind === 'padding')
    const count = layout.files.reduce((sum, file) => (isPart(file) ? sum + 1 : sum), 0)
    this.#indexes = new Uint32Array(count)
    this.#starts = new Float64Array(count)
    this.#ends = new Float64Array(count)
    let end = 0
    let paddedEnd = 0
    let contentBytes = 0
    let longestFileBytes = 0
    let hasGaps = false
    let place = 0
    for (const [index, file] of layout.files.entries()) {
      paddedEnd = file.offsetBytes + file.lengthBytes
      if (!isPart(file)) continue
      contentBytes += file.lengthBytes
      longestFileBytes = Math.max(longestFileBytes, file.lengthBytes)
      hasGaps ||= file.offsetBytes !== end
      end = file.offsetBytes + file.lengthBytes
      this.#indexes[place] = index
      this.#starts[place] = file.offsetBytes
      this.#ends[place] = end
      place++
    }
    this.#isAligned = isAligned
    this.#paddedEnd = Math.max(end, paddedEnd)
    this.totalBytes = end
    this.pieceCount = Math.ceil(end / this.pieceLengthBytes)
    this.#pieceSizes = hasGaps ? this.#measurePieces() : undefined
    this.largestPieceBytes = Math.min(isAligned ? longestFileBytes : end, this.pieceLengthBytes)
    this.usualPieceBytes = isAligned ? Math.ceil(contentBytes / Math.max(1, this.pieceCount)) : this.largestPieceBytes
  }

  /** Where `piece` starts. */
  pieceOffset(piece: number): number {
    return piece * this.pieceLengthBytes
  }

  /** The size of `piece`, 0 to `pieceCount` - 1. */
  pieceBytes(piece: number): number {
    return this.#pieceSizes?.[piece] ?? Math.min(this.pieceLengthBytes, this.totalBytes - piece * this.pieceLengthBytes)
  }

  /** The size of `piece` with the padding behind it, which the SHA-1 of a hybrid is over. */
  paddedBytes(piece: number): number {
    return Math.min(this.pieceLengthBytes, this.#paddedEnd - piece * this.pieceLengthBytes)
  }

  /**
   * How much of `piece` others may ask for: what is behind its file is zeros for them. Clients that know v1 alone ask for the padding of a
   * hybrid, and libtorrent asks for as much in v2, behind the last file too (its file_storage.cpp pads every file).
   */
  servedBytes(piece: number): number {
    return this.#isAligned ? this.pieceLengthBytes : this.pieceBytes(piece)
  }

  /** The piece that holds the byte at `offset`. */
  pieceAt(offset: number): number {
    return Math.floor(offset / this.pieceLengthBytes)
  }

  /** How many requests of at most 16 KiB `piece` takes. */
  blockCount(piece: number): number {
    return Math.ceil(this.pieceBytes(piece) / BLOCK_BYTES)
  }

  /** The size of block `block` of `piece`: 16 KiB, or less at the end of the piece. */
  blockBytes(piece: number, block: number): number {
    return Math.min(BLOCK_BYTES, this.pieceBytes(piece) - block * BLOCK_BYTES)
  }

  /** The pieces that hold bytes of a file: from `first` up to, not including, `end`; none for an empty file. */
  filePieces(fileIndex: number): { readonly first: number; readonly end: number } {
    const file = this.#files[fileIndex]
    if (file === undefined || file.lengthBytes === 0) return { first: 0, end: 0 }
    const lastByte = file.offsetBytes + file.lengthBytes - 1
    return { first: this.pieceAt(file.offsetBytes), end: this.pieceAt(lastByte) + 1 }
  }

  /** True if `test` is true of some piece that holds bytes of a file; of an empty file there is none. */
  somePiece(fileIndex: number, test: (piece: number) => boolean): boolean {
    const { first, end } = this.filePieces(fileIndex)
    for (let piece = first; piece < end; piece++) if (test(piece)) return true
    return false
  }

  /** The file that holds the first byte of `piece`, padding of v1 too; -1 if there is none. */
  fileOf(piece: number): number {
    return this.fileSpans(this.pieceOffset(piece), 1)[0]?.fileIndex ?? -1
  }

  /** The parts of files that the `length` bytes from `offset` on cover, in order, without empty ones; O(log files) and the parts found. */
  fileSpans(offset: number, length: number): FileSpan[] {
    const spans: FileSpan[] = []
    const rangeEnd = offset + length
    for (let place = Math.max(0, this.#placeOf(offset)); place < this.#starts.length; place++) {
      const fileStart = this.#starts[place] as number
      if (fileStart >= rangeEnd) break
      const start = Math.max(offset, fileStart)
      const end = Math.min(rangeEnd, this.#ends[place] as number)
      if (start >= end) continue
      const fileIndex = this.#indexes[place] as number
      const kind = (this.#files[fileIndex] as TorrentLayout['files'][number]).kind
      spans.push({ fileIndex, kind, fileOffsetBytes: start - fileStart, lengthBytes: end - start })
    }
    return spans
  }

  /** A piece ends where the last file in it does. */
  #measurePieces(): Uint32Array {
    const sizes = new Uint32Array(this.pieceCount)
    for (let place = 0; place < this.#starts.length; place++) {
      const end = this.#ends[place] as number
      for (let piece = this.pieceAt(this.#starts[place] as number); piece * this.pieceLengthBytes < end; piece++) {
        sizes[piece] = Math.min(this.pieceLengthBytes, end - piece * this.pieceLengthBytes)
      }
    }
    return sizes
  }

  /** The place of the last file that starts at or before `offset`; -1 if there is none. */
  #placeOf(offset: number): number {
    let low = 0
    let high = this.#starts.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#starts[middle] as number) <= offset) low = middle + 1
      else high = middle
    }
    return low - 1
  }
}
