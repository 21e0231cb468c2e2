import type { Clock } from '../../../src/base/clock.ts'
import type { Uplink } from './uplink.ts'

/** What the bytes of one end pass before they are on the way to the other. */
export interface Lines {
  readonly uplink: Uplink
  /** A line that it shares with others on the way to the far end, behind its own. */
  readonly shared?: Uplink | undefined
}

/** One direction of a connection that exists in memory only: the lines on the way, the time that it takes, and the order in which all arrives. */
export class MemoryWay {
  readonly #clock: Clock
  readonly #latencyMs: number
  readonly #lines: Lines
  readonly #onArrival: (message: () => void) => void
  /** What is on its way, in the order in which it left. */
  readonly #underWay: (() => void)[] = []

  constructor(clock: Clock, latencyMs: number, lines: Lines, onArrival: (message: () => void) => void) {
    this.#clock = clock
    this.#latencyMs = latencyMs
    this.#lines = lines
    this.#onArrival = onArrival
  }

  /** Takes the lines on the way, one after the other; a shared one only when the bytes get there, so that it is never kept for later. */
  leave(bytes: number, onWay: (startMs: number, endMs: number) => void): void {
    const { uplink, shared } = this.#lines
    const { startMs, endMs } = uplink.reserve(bytes)
    if (shared === undefined) {
      onWay(startMs, endMs)
      return
    }
    this.#clock.after(endMs - this.#clock.nowMs(), () => {
      const line = shared.reserve(bytes)
      onWay(line.startMs, line.endMs)
    })
  }

  /** Brings `message` to the other end: it leaves at `leavesMs`, and nothing overtakes it. */
  carry(leavesMs: number, message: () => void): void {
    this.#underWay.push(message)
    this.#clock.after(leavesMs - this.#clock.nowMs() + this.#latencyMs, () => {
      const next = this.#underWay.shift()
      if (next !== undefined) this.#onArrival(next)
    })
  }
}
