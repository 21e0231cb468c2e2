import { MiB } from '../base/units.ts'

/** Memory for incoming pieces when nothing else is said: small enough that the whole process stays under 160 MiB. */
export const DEFAULT_SLOT_MEMORY_BYTES: number = 40 * MiB

/** What a transfer is made of, as far as its memory is concerned. */
export interface SlotGeometry {
  readonly largestPieceBytes: number
  readonly pieceCount: number
}

/**
 * A fixed number of piece slots in one shared memory, which the hash workers see without a copy. Slots are handed out
 * last in, first out: memory that was never needed is never touched, and a slot that was just used is still in the cache.
 */
export class PieceSlots {
  /** All slots, one after the other. */
  readonly memory: Uint8Array
  /** Bytes from the start of one slot to the start of the next. */
  readonly slotBytes: number
  /** Number of slots: what the budget holds, at least 2, and never more than there are pieces. */
  readonly count: number
  readonly #free: number[] = []
  readonly #isTaken: Uint8Array

  /** `budgetBytes` is exceeded only where two pieces need more. */
  constructor(geometry: SlotGeometry, budgetBytes: number = DEFAULT_SLOT_MEMORY_BYTES) {
    this.slotBytes = geometry.largestPieceBytes
    this.count = Math.min(geometry.pieceCount, Math.max(2, Math.floor(budgetBytes / Math.max(1, this.slotBytes))))
    this.memory = new Uint8Array(new SharedArrayBuffer(this.count * this.slotBytes))
    this.#isTaken = new Uint8Array(this.count)
    for (let slot = this.count - 1; slot >= 0; slot--) this.#free.push(slot)
  }

  /** Slots that nobody holds. */
  get freeCount(): number {
    return this.#free.length
  }

  /** A free slot, or -1. */
  acquire(): number {
    const slot = this.#free.pop()
    if (slot === undefined) return -1
    this.#isTaken[slot] = 1
    return slot
  }

  /** Where `slot` starts in the memory, in bytes. */
  offsetOf(slot: number): number {
    return slot * this.slotBytes
  }

  /** Gives `slot` back; a slot that nobody holds stays free once. */
  release(slot: number): void {
    if (this.#isTaken[slot] !== 1) return
    this.#isTaken[slot] = 0
    this.#free.push(slot)
  }
}
