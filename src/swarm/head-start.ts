import type { ActivePiece, ActivePieces } from './active-pieces.ts'
import type { PieceStore } from './piece-store.ts'

/** What a head start needs to know. */
export interface HeadStartParts {
  readonly store: Pick<PieceStore, 'earlier' | 'blockMemory' | 'slotOffset'>
  readonly active: ActivePieces
  /** All blocks of it are here. */
  onWhole(active: ActivePiece): void
  /** Blocks of it have to be asked of others after all. */
  onMissing(): void
}

/** Who a block is from that came from no source: a number that none has. */
const THIS_HOST = 0

/** Gives pieces that are begun the blocks that this host has elsewhere, so that the others alone are asked for. */
export class HeadStart {
  readonly #parts: HeadStartParts

  constructor(parts: HeadStartParts) {
    this.#parts = parts
  }

  /** Fills in what there is of a piece that was just begun; some of its blocks stay missing. */
  give(active: ActivePiece): void {
    const { store } = this.#parts
    const { piece, slot, lengthBytes } = active
    const blocks = store.earlier?.blocksOf(piece) ?? []
    if (blocks.length === 0) return
    for (const block of blocks) active.arrive(block, THIS_HOST)
    const start = store.slotOffset(slot)
    store.earlier?.read(piece, store.blockMemory.subarray(start, start + lengthBytes), (came) => this.#end(active, blocks, came))
  }

  #end(active: ActivePiece, blocks: readonly number[], came: readonly number[]): void {
    // It was given up meanwhile.
    if (this.#parts.active.get(active.piece) !== active) return
    const isHere = new Set(came)
    for (const block of blocks) {
      if (!isHere.has(block)) {
        active.breakOff(block)
        continue
      }
      active.finish(block)
      active.earlierBytes += active.bytes(block)
    }
    if (isHere.size < blocks.length) this.#parts.onMissing()
    else if (active.isWhole) this.#parts.onWhole(active)
  }
}
