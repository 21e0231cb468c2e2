import { type BlockGap, partSumsBytes } from '../torrent/block-parts.ts'
import type { PartSums } from '../wire/extension-messages.ts'
import { MAX_PART_BLOCKS } from '../wire/wire-limits.ts'
import type { ActivePiece, ActivePieces } from './active-pieces.ts'
import type { BlockSource } from './block-source.ts'
import type { PartQuestions } from './part-questions.ts'
import type { PieceStore } from './piece-store.ts'

/** What a head start needs to know. */
export interface HeadStartParts {
  readonly store: Pick<PieceStore, 'earlier' | 'blockMemory' | 'slotOffset'>
  readonly active: ActivePieces
  readonly questions: PartQuestions
  /** All blocks of it are here. */
  onWhole(active: ActivePiece): void
  /** What has to be asked of others became known, or somebody can be asked for sums again. */
  onSettled(): void
}

/** Who a block is from that came from no source: a number that none has. */
const THIS_HOST = 0

/**
 * Gives pieces that are begun what this host has elsewhere, so that the others are asked for the rest alone: whole blocks that were found,
 * and the parts of other blocks whose sums show that they stand where they may be expected.
 */
export class HeadStart {
  readonly #parts: HeadStartParts
  /** Who told the sums for each piece. */
  readonly #tellers = new WeakMap<ActivePiece, BlockSource>()

  constructor(parts: HeadStartParts) {
    this.#parts = parts
  }

  /** False while `source`, of which pieces would be begun, has yet to answer for so many that it would be asked for the next one whole. */
  hasRoomFor(source: BlockSource): boolean {
    return this.#parts.store.earlier === undefined || !this.#parts.questions.isFull(source)
  }

  /** Fills in what there is of a piece that was just begun with `source`; until it is known what that is, some or all of it is not missing. */
  give(active: ActivePiece, source: BlockSource): void {
    const { earlier } = this.#parts.store
    if (earlier === undefined) return
    const blocks = earlier.blocksOf(active.piece)
    if (blocks.length > 0) {
      for (const block of blocks) active.arrive(block, THIS_HOST)
      earlier.read(active.piece, this.#memoryOf(active), (came) => this.#settle(active, gapsOf(active, blocks, new Set(came))))
    }
    if (this.#parts.questions.mayAsk(source)) this.#ask(active, source, earlier.guessedOf(active.piece).slice(0, MAX_PART_BLOCKS))
  }

  /** `active` came whole and was wrong, as the sums may have been. */
  onWrong(active: ActivePiece): void {
    const teller = this.#tellers.get(active)
    if (teller !== undefined) this.#parts.questions.onWrong(teller)
  }

  /** `source` told sums of parts. False if nobody asked for them. */
  onPartSums(source: BlockSource, answer: PartSums): boolean {
    return this.#parts.questions.onAnswer(source, answer)
  }

  /** `source` left. */
  removeSource(source: BlockSource): void {
    this.#parts.questions.removeSource(source)
  }

  /** Called once a second. */
  check(nowMs: number): void {
    this.#parts.questions.check(nowMs)
  }

  #ask(active: ActivePiece, source: BlockSource, blocks: readonly number[]): void {
    if (blocks.length === 0) return
    for (const block of blocks) active.arrive(block, THIS_HOST)
    const sumsBytes = blocks.reduce((sum, block) => sum + partSumsBytes(active.wholeBytes(block)), 0)
    this.#parts.questions.ask(source, { piece: active.piece, blocks }, sumsBytes, (sums) => {
      if (sums !== undefined) this.#tellers.set(active, source)
      this.#onSums(active, blocks, sums)
    })
  }

  #onSums(active: ActivePiece, blocks: readonly number[], sums: Uint8Array | undefined): void {
    const { earlier } = this.#parts.store
    if (sums === undefined || earlier === undefined) this.#settle(active, gapsOf(active, blocks))
    else if (this.#isCurrent(active)) {
      earlier.findParts(active.piece, blocks, sums, this.#memoryOf(active), (gaps) => this.#settle(active, gaps))
    }
  }

  #settle(active: ActivePiece, gaps: readonly BlockGap[]): void {
    if (!this.#isCurrent(active)) return
    for (const { block, begin, lengthBytes } of gaps) {
      if (lengthBytes < active.wholeBytes(block)) active.narrow(block, begin, lengthBytes)
      if (lengthBytes > 0) active.breakOff(block)
      else active.finish(block)
    }
    if (active.isWhole) this.#parts.onWhole(active)
    this.#parts.onSettled()
  }

  /** False for one that was given up meanwhile. */
  #isCurrent(active: ActivePiece): boolean {
    return this.#parts.active.get(active.piece) === active
  }

  #memoryOf({ slot, lengthBytes }: ActivePiece): Uint8Array {
    const { store } = this.#parts
    const start = store.slotOffset(slot)
    return store.blockMemory.subarray(start, start + lengthBytes)
  }
}

/** All of `blocks`, but for those that are here. */
function gapsOf(active: ActivePiece, blocks: readonly number[], here?: ReadonlySet<number>): readonly BlockGap[] {
  return blocks.map((block) => ({ block, begin: 0, lengthBytes: here?.has(block) === true ? 0 : active.wholeBytes(block) }))
}
