/**
 * One rising figure for a look at the disk in several steps. What a step finds decides what the next has to read, so that nobody knows the
 * whole beforehand: the total is what the steps before read and all of this one, which is there to be read, and grows when another step begins. An
 * estimate of what may follow would be of bytes that are nowhere.
 */
export class CheckProgress {
  readonly #tell: ((bytesDone: number, bytesTotal: number) => void) | undefined
  /** Bytes of the steps before. */
  #earlierBytes = 0
  #stepDone = 0
  #stepTotal = 0

  constructor(tell: ((bytesDone: number, bytesTotal: number) => void) | undefined) {
    this.#tell = tell
  }

  /** `bytesDone` of the `bytesTotal` of a step are read; who begins again from less, or of another total, began the next step. */
  note(bytesDone: number, bytesTotal: number): void {
    const isNext = bytesDone < this.#stepDone || bytesTotal !== this.#stepTotal || this.#stepDone >= this.#stepTotal
    if (isNext) this.#earlierBytes += this.#stepDone
    this.#stepDone = bytesDone
    this.#stepTotal = bytesTotal
    // That nothing is left is for `end` to say: another step may follow.
    if (bytesDone < bytesTotal) this.#tell?.(this.#earlierBytes + bytesDone, this.#earlierBytes + bytesTotal)
  }

  /** Nothing more is looked at. */
  end(): void {
    const bytes = this.#earlierBytes + this.#stepDone
    if (bytes > 0) this.#tell?.(bytes, bytes)
  }
}
