import { SummedBlocks } from '../../torrent/block-sums.ts'
import type { TorrentInfo } from '../../torrent/info.ts'
import type { PieceGeometry } from '../../torrent/piece-geometry.ts'
import { KNOWN, WANTED } from './block-finder.ts'
import type { Candidate } from './files-below.ts'

/** A run of a piece that stands somewhere in another file. */
export interface FoundRun {
  /** Where in the piece it starts. */
  readonly pieceOffset: number
  readonly lengthBytes: number
  readonly source: Candidate
  /** Where in the source it starts. */
  readonly position: number
}

const NOWHERE = -1
/** How many blocks away one that was found still says where its neighbours may be. */
const MOST_BLOCKS_AWAY = 64

/** Where blocks of the torrent stand in other files, as far as their sums tell. */
export class FoundBlocks {
  readonly #geometry: PieceGeometry
  readonly #info: Pick<TorrentInfo, 'files'>
  readonly #blocks: SummedBlocks
  readonly #sources: Candidate[] = []
  /** For each sum the number of the source, or -1, and where in it the block starts. */
  readonly #sourceOf: Int32Array
  readonly #positions: Float64Array
  readonly #forgotten = new Set<number>()

  constructor(info: Pick<TorrentInfo, 'files'>, geometry: PieceGeometry, blockBytes: number) {
    this.#info = info
    this.#geometry = geometry
    this.#blocks = new SummedBlocks(info.files, blockBytes)
    this.#sourceOf = new Int32Array(this.#blocks.count).fill(NOWHERE)
    this.#positions = new Float64Array(this.#blocks.count)
  }

  /** Gives blocks that are found in `source` a number to be noted with. */
  addSource(source: Candidate): number {
    return this.#sources.push(source) - 1
  }

  /** The block of `sum` starts at `position` of a source; the first place of several counts. */
  note(sum: number, source: number, position: number): void {
    if (this.#sourceOf[sum] !== NOWHERE) return
    this.#sourceOf[sum] = source
    this.#positions[sum] = position
  }

  /** What was found of `piece` was not right: none of it counts any more. */
  forget(piece: number): void {
    this.#forgotten.add(piece)
  }

  /** What was found of `piece`, in order, in runs as long as they can be. */
  runsOf(piece: number): readonly FoundRun[] {
    const file = this.#geometry.fileSpans(this.#geometry.pieceOffset(piece), 1)[0]
    if (file === undefined || this.#forgotten.has(piece)) return []
    const { blockBytes } = this.#blocks
    const start = file.fileOffsetBytes
    const end = start + this.#geometry.pieceBytes(piece)
    const { first, end: endSum } = this.#blocks.of(file.fileIndex)
    const runs: FoundRun[] = []
    for (let sum = first + Math.floor(start / blockBytes); sum < endSum && (sum - first) * blockBytes < end; sum++) {
      const source = this.#sources[this.#sourceOf[sum] as number]
      if (source === undefined) continue
      const blockStart = (sum - first) * blockBytes
      const from = Math.max(blockStart, start)
      const lengthBytes = Math.min(blockStart + blockBytes, end) - from
      addRun(runs, { pieceOffset: from - start, lengthBytes, source, position: (this.#positions[sum] as number) + from - blockStart })
    }
    return runs
  }

  /**
   * Where the byte of `file` at `offsetBytes` stands if it stands as it should beside the nearest block of the file that was found before it
   * (`step` -1) or behind it (1); undefined if there is none near. It may be outside of the source.
   */
  placeBeside(file: number, offsetBytes: number, step: -1 | 1): { readonly source: Candidate; readonly position: number } | undefined {
    const { blockBytes } = this.#blocks
    const { first, end } = this.#blocks.of(file)
    const own = first + Math.floor(offsetBytes / blockBytes)
    for (let away = 1; away <= MOST_BLOCKS_AWAY; away++) {
      const sum = own + step * away
      if (sum < first) return undefined
      const source = sum < end ? this.#sources[this.#sourceOf[sum] as number] : undefined
      if (source !== undefined) return { source, position: (this.#positions[sum] as number) + offsetBytes - (sum - first) * blockBytes }
    }
    return undefined
  }

  /** True if a block of `file` was found. */
  hasSome(file: number): boolean {
    const { first, end } = this.#blocks.of(file)
    return this.#sourceOf.subarray(first, end).some((source) => source !== NOWHERE)
  }

  /** True if all of `piece` was found. */
  isWhole(piece: number): boolean {
    return this.bytesOf(piece) === this.#geometry.pieceBytes(piece)
  }

  /** Bytes of `piece` that were found. */
  bytesOf(piece: number): number {
    return this.runsOf(piece).reduce((sum, { lengthBytes }) => sum + lengthBytes, 0)
  }

  /**
   * For each sum what its block is to a search, in shared memory: `WANTED` where a byte of it lies in one of the pieces that `isMissing`, else
   * `KNOWN` where one lies in those that `isKnown`.
   */
  sumsOf(isMissing: (piece: number) => boolean, isKnown: (piece: number) => boolean): Uint8Array {
    const wanted = new Uint8Array(new SharedArrayBuffer(this.#blocks.count))
    const { blockBytes } = this.#blocks
    for (const [file, { lengthBytes }] of this.#info.files.entries()) {
      const { first, end } = this.#blocks.of(file)
      if (first === end || lengthBytes === 0) continue
      const pieces = this.#geometry.filePieces(file)
      const { pieceLengthBytes } = this.#geometry
      for (let sum = first; sum < end; sum++) {
        const from = (sum - first) * blockBytes
        const last = pieces.first + Math.floor((from + blockBytes - 1) / pieceLengthBytes)
        for (let piece = pieces.first + Math.floor(from / pieceLengthBytes); piece <= last; piece++) {
          if (isMissing(piece)) wanted[sum] = WANTED
          else if (wanted[sum] === 0 && isKnown(piece)) wanted[sum] = KNOWN
        }
      }
    }
    return wanted
  }

  /** The sum of the block of `file` that starts at `offsetBytes`, a multiple of the block length; -1 if there is none. */
  sumAt(file: number, offsetBytes: number): number {
    const { first, end } = this.#blocks.of(file)
    const sum = first + offsetBytes / this.#blocks.blockBytes
    return sum < end ? sum : -1
  }

  /** True if blocks of `file` have sums. */
  covers(file: number): boolean {
    const { first, end } = this.#blocks.of(file)
    return end > first
  }

  /** The file that `sum` is of. */
  fileOf(sum: number): number {
    return this.#blocks.placeOf(sum).file
  }
}

function addRun(runs: FoundRun[], run: FoundRun): void {
  const last = runs.at(-1)
  const follows =
    last !== undefined &&
    last.source === run.source &&
    last.pieceOffset + last.lengthBytes === run.pieceOffset &&
    last.position + last.lengthBytes === run.position
  if (follows) runs[runs.length - 1] = { ...last, lengthBytes: last.lengthBytes + run.lengthBytes }
  else runs.push(run)
}
