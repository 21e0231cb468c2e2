import type { Clock } from '../../../src/base/clock.ts'

/** The line by which a host sends: everything that leaves it waits its turn here. */
export class Uplink {
  readonly #clock: Clock
  readonly #bytesPerMs: number
  #freeAtMs = 0

  /** `bytesPerSecond` may be `Infinity`. */
  constructor(clock: Clock, bytesPerSecond: number) {
    this.#clock = clock
    this.#bytesPerMs = bytesPerSecond / 1_000
  }

  /** Takes the line for `bytes`; returns when the first and the last of them have left. */
  reserve(bytes: number): { readonly startMs: number; readonly endMs: number } {
    const startMs = Math.max(this.#clock.nowMs(), this.#freeAtMs)
    this.#freeAtMs = startMs + bytes / this.#bytesPerMs
    return { startMs, endMs: this.#freeAtMs }
  }
}
