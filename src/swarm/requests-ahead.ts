import type { Bitfield } from '../base/bitfield.ts'
import type { ActivePieces } from './active-pieces.ts'
import type { BlockSource } from './block-source.ts'
import { limitShareBytes } from './limit-share.ts'
import type { PieceLayout } from './piece-layout.ts'

/** A host that is so many pieces behind a peer asks it for twice as much, if it gathers fewer than that. */
const FEWEST_PIECES_BEHIND = 4

/** What it depends on. */
export interface RequestsAheadParts {
  readonly layout: PieceLayout
  readonly have: Bitfield
  readonly active: ActivePieces
  readonly sources: ReadonlyMap<number, BlockSource>
  /** What all sources together may give. */
  readonly downBytesPerSecond: number
}

/** How many requests to have under way at a source. */
export class RequestsAhead {
  readonly #parts: RequestsAheadParts

  constructor(parts: RequestsAheadParts) {
    this.#parts = parts
  }

  /**
   * One at least, and up to twice as many as its window at one that is ahead of us, by as many pieces as we gather or more. What an uplink
   * gives to each of its takers follows from how much they ask for, so those that are behind catch up, and all finish together. Under a
   * limit no more than that lets through. `pieces` are those that the source has.
   */
  at(source: BlockSource, pieces: Bitfield): number {
    const { layout, have, active, sources, downBytesPerSecond } = this.#parts
    const lead = pieces.isComplete ? 0 : Math.max(0, pieces.count - have.count)
    const share = Math.min(1, lead / Math.max(FEWEST_PIECES_BEHIND, active.size))
    const mostBytes = source.isAskedAtOnce ? Number.POSITIVE_INFINITY : limitShareBytes(downBytesPerSecond, sources.size, source)
    const blocks = Math.ceil(Math.min(source.windowBytes() * (1 + share), mostBytes) / layout.blockLengthBytes)
    return Math.max(1, Math.min(blocks, source.queueLimit))
  }
}
