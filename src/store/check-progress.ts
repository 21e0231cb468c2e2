/** How much of what is left to the end a step may take: what comes after it is not known yet, and the figure shall rise all the same. */
const SHARE_OF_REST = 0.95

/**
 * One rising figure for a look at the disk in several steps, of which none knows how much the next has to read. Bytes are those that were
 * read; their total is an estimate that leaves room for more steps, until `end` says that there are none.
 */
export class CheckProgress {
  readonly #tell: ((bytesDone: number, bytesTotal: number) => void) | undefined
  /** Bytes of the steps before. */
  #earlierBytes = 0
  /** How far the steps before came, from 0 to 1. */
  #earlierShare = 0
  #stepDone = 0
  #stepTotal = 0
  /** The share that was told last, from 0 to 1: where few bytes are read, rounding alone could make it fall. */
  #toldShare = 0

  constructor(tell: ((bytesDone: number, bytesTotal: number) => void) | undefined) {
    this.#tell = tell
  }

  /** `bytesDone` of the `bytesTotal` of a step are read; who begins again from less, or of another total, began the next step. */
  note(bytesDone: number, bytesTotal: number): void {
    const isNext = bytesDone < this.#stepDone || bytesTotal !== this.#stepTotal || this.#stepDone >= this.#stepTotal
    if (isNext && this.#stepTotal > 0) this.#endStep()
    this.#stepDone = bytesDone
    this.#stepTotal = bytesTotal
    const share = this.#shareAt(bytesTotal === 0 ? 1 : bytesDone / bytesTotal)
    const allDone = this.#earlierBytes + bytesDone
    if (allDone === 0) return
    const estimate = Math.min(Math.round(allDone / share), Math.floor(allDone / this.#toldShare))
    const allTotal = Math.max(allDone + 1, estimate)
    this.#toldShare = allDone / allTotal
    this.#tell?.(allDone, allTotal)
  }

  /** Nothing more is looked at. */
  end(): void {
    const bytes = this.#earlierBytes + this.#stepDone
    if (bytes > 0) this.#tell?.(bytes, bytes)
  }

  #endStep(): void {
    this.#earlierShare = this.#shareAt(1)
    this.#earlierBytes += this.#stepDone
  }

  #shareAt(stepShare: number): number {
    return this.#earlierShare + (1 - this.#earlierShare) * SHARE_OF_REST * stepShare
  }
}
