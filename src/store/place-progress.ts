/** How many of a number of bytes are in their place by now, told from the start on. */
export class PlaceProgress {
  readonly #tell: ((bytesDone: number, bytesTotal: number) => void) | undefined
  readonly #bytesTotal: number
  #bytesDone = 0

  constructor(tell: ((bytesDone: number, bytesTotal: number) => void) | undefined, bytesTotal: number) {
    this.#tell = tell
    this.#bytesTotal = bytesTotal
    this.add(0)
  }

  /** `bytes` more are there, which may be a fraction; those that had to be brought twice count once. */
  add(bytes: number): void {
    this.#bytesDone = Math.min(this.#bytesTotal, this.#bytesDone + bytes)
    this.#tell?.(Math.floor(this.#bytesDone), this.#bytesTotal)
  }
}
