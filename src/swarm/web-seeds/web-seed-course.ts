import type { Random } from '../../base/random.ts'
import type { WebSeedClaims } from './web-seed-claims.ts'

/** So many pieces are drawn to find free stretches, and of so many of these the one with the most to fetch is taken. */
const DRAWS = 32
const FREE_STRETCHES = 3
/** Whoever hears that it is not alone in its stretch stays in seven cases of ten: one of two should leave, not both. */
const STAYS_OF_TEN = 7

/** What may be begun that no connected peer has. */
export interface UnknownPieces {
  /** One of those pieces at random, which the web seed may lack; -1 if there are none. */
  anyUnknown(): number
  /** True if `piece` is one of those, and the web seed has it. */
  isUnknown(piece: number): boolean
}

/**
 * The way of one host through the content at web seeds that it shares with others: a free stretch after the other, and the pieces of each
 * in an order of its own. Two that begin the same stretch before they hear of each other fetch different pieces of it, and in one order
 * the second would follow the first at its heels to the end, because what was fetched a moment ago is nowhere heard of yet.
 */
export class WebSeedCourse {
  readonly #pieces: UnknownPieces
  readonly #claims: WebSeedClaims
  readonly #random: Random
  /** A piece of the stretch that we are in; -1 for none. */
  #at = -1
  #next = -1

  constructor(pieces: UnknownPieces, claims: WebSeedClaims, random: Random) {
    this.#pieces = pieces
    this.#claims = claims
    this.#random = random
  }

  /** We begin `piece`. */
  onBegin(piece: number, nowMs: number): void {
    this.#at = piece
    this.#next = -1
    this.#claims.claim(piece, nowMs)
  }

  /** Somebody brought `piece`. */
  onHeard(piece: number): void {
    if (this.#at < 0 || !this.#claims.areTogether(piece, this.#at) || this.#random.below(10) < STAYS_OF_TEN) return
    this.#at = -1
    this.#next = -1
  }

  /** The piece to begin next; -1 if somebody is at everything that is left. */
  next(nowMs: number): number {
    if (!this.#pieces.isUnknown(this.#next)) this.#next = this.#nextHere() ?? this.#nextStretch(nowMs)
    return this.#next
  }

  #nextHere(): number | undefined {
    if (this.#at < 0) return undefined
    const left = this.#unknownBeside(this.#at)
    return left.length === 0 ? undefined : left[this.#random.below(left.length)]
  }

  #nextStretch(nowMs: number): number {
    let [found, most, free] = [-1, 0, 0]
    for (let draw = 0; draw < DRAWS && free < FREE_STRETCHES; draw++) {
      const piece = this.#pieces.anyUnknown()
      if (piece < 0) return -1
      if (!this.#pieces.isUnknown(piece) || !this.#claims.isFree(piece, nowMs)) continue
      free++
      const { length } = this.#unknownBeside(piece)
      if (length > most) [found, most] = [piece, length]
    }
    return found
  }

  #unknownBeside(piece: number): number[] {
    return [...this.#claims.stretch(piece)].filter((member) => this.#pieces.isUnknown(member))
  }
}
