import { BLOCK_BYTES } from '../base/units.ts'

const STARTING_BYTES = 16 * BLOCK_BYTES
/**
 * What the window holds beyond the measured rate, in time at that rate and in bytes. The bytes are what makes the shares of an uplink
 * even: of two that ask for the same time's worth, the one that got less asks for less, and gets less still.
 */
const RESERVE_SECONDS = 0.1
const RESERVE_BYTES = 4 * BLOCK_BYTES
const LONGEST_SECONDS = 3

/**
 * How much to have asked a peer for: enough to keep its link full, and no more, because every request is a block that nobody else
 * fetches meanwhile. That is the measured rate times a little more than the round trip, 3 s at most, and some blocks.
 * While the rate is unknown the window grows by one block a block, which doubles it each round trip, as TCP does.
 */
export class RequestWindow {
  #growing = true
  #grownBytes = STARTING_BYTES
  #isShrunk = false
  #shortestMs = Number.POSITIVE_INFINITY

  /** A block of `bytes` arrived `latencyMs` after it was asked for. */
  onBlock(bytes: number, latencyMs: number): void {
    this.#isShrunk = false
    if (latencyMs < this.#shortestMs) this.#shortestMs = latencyMs
    // A block that took longer than the window is meant to last stood behind too many others.
    if (latencyMs > 1_000 * this.#seconds()) this.#growing = false
    if (this.#growing) this.#grownBytes += bytes
  }

  /** The peer snubs us: one request at a time, until it delivers again. */
  shrink(): void {
    this.#growing = false
    this.#isShrunk = true
  }

  /** Bytes to have asked of a peer that delivers `bytesPerSecond`; less than a block stands for one block. */
  bytes(bytesPerSecond: number): number {
    const measured = bytesPerSecond * this.#seconds()
    if (this.#growing && this.#grownBytes > 8 * STARTING_BYTES && this.#grownBytes > 2 * measured) this.#growing = false
    const settled = this.#isShrunk ? measured : measured + RESERVE_BYTES
    return this.#growing ? Math.max(settled, this.#grownBytes) : settled
  }

  /** How long the blocks under way should last. */
  #seconds(): number {
    return Math.min(LONGEST_SECONDS, RESERVE_SECONDS + (4 * Math.min(this.#shortestMs, 1_000)) / 1_000)
  }
}
