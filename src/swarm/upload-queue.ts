const FIRST_CAPACITY = 16
const NOTHING = new Uint32Array(0)

/**
 * The requests of one peer that wait for their blocks, in order of arrival, in typed arrays that grow up to the limit. Most peers of
 * a large swarm ask for nothing, so there is no array before the first request.
 */
export class UploadQueue {
  readonly #limit: number
  #pieces = NOTHING
  #begins = NOTHING
  /** 0 marks a cancelled request. */
  #lengths = NOTHING
  #head = 0
  #size = 0

  /** Holds `limit` requests at most. */
  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#size
  }

  /** Adds a request; false when the queue is full. */
  push(piece: number, begin: number, length: number): boolean {
    if (this.#size >= this.#limit) return false
    if (this.#size === this.#pieces.length) this.#grow()
    const index = (this.#head + this.#size) % this.#pieces.length
    this.#pieces[index] = piece
    this.#begins[index] = begin
    this.#lengths[index] = length
    this.#size++
    return true
  }

  /** Forgets the request; false if it does not wait here. */
  cancel(piece: number, begin: number, length: number): boolean {
    for (let step = 0; step < this.#size; step++) {
      const index = (this.#head + step) % this.#pieces.length
      if (this.#pieces[index] === piece && this.#begins[index] === begin && this.#lengths[index] === length) {
        this.#lengths[index] = 0
        return true
      }
    }
    return false
  }

  /** Hands out requests from the oldest on, until `take` answers false for one: that one stays. */
  drain(take: (piece: number, begin: number, length: number) => boolean): void {
    while (this.#size > 0) {
      const length = this.#lengths[this.#head] as number
      if (length > 0 && !take(this.#pieces[this.#head] as number, this.#begins[this.#head] as number, length)) return
      this.#head = (this.#head + 1) % this.#pieces.length
      this.#size--
    }
  }

  #grow(): void {
    const capacity = Math.min(Math.max(FIRST_CAPACITY, this.#pieces.length * 2), this.#limit)
    this.#pieces = this.#regrown(this.#pieces, capacity)
    this.#begins = this.#regrown(this.#begins, capacity)
    this.#lengths = this.#regrown(this.#lengths, capacity)
    this.#head = 0
  }

  #regrown(old: Uint32Array<ArrayBuffer>, capacity: number): Uint32Array<ArrayBuffer> {
    const grown = new Uint32Array(capacity)
    grown.set(old.subarray(this.#head))
    grown.set(old.subarray(0, this.#head), old.length - this.#head)
    return grown
  }
}
