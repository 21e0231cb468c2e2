import type { Clock } from '../../base/clock.ts'
import { MiB } from '../../base/units.ts'
import type { WebSeed, WebSeedFailure } from '../../web-seed/web-seed.ts'
import { type AskedBlock, RangeQueue } from './range-queue.ts'
import { RangeReading } from './range-reading.ts'

/** Ranges under way at the same time: the second begins before the first has ended, so that no round trip is lost between them. */
const READINGS = 2
const OVERLAP_BYTES = MiB

/** Who takes what the ranges of a web seed bring. */
export interface RangesTaker {
  /** All bytes of a block; valid during the call only. */
  onBlock(block: AskedBlock, bytes: Uint8Array): void
  /** Called after each read with the bytes that came from the network: 0 for padding. */
  onReceived(bytes: number): void
  /** A range is over; undefined when all of it came, else `lost` is what of it did not. */
  onEnd(failure: WebSeedFailure | undefined, lost: readonly AskedBlock[]): void
}

/** What one web seed is asked for: blocks that wait, and ranges on their way. */
export class RangeRequests {
  readonly #clock: Clock
  readonly #webSeed: WebSeed
  readonly #readBytes: number
  readonly #taker: RangesTaker
  readonly #queue = new RangeQueue()
  readonly #readings = new Set<RangeReading>()
  #isPaused = false
  #isReadingSoon = false

  constructor(clock: Clock, webSeed: WebSeed, readBytes: number, taker: RangesTaker) {
    this.#clock = clock
    this.#webSeed = webSeed
    this.#readBytes = readBytes
    this.#taker = taker
  }

  /** True while ranges are on their way. */
  get isActive(): boolean {
    return this.#readings.size > 0
  }

  add(block: AskedBlock): void {
    this.#queue.add(block)
  }

  /** A block is not needed any more. Returns how many cancelled blocks do not come because of that: one on its way comes with its range. */
  cancel(piece: number, begin: number): number {
    if (this.#queue.remove(piece, begin)) return 1
    for (const reading of this.#readings) if (reading.cancel(piece, begin)) return reading.isVain ? this.#break(reading) : 0
    return 0
  }

  /** What waits goes out at the end of this moment, all together: slots become free several at a time, and one range is better than many. */
  send(): void {
    if (this.#isReadingSoon || this.#queue.isEmpty) return
    this.#isReadingSoon = true
    this.#clock.soon(() => {
      this.#isReadingSoon = false
      this.#readQueued()
    })
  }

  pause(): void {
    this.#isPaused = true
    for (const reading of this.#readings) reading.pause()
  }

  resume(): void {
    this.#isPaused = false
    for (const reading of this.#readings) {
      // What one of them held back may have us paused again at once.
      if (this.#isPaused) return
      reading.resume()
    }
  }

  /** The next run of blocks that wait, taken out; empty when none do. */
  takeWaiting(): AskedBlock[] {
    return this.#queue.take()
  }

  /** Of what is on its way only the blocks still come that have begun to; the others, which are returned, do not. */
  takeUnbegun(): AskedBlock[] {
    const blocks = [...this.#readings].flatMap((reading) => reading.cancelUnbegun())
    this.breakVain()
    return blocks
  }

  /** Nothing waits, and nothing is on its way, any more. */
  clear(): void {
    this.#queue.clear()
    for (const reading of this.#readings) this.#break(reading)
  }

  /** What is left of a range may be all that others were asked for meanwhile. Returns how many cancelled blocks do not come for that. */
  breakVain(): number {
    let count = 0
    for (const reading of this.#readings) if (reading.isVain) count += this.#break(reading)
    return count
  }

  #readQueued(): void {
    while (!this.#queue.isEmpty && this.#mayRead()) {
      const reading = new RangeReading(this.#webSeed, this.#queue.take(), this.#readBytes, {
        onBlock: (block, bytes) => this.#taker.onBlock(block, bytes),
        onReceived: (bytes) => this.#taker.onReceived(bytes),
        onEnd: (ended, failure) => this.#onEnd(ended, failure),
      })
      this.#readings.add(reading)
      if (this.#isPaused) reading.pause()
    }
  }

  #mayRead(): boolean {
    if (this.#readings.size === 0) return true
    if (this.#readings.size >= READINGS) return false
    for (const reading of this.#readings) if (reading.bytesLeft > OVERLAP_BYTES) return false
    return true
  }

  #break(reading: RangeReading): number {
    const { length } = reading.blocksLeft
    this.#readings.delete(reading)
    reading.stop()
    this.send()
    return length
  }

  #onEnd(reading: RangeReading, failure: WebSeedFailure | undefined): void {
    this.#readings.delete(reading)
    this.#taker.onEnd(failure, reading.blocksLeft)
    this.send()
  }
}
