import { BLOCK_BYTES } from '../base/units.ts'

const STARTING_BLOCKS = 16
const SMALLEST_BLOCKS = 4
/** How much data the window holds beyond what the network's delay needs. */
const RESERVE_SECONDS = 0.35
const LONGEST_SECONDS = 3

/**
 * How many requests to have under way at a peer: enough to keep its link full, and no more, because every request is a block
 * that nobody else fetches meanwhile. That is the measured rate times a little more than the round trip, 3 s at most.
 * While the rate is unknown the window grows by one block a block, which doubles it each round trip, as TCP does.
 */
export class RequestWindow {
  #growing = true
  #grownBlocks = STARTING_BLOCKS
  #shortestMs = Number.POSITIVE_INFINITY

  /** A block arrived `latencyMs` after it was asked for. */
  onBlock(latencyMs: number): void {
    if (latencyMs < this.#shortestMs) this.#shortestMs = latencyMs
    // A block that took longer than the window is meant to last stood behind too many others.
    if (latencyMs > 1_000 * this.#seconds()) this.#growing = false
    if (this.#growing) this.#grownBlocks++
  }

  /** The peer snubbed us: it starts again with one request at a time. */
  shrink(): void {
    this.#growing = false
    this.#grownBlocks = 1
  }

  /** Requests to have under way at a peer that delivers `bytesPerSecond` and queues `queueLimit` at most. */
  blocks(bytesPerSecond: number, queueLimit: number): number {
    const measured = Math.ceil((bytesPerSecond * this.#seconds()) / BLOCK_BYTES)
    if (this.#growing && this.#grownBlocks > 8 * STARTING_BLOCKS && this.#grownBlocks > 2 * measured) this.#growing = false
    const wanted = this.#growing ? Math.max(measured, this.#grownBlocks) : Math.max(measured, this.#grownBlocks === 1 ? 1 : SMALLEST_BLOCKS)
    return Math.max(1, Math.min(wanted, queueLimit))
  }

  /** How long the blocks under way should last. */
  #seconds(): number {
    return Math.min(LONGEST_SECONDS, RESERVE_SECONDS + (4 * Math.min(this.#shortestMs, 1_000)) / 1_000)
  }
}
