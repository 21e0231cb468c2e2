import type { ActivePieces } from '../active-pieces.ts'
import type { FinishedPieces } from '../finished-pieces.ts'
import type { PieceLayout } from '../piece-layout.ts'
import type { PiecePicker } from '../piece-picker.ts'
import type { UnknownPieces } from './web-seed-course.ts'
import type { MissingContent } from './web-seed-need.ts'

/** What the supply is told from. */
export interface SupplyParts {
  readonly layout: PieceLayout
  readonly picker: PiecePicker
  readonly active: ActivePieces
  readonly finished: FinishedPieces
  /** The first connected peer said that it has `piece`, which is missing here. */
  readonly onHeard: ((piece: number) => void) | undefined
}

/** What connected peers have of what is still to come: web seeds are for the rest. Peers that have everything are not counted. */
export class Supply implements UnknownPieces, MissingContent {
  readonly #parts: SupplyParts
  #heardPieces = 0

  constructor(parts: SupplyParts) {
    this.#parts = parts
  }

  /** A peer got `piece`. */
  onHave(piece: number, isMissing: boolean): void {
    const { picker } = this.#parts
    const isNew = isMissing && picker.availability(piece) === 0
    picker.increase(piece)
    if (!isNew) return
    this.#heardPieces++
    this.#parts.onHeard?.(piece)
  }

  /** Pieces that were missing when the first connected peer said that it has them. */
  get heardPieces(): number {
    return this.#heardPieces
  }

  /** Bytes of the pieces that are wanted and not here, as far as whole pieces tell. */
  get missingBytes(): number {
    return this.#parts.finished.missing * this.#parts.layout.usualPieceBytes
  }

  /** The same of pieces that connected peers have. */
  get bytesAtPeers(): number {
    const { picker, active, layout } = this.#parts
    let pieces = picker.size - picker.unknown
    for (const { piece } of active.values()) if (picker.availability(piece) > 0) pieces++
    return pieces * layout.usualPieceBytes
  }

  /** One of the pieces that may be begun and no connected peer has; -1 if there are none. */
  anyUnknown(): number {
    return this.#parts.picker.anyUnknown()
  }

  /** True if `piece` is one of those. */
  isUnknown(piece: number): boolean {
    return this.#parts.picker.isUnknown(piece)
  }

  /** How many peers have `piece`. */
  availability(piece: number): number {
    return this.#parts.picker.availability(piece)
  }
}
