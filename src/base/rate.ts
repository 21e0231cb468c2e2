import type { Clock } from './clock.ts'

/**
 * A measured rate: bytes are added as they pass, and the figure is an average over the last few seconds,
 * weighted towards the newest. Costs one addition per call; the average is brought up to date at most ten times a second.
 */
export class RateMeter {
  readonly #clock: Clock
  readonly #windowMs: number
  readonly #startedMs: number
  #updatedMs: number
  #pendingBytes = 0
  #bytesPerMs = 0
  #totalBytes = 0

  constructor(clock: Clock, windowMs = 3_000) {
    this.#clock = clock
    this.#windowMs = windowMs
    this.#startedMs = clock.nowMs()
    this.#updatedMs = this.#startedMs
  }

  /** Counts `bytes` that passed just now. */
  add(bytes: number): void {
    this.#pendingBytes += bytes
    this.#totalBytes += bytes
  }

  /** All bytes counted so far. */
  get totalBytes(): number {
    return this.#totalBytes
  }

  /** The rate of the last seconds. */
  bytesPerSecond(): number {
    const nowMs = this.#clock.nowMs()
    const elapsedMs = nowMs - this.#updatedMs
    if (elapsedMs >= 100) {
      // A young meter averages over its whole life instead of over a window that has not passed yet.
      const windowMs = Math.max(elapsedMs, Math.min(this.#windowMs, nowMs - this.#startedMs))
      const weight = elapsedMs / windowMs
      this.#bytesPerMs += (this.#pendingBytes / elapsedMs - this.#bytesPerMs) * weight
      this.#pendingBytes = 0
      this.#updatedMs = nowMs
    }
    return this.#bytesPerMs * 1_000
  }
}
