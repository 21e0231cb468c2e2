import { BLOCK_BYTES } from '../base/units.ts'

const STARTING_BLOCKS = 16
/**
 * What the window holds beyond the measured rate, in time at that rate and in blocks. The blocks are what makes the shares of an uplink
 * even: of two that ask for the same time's worth, the one that got less asks for less, and gets less still.
 */
const RESERVE_SECONDS = 0.1
const RESERVE_BLOCKS = 4
const LONGEST_SECONDS = 3

/**
 * How many requests to have under way at a peer: enough to keep its link full, and no more, because every request is a block
 * that nobody else fetches meanwhile. That is the measured rate times a little more than the round trip, 3 s at most, and some blocks.
 * While the rate is unknown the window grows by one block a block, which doubles it each round trip, as TCP does.
 */
export class RequestWindow {
  #growing = true
  #grownBlocks = STARTING_BLOCKS
  #isShrunk = false
  #shortestMs = Number.POSITIVE_INFINITY

  /** A block arrived `latencyMs` after it was asked for. */
  onBlock(latencyMs: number): void {
    this.#isShrunk = false
    if (latencyMs < this.#shortestMs) this.#shortestMs = latencyMs
    // A block that took longer than the window is meant to last stood behind too many others.
    if (latencyMs > 1_000 * this.#seconds()) this.#growing = false
    if (this.#growing) this.#grownBlocks++
  }

  /** The peer snubs us: one request at a time, until it delivers again. */
  shrink(): void {
    this.#growing = false
    this.#isShrunk = true
  }

  /** Requests to have under way at a peer that delivers `bytesPerSecond` and queues `queueLimit` at most. */
  blocks(bytesPerSecond: number, queueLimit: number): number {
    const measured = Math.ceil((bytesPerSecond * this.#seconds()) / BLOCK_BYTES)
    if (this.#growing && this.#grownBlocks > 8 * STARTING_BLOCKS && this.#grownBlocks > 2 * measured) this.#growing = false
    const settled = this.#isShrunk ? measured : measured + RESERVE_BLOCKS
    const wanted = this.#growing ? Math.max(settled, this.#grownBlocks) : settled
    return Math.max(1, Math.min(wanted, queueLimit))
  }

  /** How long the blocks under way should last. */
  #seconds(): number {
    return Math.min(LONGEST_SECONDS, RESERVE_SECONDS + (4 * Math.min(this.#shortestMs, 1_000)) / 1_000)
  }
}
