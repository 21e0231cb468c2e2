import { ActivePiece, type ActivePieces } from './active-pieces.ts'
import type { BlockSource } from './block-source.ts'
import type { HeadStart } from './head-start.ts'
import type { PieceLayout } from './piece-layout.ts'
import type { PiecePicker } from './piece-picker.ts'
import type { PieceStore } from './piece-store.ts'
import type { Suspicion } from './suspicion.ts'
import type { ZoneBorder } from './zone-border.ts'

/** Until so many pieces are here, the next one is chosen at random instead of by rarity. */
const RANDOM_FIRST_PIECES = 4

/** What the choice is made from. */
export interface PieceChoiceParts {
  readonly layout: PieceLayout
  readonly store: PieceStore
  readonly have: { readonly count: number }
  readonly picker: PiecePicker
  readonly active: ActivePieces
  readonly suspicion: Suspicion
  readonly border: ZoneBorder | undefined
  readonly headStart: HeadStart
}

/** Decides which piece a peer is asked for next, and begins and gives up pieces. */
export class PieceChoice {
  readonly #parts: PieceChoiceParts
  /** True while a slot was wanted and none was free. */
  isStarved = false
  /** Bytes of pieces that were given up for others. */
  abandonedBytes = 0

  constructor(parts: PieceChoiceParts) {
    this.#parts = parts
  }

  /**
   * A piece with a block to ask `source` for: the one that it gathers; one that it advised us to take, because nobody else has it; one that
   * somebody left behind; a new one while there is a slot; and only then one that another peer gathers. So pieces come whole and early,
   * and can be passed on.
   */
  pieceFor(source: BlockSource): ActivePiece | undefined {
    const own = source.driving
    if (own !== undefined && own.missingBlocks > 0 && this.#mayAskFor(source, own)) return own
    const suggested = firstToAskFor(() => this.#beginSuggested(source))
    if (suggested !== undefined) return suggested
    let shared: ActivePiece | undefined
    for (const active of this.#parts.active.values()) {
      if (active.missingBlocks === 0 || !this.#mayAskFor(source, active)) continue
      if (active.driver === undefined) return this.#drive(source, active)
      shared ??= active
    }
    return firstToAskFor(() => this.#begin(source)) ?? shared
  }

  /** Lets `active` go, with all that was gathered of it; it may be begun again. */
  giveUp(active: ActivePiece): void {
    this.#parts.active.delete(active)
    this.#parts.store.releaseSlot(active.slot)
    this.#parts.border?.onGivenUp(active)
    if (active.driver !== undefined) active.driver.driving = undefined
    this.#parts.picker.add(active.piece)
  }

  /** The same for a piece that is still wanted: what was gathered of it is lost. */
  abandon(active: ActivePiece): void {
    this.abandonedBytes += active.bytesHere - active.earlierBytes
    this.giveUp(active)
  }

  /** Nothing is given up for it: what was left behind comes next. */
  #beginSuggested(source: BlockSource): ActivePiece | undefined {
    if (source.suggestions.length === 0 || !this.#mayBeginMore(source)) return undefined
    const { store } = this.#parts
    const slot = store.acquireSlot()
    if (slot < 0) return undefined
    const piece = this.#suggestedTo(source)
    if (piece !== undefined) return this.#beginIn(slot, piece, source)
    store.releaseSlot(slot)
    return undefined
  }

  #begin(source: BlockSource): ActivePiece | undefined {
    if (!this.#mayBeginMore(source)) return undefined
    const { picker, store } = this.#parts
    const slot = this.#freeSlot()
    if (slot < 0) {
      this.isStarved = true
      return undefined
    }
    const piece = this.#suggestedTo(source) ?? this.#nextOf(source) ?? this.#rarestOf(source)
    if (piece < 0) {
      source.exhaustedAt = picker.version
      store.releaseSlot(slot)
      return undefined
    }
    return this.#beginIn(slot, piece, source)
  }

  #mayBeginMore(source: BlockSource): boolean {
    const { picker, headStart } = this.#parts
    if (picker.size === 0 || !source.mayBegin || source.exhaustedAt === picker.version || !headStart.hasRoomFor(source)) return false
    return this.#borderTo(source)?.hasRoomFor(source) !== false
  }

  #beginIn(slot: number, piece: number, source: BlockSource): ActivePiece {
    const { picker, layout, suspicion, active, headStart } = this.#parts
    picker.remove(piece)
    const begun = new ActivePiece(piece, slot, layout.pieceBytes(piece), layout.blockLengthBytes)
    if (suspicion.hasFailed(piece)) begun.onlyFrom = source
    active.add(begun)
    // What was wrong before comes from one source alone.
    if (begun.onlyFrom === undefined) headStart.give(begun, source)
    return this.#drive(source, begun)
  }

  /** What `source` advised us to take from it, if nobody else can give it meanwhile. */
  #suggestedTo(source: BlockSource): number | undefined {
    const { picker } = this.#parts
    for (let piece = source.suggestions.shift(); piece !== undefined; piece = source.suggestions.shift()) {
      if (picker.has(piece) && picker.availability(piece) === 0 && this.#mayBegin(source, piece)) return piece
    }
    return undefined
  }

  /** The piece with which `source` would go on best. */
  #nextOf(source: BlockSource): number | undefined {
    const piece = source.nextPiece
    return this.#parts.picker.has(piece) && this.#mayBegin(source, piece) ? piece : undefined
  }

  #rarestOf(source: BlockSource): number {
    const { picker, have } = this.#parts
    const offers = (candidate: number): boolean => this.#mayBegin(source, candidate)
    // A peer that chokes us lets us have a few pieces at most, and each have of its would cost a look at all that it may not give.
    if (source.isChoking) return picker.pickAmong(source.allowedFast, offers)
    return picker.pick(offers, have.count < RANDOM_FIRST_PIECES, source.isCounted ? 1 : 0, source.mostAvailability)
  }

  /** A slot of the store; if need be that of a piece that nobody is asked for, because those who have it choke us or have left. */
  #freeSlot(): number {
    const { store, active } = this.#parts
    const slot = store.acquireSlot()
    if (slot >= 0) return slot
    const idle = active.idle()
    if (idle === undefined) return -1
    this.abandon(idle)
    return store.acquireSlot()
  }

  #drive(source: BlockSource, active: ActivePiece): ActivePiece {
    if (source.driving !== undefined) source.driving.driver = undefined
    source.driving = active
    active.driver = source
    source.onBegin(active.piece)
    this.#borderTo(source)?.onBegin(active, source)
    return active
  }

  #mayBegin(source: BlockSource, piece: number): boolean {
    if (!source.isWorthAsking(piece)) return false
    const { suspicion } = this.#parts
    // What failed before comes from whoever can be trusted with it, wherever it is.
    if (this.#borderTo(source)?.mayBegin(piece) === false && !suspicion.hasFailed(piece)) return false
    return suspicion.mayAsk(source, piece)
  }

  #mayAskFor(source: BlockSource, active: ActivePiece): boolean {
    // Once begun from a suspect it comes from there, even if somebody above suspicion got it meanwhile.
    if (active.onlyFrom !== undefined) return active.onlyFrom === source && source.canGive(active.piece)
    if (source.driving !== active && !source.isWorthAsking(active.piece)) return false
    const border = this.#borderTo(source)
    if (border !== undefined && !border.mayGoOn(active.piece)) {
      // One that began in our zone and was left behind is as good as a new one.
      const isNew = active.driver === undefined && active.isIdle
      if (!isNew || !border.hasRoomFor(source) || !border.mayBegin(active.piece)) return false
    }
    return this.#parts.suspicion.mayAsk(source, active.piece)
  }

  /** The border between us and `source`, if it is in another zone. */
  #borderTo(source: BlockSource): ZoneBorder | undefined {
    const { border } = this.#parts
    return border?.isOpenTo(source) === false ? border : undefined
  }
}

/** Of the pieces that `begin` begins, the first of which something can be asked for by now; of the others it turns out later what is missing. */
function firstToAskFor(begin: () => ActivePiece | undefined): ActivePiece | undefined {
  for (let begun = begin(); begun !== undefined; begun = begin()) if (begun.missingBlocks > 0) return begun
  return undefined
}
