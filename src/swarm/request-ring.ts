/**
 * The requests under way at one peer, oldest first, in typed arrays: blocks come back in the order in which they were asked for,
 * so the search for one ends at the first entry nearly always.
 */
export class RequestRing {
  readonly #mask: number
  readonly #pieces: Uint32Array
  readonly #blocks: Uint32Array
  readonly #sentMs: Float64Array
  #head = 0
  #size = 0

  /** Room for `capacity` requests, a power of two. */
  constructor(capacity: number) {
    this.#mask = capacity - 1
    this.#pieces = new Uint32Array(capacity)
    this.#blocks = new Uint32Array(capacity)
    this.#sentMs = new Float64Array(capacity)
  }

  get size(): number {
    return this.#size
  }

  get isFull(): boolean {
    return this.#size > this.#mask
  }

  /** When the oldest request went out; `Infinity` when there is none. */
  get oldestMs(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : (this.#sentMs[this.#head & this.#mask] as number)
  }

  push(piece: number, block: number, nowMs: number): void {
    const index = (this.#head + this.#size) & this.#mask
    this.#pieces[index] = piece
    this.#blocks[index] = block
    this.#sentMs[index] = nowMs
    this.#size++
  }

  /** Takes the request out and tells when it was sent, or -1 if there is none such. */
  take(piece: number, block: number): number {
    for (let step = 0; step < this.#size; step++) {
      const index = (this.#head + step) & this.#mask
      if (this.#pieces[index] !== piece || this.#blocks[index] !== block) continue
      const sentMs = this.#sentMs[index] as number
      // The entries before it move up by one; there are few, since answers come nearly in order.
      for (let back = step; back > 0; back--) this.#copy((this.#head + back - 1) & this.#mask, (this.#head + back) & this.#mask)
      this.#head = (this.#head + 1) & this.#mask
      this.#size--
      return sentMs
    }
    return -1
  }

  /** How many requests stand before this one; -1 if there is none such. */
  positionOf(piece: number, block: number): number {
    for (let step = 0; step < this.#size; step++) {
      const index = (this.#head + step) & this.#mask
      if (this.#pieces[index] === piece && this.#blocks[index] === block) return step
    }
    return -1
  }

  /** Empties the ring, telling `each` of every request in it. */
  drain(each: (piece: number, block: number) => void): void {
    const size = this.#size
    const head = this.#head
    this.#size = 0
    for (let step = 0; step < size; step++) {
      const index = (head + step) & this.#mask
      each(this.#pieces[index] as number, this.#blocks[index] as number)
    }
  }

  #copy(from: number, to: number): void {
    this.#pieces[to] = this.#pieces[from] as number
    this.#blocks[to] = this.#blocks[from] as number
    this.#sentMs[to] = this.#sentMs[from] as number
  }
}
