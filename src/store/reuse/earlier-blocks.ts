import { constants, read } from 'node:fs'
import { copyBytes } from '../../base/copy-bytes.ts'
import { BLOCK_BYTES } from '../../base/units.ts'
import { type BlockGap, BlockParts, partSumsBytes } from '../../torrent/block-parts.ts'
import type { PieceGeometry } from '../../torrent/piece-geometry.ts'
import { OpenFiles } from '../open-files.ts'
import type { Candidate } from './files-below.ts'
import type { FoundBlocks, FoundRun } from './found-blocks.ts'
import type { GuessedParts } from './guessed-parts.ts'

/** What is known of where there is something of missing pieces. */
export interface EarlierContent {
  readonly geometry: PieceGeometry
  /** Undefined where the torrent has no sums of blocks. */
  readonly found: FoundBlocks | undefined
  readonly guessed: GuessedParts
}

/** A stretch of a file. */
interface Stretch {
  readonly source: Candidate
  readonly position: number
  readonly lengthBytes: number
}

/**
 * Blocks of pieces, and parts of blocks, that stand in other files of this host, as far as their sums tell. They go into the slot of a piece
 * before the rest of it is asked of others; the hash of the piece has the last word.
 */
export class EarlierBlocks {
  readonly #geometry: PieceGeometry
  readonly #found: FoundBlocks | undefined
  readonly #guessed: GuessedParts
  /** Every file that something is read from, by the numbers that `OpenFiles` knows them by. */
  readonly #sources: Candidate[] = []
  readonly #numbers = new Map<Candidate, number>()
  readonly #files: OpenFiles
  #isClosed = false

  constructor({ geometry, found, guessed }: EarlierContent) {
    this.#geometry = geometry
    this.#found = found
    this.#guessed = guessed
    this.#files = new OpenFiles({
      pathOf: (file) => this.#sources[file]?.path ?? '',
      flags: constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
    })
  }

  /** The blocks of `piece` that there are, by number; never all of them, so that somebody is still to be asked. */
  blocksOf(piece: number): readonly number[] {
    return this.#runsOf(piece).flatMap(blocksIn)
  }

  /** Reads them into the memory of the piece; `done` gets those that came. */
  read(piece: number, into: Uint8Array, done: (blocks: readonly number[]) => void): void {
    const runs = this.#runsOf(piece)
    const came: number[] = []
    let pending = runs.length
    for (const run of runs) {
      this.#read(run, into.subarray(run.pieceOffset, run.pieceOffset + run.lengthBytes), (isRead) => {
        if (isRead) came.push(...blocksIn(run))
        else this.#found?.forget(piece)
        if (--pending === 0) done(came)
      })
    }
  }

  /** The other blocks of `piece` of which there may be parts, by number in ascending order. */
  guessedOf(piece: number): readonly number[] {
    const found = new Set(this.blocksOf(piece))
    return this.#guessed.blocksOf(piece).filter((block) => !found.has(block))
  }

  /**
   * Looks where parts of `blocks` may be for those whose sums are in `sums`, and puts them into the memory of the piece; `done` gets what is
   * missing of each block.
   */
  findParts(piece: number, blocks: readonly number[], sums: Uint8Array, into: Uint8Array, done: (gaps: readonly BlockGap[]) => void): void {
    void this.#findParts(piece, blocks, sums, into).then(done)
  }

  /** Something that was read of `piece` was not right: all of it comes from others now. */
  forget(piece: number): void {
    this.#found?.forget(piece)
    this.#guessed.forget(piece)
  }

  /** Closes every descriptor once the reads under way are done. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#files.closeAll()
  }

  /** A piece of which everything was found, and was wrong, has none any more. */
  #runsOf(piece: number): readonly FoundRun[] {
    return this.#found === undefined || this.#found.isWhole(piece) ? [] : this.#found.runsOf(piece)
  }

  async #findParts(piece: number, blocks: readonly number[], sums: Uint8Array, into: Uint8Array): Promise<readonly BlockGap[]> {
    const bytes = Buffer.alloc(BLOCK_BYTES)
    const gaps: BlockGap[] = []
    let at = 0
    for (const block of blocks) {
      const lengthBytes = this.#geometry.blockBytes(piece, block)
      const sumsEnd = at + partSumsBytes(lengthBytes)
      const parts = new BlockParts(lengthBytes, sums.subarray(at, sumsEnd))
      at = sumsEnd
      for (const guess of this.#guessed.guessesOf(piece, block)) {
        if (parts.isWhole) break
        const stretch = bytes.subarray(0, guess.lengthBytes)
        if (!(await new Promise<boolean>((resolve) => this.#read(guess, stretch, resolve)))) continue
        parts.compare(stretch, guess.blockOffset, (part, begin) => copyBytes(part, into, block * BLOCK_BYTES + begin))
      }
      this.#guessed.note(piece, block, parts.isEmpty)
      gaps.push(parts.gapOf(block))
    }
    return gaps
  }

  #read({ source, position, lengthBytes }: Stretch, into: Uint8Array, done: (isRead: boolean) => void): void {
    if (this.#isClosed) {
      done(false)
      return
    }
    const file = this.#numberOf(source)
    this.#files.acquire([file], (error, [fd]) => {
      if (error !== undefined || fd === undefined) {
        done(false)
        return
      }
      read(fd, into, 0, lengthBytes, position, (failure, bytesRead) => {
        this.#files.release([file])
        done(failure === null && bytesRead === lengthBytes)
      })
    })
  }

  #numberOf(source: Candidate): number {
    const known = this.#numbers.get(source)
    if (known !== undefined) return known
    const number = this.#sources.push(source) - 1
    this.#numbers.set(source, number)
    return number
  }
}

/** The blocks of 16 KiB of the piece that a run is made of. */
function blocksIn({ pieceOffset, lengthBytes }: FoundRun): number[] {
  return Array.from({ length: Math.floor(lengthBytes / BLOCK_BYTES) }, (_, block) => pieceOffset / BLOCK_BYTES + block)
}
