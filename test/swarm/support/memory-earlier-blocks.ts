import type { Clock } from '../../../src/base/clock.ts'
import { BLOCK_BYTES } from '../../../src/base/units.ts'
import type { EarlierBlocks } from '../../../src/swarm/piece-store.ts'
import { type BlockGap, BlockParts, partSumsBytes } from '../../../src/torrent/block-parts.ts'
import type { TestTorrent } from './test-torrent.ts'

/** How it differs from one that is right and quick. */
export interface EarlierBlocksOptions {
  /** The blocks of a piece that there are. */
  readonly blocks?: (piece: number) => readonly number[]
  /** What was where a piece is now, as far as parts of it are expected there. */
  readonly before?: (piece: number) => Uint8Array | undefined
  /** Those of them that cannot be read. */
  readonly unreadable?: (piece: number) => readonly number[]
  /** True if what is read of a piece is wrong. */
  readonly isWrong?: (piece: number) => boolean
  readonly readMs?: number
}

/** Blocks of a torrent that a host in a test has elsewhere. */
export class MemoryEarlierBlocks implements EarlierBlocks {
  readonly #clock: Clock
  readonly #torrent: TestTorrent
  readonly #options: EarlierBlocksOptions
  readonly forgotten: Set<number> = new Set()

  constructor(clock: Clock, torrent: TestTorrent, options: EarlierBlocksOptions) {
    this.#clock = clock
    this.#torrent = torrent
    this.#options = options
  }

  blocksOf(piece: number): readonly number[] {
    return this.forgotten.has(piece) ? [] : (this.#options.blocks?.(piece) ?? [])
  }

  read(piece: number, into: Uint8Array, done: (blocks: readonly number[]) => void): void {
    const unreadable = this.#options.unreadable?.(piece) ?? []
    const came = this.blocksOf(piece).filter((block) => !unreadable.includes(block))
    this.#clock.after(this.#options.readMs ?? 1, () => {
      for (const block of came) {
        const bytes = this.#torrent.bytesOf(piece).slice(block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES)
        into.set(this.#options.isWrong?.(piece) === true ? bytes.reverse() : bytes, block * BLOCK_BYTES)
      }
      if (unreadable.length > 0) this.forget(piece)
      done(came)
    })
  }

  guessedOf(piece: number): readonly number[] {
    const before = this.forgotten.has(piece) ? undefined : this.#options.before?.(piece)
    const found = this.blocksOf(piece)
    const count = before === undefined ? 0 : Math.ceil(this.#torrent.pieceBytes(piece) / BLOCK_BYTES)
    return Array.from({ length: count }, (_, block) => block).filter((block) => !found.includes(block))
  }

  findParts(piece: number, blocks: readonly number[], sums: Uint8Array, into: Uint8Array, done: (gaps: BlockGap[]) => void): void {
    let at = 0
    const gaps = blocks.map((block) => {
      const start = block * BLOCK_BYTES
      const lengthBytes = Math.min(BLOCK_BYTES, into.length - start)
      const parts = new BlockParts(lengthBytes, sums.subarray(at, at + partSumsBytes(lengthBytes)))
      at += partSumsBytes(lengthBytes)
      const before = this.#options.before?.(piece)?.subarray(start, start + lengthBytes) ?? new Uint8Array(0)
      parts.compare(before, 0, (part, begin) => into.set(part, start + begin))
      return parts.gapOf(block)
    })
    this.#clock.after(this.#options.readMs ?? 1, () => done(gaps))
  }

  forget(piece: number): void {
    this.forgotten.add(piece)
  }
}
