import { constants, read } from 'node:fs'
import { BLOCK_BYTES } from '../../base/units.ts'
import { OpenFiles } from '../open-files.ts'
import type { Candidate } from './files-below.ts'
import type { FoundBlocks, FoundRun } from './found-blocks.ts'

type Done = (blocks: readonly number[]) => void

/**
 * Blocks of pieces that stand in other files of this host, as far as their sums tell. They go into the slot of a piece before the rest of it
 * is asked of others; the hash of the piece has the last word.
 */
export class EarlierBlocks {
  readonly #found: FoundBlocks
  /** Every file that a block was found in, by the numbers that `OpenFiles` knows them by. */
  readonly #sources: Candidate[] = []
  readonly #numbers = new Map<Candidate, number>()
  readonly #files: OpenFiles

  constructor(found: FoundBlocks) {
    this.#found = found
    this.#files = new OpenFiles({
      pathOf: (file) => this.#sources[file]?.path ?? '',
      flags: constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
    })
  }

  /** The blocks of `piece` that there are, by number; never all of them, so that somebody is still to be asked. */
  blocksOf(piece: number): readonly number[] {
    return this.#found.isWhole(piece) ? [] : this.#found.runsOf(piece).flatMap(blocksIn)
  }

  /** Reads them into the memory of the piece; `done` gets those that came. */
  read(piece: number, into: Uint8Array, done: Done): void {
    const runs = this.#found.runsOf(piece)
    const came: number[] = []
    let pending = runs.length
    for (const run of runs) {
      this.#readRun(run, into, (isRead) => {
        if (isRead) came.push(...blocksIn(run))
        else this.#found.forget(piece)
        if (--pending === 0) done(came)
      })
    }
  }

  /** Something that was read of `piece` was not right: all of it comes from others now. */
  forget(piece: number): void {
    this.#found.forget(piece)
  }

  /** Closes every descriptor once the reads under way are done. */
  async close(): Promise<void> {
    await this.#files.closeAll()
  }

  #readRun({ source, position, pieceOffset, lengthBytes }: FoundRun, into: Uint8Array, done: (isRead: boolean) => void): void {
    const file = this.#numberOf(source)
    this.#files.acquire([file], (error, [fd]) => {
      if (error !== undefined || fd === undefined) {
        done(false)
        return
      }
      read(fd, into, pieceOffset, lengthBytes, position, (failure, bytesRead) => {
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
