const FIRST_CAPACITY = 8
const NO_NUMBERS = new Uint32Array(0)
const NO_TIMES = new Float64Array(0)

/**
 * The requests under way at one peer, oldest first, in typed arrays: blocks come back in the order in which they were asked for,
 * so the search for one ends at the first entry nearly always. It grows with what is asked for, because most peers of a large swarm
 * are asked for little or nothing: room for 1,024 requests from the start took 16 KiB a peer.
 */
export class RequestRing {
  readonly #limit: number
  /** The capacity less one; the capacity is a power of two, or 0 at first. */
  #mask = -1
  #pieces: Uint32Array = NO_NUMBERS
  #blocks: Uint32Array = NO_NUMBERS
  #sentMs: Float64Array = NO_TIMES
  #head = 0
  #size = 0

  /** Holds `limit` requests at most, a power of two from 8 on. */
  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#size
  }

  get isFull(): boolean {
    return this.#size === this.#limit
  }

  /** When the oldest request went out; `Infinity` when there is none. */
  get oldestMs(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : (this.#sentMs[this.#head & this.#mask] as number)
  }

  /** Adds a request; the ring must not be full. */
  push(piece: number, block: number, nowMs: number): void {
    if (this.#size > this.#mask) this.#grow()
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

  /** The piece of the request before which `position` others stand; it must exist. */
  pieceAt(position: number): number {
    return this.#pieces[(this.#head + position) & this.#mask] as number
  }

  /** The block of the request before which `position` others stand; it must exist. */
  blockAt(position: number): number {
    return this.#blocks[(this.#head + position) & this.#mask] as number
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

  #grow(): void {
    const capacity = Math.max(FIRST_CAPACITY, 2 * this.#pieces.length)
    this.#pieces = this.#unrolled(this.#pieces, new Uint32Array(capacity))
    this.#blocks = this.#unrolled(this.#blocks, new Uint32Array(capacity))
    this.#sentMs = this.#unrolled(this.#sentMs, new Float64Array(capacity))
    this.#mask = capacity - 1
    this.#head = 0
  }

  /** Copies a full ring so that its oldest entry comes first. */
  #unrolled<T extends Uint32Array | Float64Array>(old: T, grown: T): T {
    const oldest = this.#head & this.#mask
    grown.set(old.subarray(oldest))
    grown.set(old.subarray(0, oldest), old.length - oldest)
    return grown
  }

  #copy(from: number, to: number): void {
    this.#pieces[to] = this.#pieces[from] as number
    this.#blocks[to] = this.#blocks[from] as number
    this.#sentMs[to] = this.#sentMs[from] as number
  }
}
