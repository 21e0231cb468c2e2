import type { Random } from '../base/random.ts'
import { KiB } from '../base/units.ts'

/**
 * A share of a web seed in which this many pieces take longer than a second is too small: too many hosts are there, and what many hosts
 * fetch at the same time is fetched twice. With bounds for very small and large pieces.
 */
const PIECES_PER_SECOND = 4
const LEAST_SHARE_BYTES_PER_SECOND = 64 * KiB
const MOST_SHARE_BYTES_PER_SECOND = 2_048 * KiB
/** How long a turn lasts at least, so that a share can be measured. */
const MEASURED_MS = 1_000
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 60_000
/** A pause so short is none. */
const SHORTEST_PAUSE_MS = 500
/** The share grew so many times while we stayed away: others are there. */
const GREW = 1.5

/**
 * When it is our turn at a web seed that many hosts share. Nobody hands out turns: whoever finds that its share is too small to be worth
 * having leaves, as likely as not, for a random time that doubles as long as that makes a difference. So a few hosts are there at a time,
 * each long enough for whole pieces, which the others then get from them; and one that is alone with a slow server soon stays.
 */
export class WebSeedTurn {
  readonly #random: Random
  readonly #worthBytesPerSecond: number
  #beganMs: number
  #pausedUntilMs: number
  #pauseMs = FIRST_PAUSE_MS
  #lastShare = 0

  /** The first turn comes `delayMs` to twice that after `nowMs`, at random: hosts start together. */
  constructor(random: Random, pieceBytes: number, delayMs: number, nowMs: number) {
    this.#random = random
    this.#worthBytesPerSecond = Math.min(
      MOST_SHARE_BYTES_PER_SECOND,
      Math.max(LEAST_SHARE_BYTES_PER_SECOND, PIECES_PER_SECOND * pieceBytes),
    )
    this.#pausedUntilMs = nowMs + delayMs + random.below(Math.max(1, Math.ceil(delayMs)))
    this.#beganMs = this.#pausedUntilMs
  }

  /** When our next turn begins, or when this one began. */
  get pausedUntilMs(): number {
    return this.#pausedUntilMs
  }

  /** True while it is our turn. */
  isOurs(nowMs: number): boolean {
    return nowMs >= this.#pausedUntilMs
  }

  /** Looks at the share that we get: called about once a second while we read from a web seed that others may use too. */
  onShare(bytesPerSecond: number, isStarving: boolean, nowMs: number): void {
    if (nowMs - this.#beganMs < MEASURED_MS) return
    if (bytesPerSecond >= this.#worthBytesPerSecond) {
      this.#pauseMs = Math.max(FIRST_PAUSE_MS, this.#pauseMs / 2)
      return
    }
    if (this.#random.below(2) === 0) return
    const madeDifference = bytesPerSecond > GREW * this.#lastShare
    this.#lastShare = bytesPerSecond
    this.#pauseMs = madeDifference || !isStarving ? Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2) : this.#pauseMs / 2
    if (this.#pauseMs < SHORTEST_PAUSE_MS) return
    this.#pausedUntilMs = nowMs + this.#pauseMs / 2 + this.#random.below(Math.ceil(this.#pauseMs))
    this.#beganMs = this.#pausedUntilMs
  }
}
