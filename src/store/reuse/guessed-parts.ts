import type { Bitfield } from '../../base/bitfield.ts'
import type { TorrentInfo } from '../../torrent/info.ts'
import type { PieceGeometry } from '../../torrent/piece-geometry.ts'
import type { Candidate } from './files-below.ts'
import type { FoundBlocks } from './found-blocks.ts'

/** A stretch of a block, and where it may well stand in another file. */
export interface Guess {
  /** Where in the block it starts. */
  readonly blockOffset: number
  readonly lengthBytes: number
  readonly source: Candidate
  /** Where in the source it starts. */
  readonly position: number
}

/** What is guessed from. */
export interface GuessedPartsOptions {
  readonly info: Pick<TorrentInfo, 'files'>
  readonly geometry: PieceGeometry
  /** The earlier version of each file, by number. */
  readonly candidates: ReadonlyMap<number, Candidate>
  /** Blocks that were found, beside which others may be; undefined where the torrent has no sums of blocks. */
  readonly found: FoundBlocks | undefined
  /** Pieces that stand where they are wanted in the candidates. */
  readonly inPlace: Bitfield
}

/**
 * Blocks of which no part stood where it was expected, after which the rest of their file, or of all files, is thought to be new: sums that
 * are asked for in vain are some more bytes, and a round trip for each piece. A block of which a part was right saves more than so many cost.
 */
const MOST_VAIN_IN_FILE = 64
const MOST_VAIN = 256

/** Where a byte of a file may well stand; it may be outside of the source. */
interface Place {
  readonly source: Candidate
  readonly position: number
}

/**
 * Where parts of blocks that were not found as a whole may well stand: right after where the block before was found, right before where
 * the one behind was found, and at the same distance from the start and from the end of the earlier version of the file. So what was put
 * in or cut out costs what is new, also where files are too small to have sums of their blocks.
 */
export class GuessedParts {
  readonly #options: GuessedPartsOptions
  readonly #forgotten = new Set<number>()
  /** Whether anything of a file was found as a whole. */
  readonly #isAlike = new Map<number, boolean>()
  /** Blocks less those that were worth it, by file and in all. */
  readonly #vainInFile = new Map<number, number>()
  #vain = 0

  constructor(options: GuessedPartsOptions) {
    this.#options = options
  }

  /** What was put together of `piece` was not right: nothing more is guessed of it. */
  forget(piece: number): void {
    this.#forgotten.add(piece)
  }

  /**
   * The blocks of `piece` for which there are guesses that are worth a question, by number in ascending order. Of a file that was looked
   * through, and has not one block that is what it was, each piece has one that tries whether its parts are.
   */
  blocksOf(piece: number): readonly number[] {
    if (this.#forgotten.has(piece) || this.#vain >= MOST_VAIN) return []
    const blocks: number[] = []
    const count = this.#options.geometry.blockCount(piece)
    for (let block = 0; block < count; block++) {
      if (this.#isNew(piece, block) || this.guessesOf(piece, block).length === 0) continue
      blocks.push(block)
      if (this.#isDoubtful(piece)) break
    }
    return blocks
  }

  /** Where parts of a block may be, the likeliest first. */
  guessesOf(piece: number, block: number): readonly Guess[] {
    const { info } = this.#options
    const guesses: Guess[] = []
    let blockOffset = 0
    for (const span of this.#spansOf(piece, block)) {
      const { fileIndex, fileOffsetBytes, lengthBytes } = span
      const file = info.files[fileIndex]
      if (file?.kind === 'file') {
        for (const place of this.#placesOf(fileIndex, fileOffsetBytes, file.lengthBytes)) {
          const guess = withinSource(place, blockOffset, lengthBytes)
          if (guess !== undefined && !guesses.some((other) => isSame(other, guess))) guesses.push(guess)
        }
      }
      blockOffset += lengthBytes
    }
    return guesses
  }

  /** What became of the guesses for a block. */
  note(piece: number, block: number, isVain: boolean): void {
    const change = isVain ? 1 : -MOST_VAIN_IN_FILE
    this.#vain += change
    for (const { fileIndex } of this.#spansOf(piece, block)) {
      this.#vainInFile.set(fileIndex, (this.#vainInFile.get(fileIndex) ?? 0) + change)
    }
  }

  #isDoubtful(piece: number): boolean {
    const { found, geometry, inPlace } = this.#options
    const file = geometry.fileOf(piece)
    if (found?.covers(file) !== true || (this.#vainInFile.get(file) ?? 0) < 0) return false
    const isAlike = this.#isAlike.get(file) ?? (found.hasSome(file) || geometry.somePiece(file, (other) => inPlace.has(other)))
    this.#isAlike.set(file, isAlike)
    return !isAlike
  }

  /** True if what is in `block` is new, as far as others in the same files tell. */
  #isNew(piece: number, block: number): boolean {
    return this.#spansOf(piece, block).every(({ fileIndex }) => (this.#vainInFile.get(fileIndex) ?? 0) >= MOST_VAIN_IN_FILE)
  }

  #spansOf(piece: number, block: number): ReturnType<PieceGeometry['fileSpans']> {
    const { geometry } = this.#options
    const start = geometry.pieceOffset(piece) + block * geometry.blockLengthBytes
    return geometry.fileSpans(start, geometry.blockBytes(piece, block))
  }

  *#placesOf(file: number, offsetBytes: number, fileBytes: number): Iterable<Place> {
    const { found, candidates } = this.#options
    const after = found?.placeBeside(file, offsetBytes, -1)
    const before = found?.placeBeside(file, offsetBytes, 1)
    if (after !== undefined) yield after
    if (before !== undefined) yield before
    const source = candidates.get(file)
    if (source === undefined) return
    yield { source, position: offsetBytes }
    yield { source, position: source.stamp.lengthBytes - fileBytes + offsetBytes }
  }
}

/** As much of the `lengthBytes` from `place` on as there can be. */
function withinSource({ source, position }: Place, blockOffset: number, lengthBytes: number): Guess | undefined {
  const start = Math.max(0, position)
  const end = Math.min(source.stamp.lengthBytes, position + lengthBytes)
  return start < end ? { blockOffset: blockOffset + start - position, lengthBytes: end - start, source, position: start } : undefined
}

function isSame(one: Guess, other: Guess): boolean {
  return one.source === other.source && one.position === other.position && one.blockOffset === other.blockOffset
}
