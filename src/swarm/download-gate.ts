import type { Clock, Timer } from '../base/clock.ts'
import type { RateLimit } from '../base/rate-limit.ts'
import type { Peer } from './peer.ts'

/**
 * Keeps what comes in within the limit: once more came than may, every peer is left unread for the time that the surplus is worth,
 * and the network's own flow control slows the senders down. Costs one subtraction a read.
 */
export class DownloadGate {
  readonly #clock: Clock
  readonly #limit: RateLimit
  readonly #peers: ReadonlyMap<number, Peer>
  #timer: Timer | undefined

  constructor(clock: Clock, limit: RateLimit, peers: ReadonlyMap<number, Peer>) {
    this.#clock = clock
    this.#limit = limit
    this.#peers = peers
  }

  onReceived(bytes: number): void {
    if (this.#limit.isUnlimited) return
    this.#limit.take(bytes)
    if (this.#timer !== undefined) return
    const waitMs = this.#limit.waitMs()
    if (waitMs === 0) return
    for (const peer of this.#peers.values()) peer.link.pauseReading()
    this.#timer = this.#clock.after(waitMs, () => this.#open())
  }

  /** A peer joined: it waits with the others if they wait. */
  onJoin(peer: Peer): void {
    if (this.#timer !== undefined) peer.link.pauseReading()
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #open(): void {
    this.#timer = undefined
    for (const peer of this.#peers.values()) peer.link.resumeReading()
  }
}
