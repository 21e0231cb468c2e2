/** The average reaches back over about so many blocks. */
const MEMORY_BLOCKS = 32
const KEPT = 1 - 1 / MEMORY_BLOCKS

/**
 * How fast a peer delivers while something is asked of it, in bytes a second. Unlike a rate over time it does not sink while the peer
 * has nothing to do: who was fast and is idle now is still known as fast.
 */
export class ServiceRate {
  #bytes = 0
  #busyMs = 0
  #lastMs = Number.NEGATIVE_INFINITY

  /** A block of `bytes` that was asked for at `sentMs` is here. */
  onBlock(bytes: number, sentMs: number, nowMs: number): void {
    this.#bytes = this.#bytes * KEPT + bytes
    this.#busyMs = this.#busyMs * KEPT + nowMs - Math.max(sentMs, this.#lastMs)
    this.#lastMs = nowMs
  }

  /** Undefined before the first block. */
  bytesPerSecond(): number | undefined {
    return this.#bytes === 0 ? undefined : (1_000 * this.#bytes) / Math.max(1, this.#busyMs)
  }
}
