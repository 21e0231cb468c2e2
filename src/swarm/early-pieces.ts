import { Bitfield } from '../base/bitfield.ts'

/**
 * What a peer said that it has while the number of pieces was still unknown (BEP 9 downloads start so).
 * Memory is bounded by the largest torrent that we accept, 400,000 pieces.
 */
export class EarlyPieces {
  #everything = false
  #bitfield: Uint8Array | undefined
  /** In the form of a bitfield, as long as the highest piece needs: single messages cost no more memory than a bitfield does. */
  #haves = new Uint8Array(0)
  #highest = -1

  /** True if it said of any piece that it has it. */
  get hasAny(): boolean {
    return this.#everything || this.#highest >= 0 || this.#bitfield?.some((byte) => byte !== 0) === true
  }

  haveAll(): void {
    this.#everything = true
  }

  bitfield(bytes: Uint8Array): void {
    this.#bitfield = bytes.slice()
  }

  have(piece: number): void {
    const index = piece >> 3
    if (index >= this.#haves.length) {
      const grown = new Uint8Array(Math.max(index + 1, 2 * this.#haves.length))
      grown.set(this.#haves)
      this.#haves = grown
    }
    this.#haves[index] = (this.#haves[index] as number) | (128 >> (piece & 7))
    this.#highest = Math.max(this.#highest, piece)
  }

  /** The set, now that the torrent has `pieceCount` pieces; undefined if what the peer said does not fit it. */
  resolve(pieceCount: number): Bitfield | undefined {
    if (this.#highest >= pieceCount) return undefined
    const pieces = this.#bitfield === undefined ? new Bitfield(pieceCount) : Bitfield.fromBytes(this.#bitfield, pieceCount)
    if (pieces === undefined) return undefined
    if (this.#everything) pieces.fill()
    for (let piece = 0; piece <= this.#highest; piece++) {
      if ((((this.#haves[piece >> 3] as number) >> (7 - (piece & 7))) & 1) === 1) pieces.add(piece)
    }
    return pieces
  }
}
