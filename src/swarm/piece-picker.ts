import type { Bitfield } from '../base/bitfield.ts'
import { type Random, shuffle } from '../base/random.ts'

/**
 * Which piece to begin next: rarest first, at random among the equally rare.
 *
 * All pieces that may still be begun stand in one array, grouped by how many connected peers have them. Counting a peer's piece
 * up or down moves it over the border between two groups with one swap, so a `have` costs O(1) whatever the size of the torrent.
 * Peers that have everything do not change the order and are not counted.
 */
export class PiecePicker {
  readonly #random: Random
  readonly #availability: Uint16Array
  /** The pieces to choose from, rarest first. */
  readonly #order: Uint32Array
  /** Where each piece stands in `#order`; -1 when it is not to be chosen. */
  readonly #positions: Int32Array
  /** `#starts[n]`: where the pieces that n or more peers have begin. */
  readonly #starts: number[] = [0]
  #size = 0
  #version = 0

  /** An empty choice among `pieceCount` pieces. */
  constructor(pieceCount: number, random: Random) {
    this.#random = random
    this.#availability = new Uint16Array(pieceCount)
    this.#order = new Uint32Array(pieceCount)
    this.#positions = new Int32Array(pieceCount).fill(-1)
  }

  /** Number of pieces to choose from. */
  get size(): number {
    return this.#size
  }

  /** How many of them no counted peer has. */
  get unknown(): number {
    return this.#starts[1] ?? this.#size
  }

  /** One of those at random; -1 if there are none. */
  anyUnknown(): number {
    const { unknown } = this
    return unknown === 0 ? -1 : (this.#order[this.#random.below(unknown)] as number)
  }

  /** True if `piece` is one of those. */
  isUnknown(piece: number): boolean {
    return this.has(piece) && this.#availability[piece] === 0
  }

  /** Grows when a piece is put back: a peer that had nothing to offer may have something now. */
  get version(): number {
    return this.#version
  }

  /** True if `piece` may still be chosen. */
  has(piece: number): boolean {
    return (this.#positions[piece] ?? -1) >= 0
  }

  /** How many peers have `piece`, those that have everything not counted. */
  availability(piece: number): number {
    return this.#availability[piece] as number
  }

  /** Lets all of `pieces` be chosen. */
  addAll(pieces: Iterable<number>): void {
    for (const piece of shuffle([...pieces], this.#random)) this.add(piece)
  }

  /** Lets `piece` be chosen. */
  add(piece: number): void {
    if ((this.#positions[piece] as number) >= 0) return
    const availability = this.#availability[piece] as number
    while (this.#starts.length <= availability) this.#starts.push(this.#size)
    // It enters at the very end and sinks through the groups above its own, pushing each one's first piece to that group's end.
    let position = this.#size++
    for (let group = this.#starts.length - 1; group > availability; group--) {
      const start = this.#starts[group] as number
      // An empty group has nothing to push, and what stands at its start belongs to no group.
      if (start !== position) this.#place(this.#order[start] as number, position)
      position = start
      this.#starts[group] = start + 1
    }
    this.#place(piece, position)
    this.#mix(piece, availability)
    this.#version++
  }

  /** Takes `piece` out of the choice: it was begun, or is not wanted. */
  remove(piece: number): void {
    let position = this.#positions[piece] as number
    if (position < 0) return
    for (let group = (this.#availability[piece] as number) + 1; group < this.#starts.length; group++) {
      const last = (this.#starts[group] as number) - 1
      if (last !== position) this.#place(this.#order[last] as number, position)
      position = last
      this.#starts[group] = last
    }
    this.#size--
    if (position !== this.#size) this.#place(this.#order[this.#size] as number, position)
    this.#positions[piece] = -1
  }

  /** One more peer has `piece`. */
  increase(piece: number): void {
    const availability = this.#availability[piece] as number
    this.#availability[piece] = availability + 1
    if ((this.#positions[piece] as number) < 0) return
    while (this.#starts.length <= availability + 1) this.#starts.push(this.#size)
    const last = (this.#starts[availability + 1] as number) - 1
    this.#swap(piece, last)
    this.#starts[availability + 1] = last
    this.#mix(piece, availability + 1)
  }

  /** One peer less has `piece`. */
  decrease(piece: number): void {
    const availability = this.#availability[piece] as number
    if (availability === 0) return
    this.#availability[piece] = availability - 1
    if ((this.#positions[piece] as number) < 0) return
    const first = this.#starts[availability] as number
    this.#swap(piece, first)
    this.#starts[availability] = first + 1
    this.#mix(piece, availability - 1)
  }

  /**
   * The rarest piece for which `offers` answers true, or -1. With `anyRarity` a random one of them instead: the first few pieces,
   * because a rare piece can come from few peers, and a newcomer needs something to give soon. Pieces that fewer
   * than `leastAvailability` peers have are not looked at: a counted peer has none of those that nobody has, which are many at first.
   * Nor are those that more than `mostAvailability` have.
   */
  pick(
    offers: (piece: number) => boolean,
    anyRarity: boolean,
    leastAvailability = 0,
    mostAvailability: number = Number.POSITIVE_INFINITY,
  ): number {
    const first = this.#starts[leastAvailability] ?? this.#size
    const candidates = (this.#starts[mostAvailability + 1] ?? this.#size) - first
    const offset = anyRarity && candidates > 0 ? this.#random.below(candidates) : 0
    for (let step = 0; step < candidates; step++) {
      const turn = step + offset
      const piece = this.#order[first + (turn < candidates ? turn : turn - candidates)] as number
      if (offers(piece)) return piece
    }
    return -1
  }

  /** The same where only `pieces` come into question: they are few, and the others are not looked at. */
  pickAmong(pieces: readonly number[], offers: (piece: number) => boolean): number {
    let [found, least, equals] = [-1, Number.POSITIVE_INFINITY, 0]
    for (const piece of pieces) {
      if (!this.has(piece) || this.availability(piece) > least || !offers(piece)) continue
      equals = this.availability(piece) === least ? equals + 1 : 1
      least = this.availability(piece)
      if (this.#random.below(equals) === 0) found = piece
    }
    return found
  }

  /** Counts the pieces of a peer that joined (`direction` 1) or left (-1); nothing for one that has everything. */
  count(pieces: Bitfield, direction: 1 | -1): void {
    if (pieces.count === 0) return
    for (const piece of pieces.members()) {
      if (direction === 1) this.increase(piece)
      else this.decrease(piece)
    }
  }

  #place(piece: number, position: number): void {
    this.#order[position] = piece
    this.#positions[piece] = position
  }

  #swap(piece: number, position: number): void {
    const from = this.#positions[piece] as number
    const other = this.#order[position] as number
    this.#place(other, from)
    this.#place(piece, position)
  }

  /** Moves a piece that just entered a group to a random place in it, so that pieces that became equally rare together do not stay in a row. */
  #mix(piece: number, group: number): void {
    const start = this.#starts[group] as number
    const end = this.#starts[group + 1] ?? this.#size
    this.#swap(piece, start + this.#random.below(end - start))
  }
}
