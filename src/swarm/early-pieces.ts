import { Bitfield } from '../base/bitfield.ts'

/**
 * What a peer said that it has while the number of pieces was still unknown (BEP 9 downloads start so).
 * Memory is bounded by the largest torrent that we accept, 400,000 pieces.
 */
export class EarlyPieces {
  #everything = false
  #bitfield: Uint8Array | undefined
  readonly #haves = new Set<number>()

  haveAll(): void {
    this.#everything = true
  }

  bitfield(bytes: Uint8Array): void {
    this.#bitfield = bytes.slice()
  }

  have(piece: number): void {
    this.#haves.add(piece)
  }

  /** The set, now that the torrent has `pieceCount` pieces; undefined if what the peer said does not fit it. */
  resolve(pieceCount: number): Bitfield | undefined {
    const pieces = this.#bitfield === undefined ? new Bitfield(pieceCount) : Bitfield.fromBytes(this.#bitfield, pieceCount)
    if (pieces === undefined) return undefined
    if (this.#everything) pieces.fill()
    for (const piece of this.#haves) {
      if (piece >= pieceCount) return undefined
      pieces.add(piece)
    }
    return pieces
  }
}
