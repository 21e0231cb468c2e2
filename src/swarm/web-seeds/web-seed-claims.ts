/** A stretch has so many pieces at most, and there are so many stretches at least if there are as many pieces. */
const STRETCH_PIECES = 32
const FEWEST_STRETCHES = 32
/** Whoever brought pieces of a stretch has left it when this long nothing of it was heard, though so much was of others, or nothing at all. */
const SILENT_MS = 1_000
const SILENT_PIECES = 16

/**
 * Which stretches of the content hosts are fetching from web seeds. Nobody says so: but the first piece of a stretch is soon heard of
 * everywhere, and so it stands for the rest, which its bringer goes on to fetch.
 */
export class WebSeedClaims {
  readonly #pieceCount: number
  readonly #stretchPieces: number
  /** Of each stretch: pieces heard of in all when something of it was last heard, and when that was; -1 before. */
  readonly #heardAt: Float64Array
  readonly #heardMs: Float64Array
  #heard = 0
  #lastHeardMs = 0

  constructor(pieceCount: number) {
    this.#pieceCount = pieceCount
    this.#stretchPieces = Math.max(1, Math.min(STRETCH_PIECES, Math.floor(pieceCount / FEWEST_STRETCHES)))
    const stretches = Math.ceil(pieceCount / this.#stretchPieces)
    this.#heardAt = new Float64Array(stretches).fill(-1)
    this.#heardMs = new Float64Array(stretches)
  }

  /** Somebody brought `piece`. */
  onHeard(piece: number, nowMs: number): void {
    this.#heard++
    this.#lastHeardMs = nowMs
    this.claim(piece, nowMs)
  }

  /** We fetch `piece` ourselves. */
  claim(piece: number, nowMs: number): void {
    const stretch = this.#stretchOf(piece)
    this.#heardAt[stretch] = this.#heard
    this.#heardMs[stretch] = nowMs
  }

  /** True if nobody is heard to be at the stretch of `piece`. */
  isFree(piece: number, nowMs: number): boolean {
    const stretch = this.#stretchOf(piece)
    const heardAt = this.#heardAt[stretch] as number
    if (heardAt < 0) return true
    if (nowMs - (this.#heardMs[stretch] as number) <= SILENT_MS) return false
    return this.#heard - heardAt > SILENT_PIECES || nowMs - this.#lastHeardMs > SILENT_MS
  }

  /** True if the two pieces are in one stretch. */
  areTogether(piece: number, other: number): boolean {
    return this.#stretchOf(piece) === this.#stretchOf(other)
  }

  /** The pieces of the stretch that `piece` is in. */
  *stretch(piece: number): Iterable<number> {
    const first = this.#stretchOf(piece) * this.#stretchPieces
    const end = Math.min(this.#pieceCount, first + this.#stretchPieces)
    for (let member = first; member < end; member++) yield member
  }

  #stretchOf(piece: number): number {
    return Math.floor(piece / this.#stretchPieces)
  }
}
