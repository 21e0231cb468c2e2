import type { Clock, Timer } from '../base/clock.ts'
import type { RateLimit } from '../base/rate-limit.ts'

/** What the gate must know of a source of blocks, a peer or a web seed, and what it does to it. */
export interface GatedSource {
  pauseReading(): void
  resumeReading(): void
  /** What it is late by, if anything, is measured from these. */
  lastHeardMs: number
  lastUsefulMs: number
  arrivingSinceMs: number
}

/**
 * Keeps what comes in within the limit: once more came than may, every source is left unread for the time that the surplus is worth,
 * and the network's own flow control slows the senders down. Costs one subtraction a read. The time in which one was not read is
 * not held against it.
 */
export class DownloadGate {
  readonly #clock: Clock
  readonly #limit: RateLimit
  readonly #sources: ReadonlyMap<number, GatedSource>
  #timer: Timer | undefined
  /** Who was let in last, by its place. */
  #turn = 0
  /** Up to when the time of this pause was made up for. */
  #excusedMs = 0

  constructor(clock: Clock, limit: RateLimit, sources: ReadonlyMap<number, GatedSource>) {
    this.#clock = clock
    this.#limit = limit
    this.#sources = sources
  }

  onReceived(bytes: number): void {
    if (this.#limit.isUnlimited) return
    this.#limit.take(bytes)
    if (this.#timer !== undefined) return
    const waitMs = this.#limit.waitMs()
    if (waitMs === 0) return
    for (const source of this.#sources.values()) source.pauseReading()
    this.#excusedMs = this.#clock.nowMs()
    this.#timer = this.#clock.after(waitMs, () => this.#open())
  }

  /** A source joined: it waits with the others if they wait. */
  onJoin(source: GatedSource): void {
    if (this.#timer !== undefined) source.pauseReading()
  }

  /** Called before anybody looks for sources that are late. */
  excuse(): void {
    if (this.#timer === undefined) return
    const nowMs = this.#clock.nowMs()
    const pausedMs = nowMs - this.#excusedMs
    this.#excusedMs = nowMs
    for (const source of this.#sources.values()) {
      source.lastHeardMs = Math.min(nowMs, source.lastHeardMs + pausedMs)
      source.lastUsefulMs = Math.min(nowMs, source.lastUsefulMs + pausedMs)
      source.arrivingSinceMs = Math.min(nowMs, source.arrivingSinceMs + pausedMs)
    }
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #open(): void {
    this.excuse()
    this.#timer = undefined
    const sources = [...this.#sources.values()]
    for (let count = 0; count < sources.length; count++) {
      // A source may give at once what it held back, and close the gate again: the others begin next time.
      if (this.#timer !== undefined) return
      this.#turn = (this.#turn + 1) % sources.length
      sources[this.#turn]?.resumeReading()
    }
  }
}
