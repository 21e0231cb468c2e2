import type { Clock, Timer } from '../base/clock.ts'
import type { RateLimit } from '../base/rate-limit.ts'

/** What the gate must know of a peer, and what it does to it. */
export interface GatedPeer {
  pauseReading(): void
  resumeReading(): void
  /** What it is late by, if anything, is measured from these. */
  lastHeardMs: number
  lastUsefulMs: number
  arrivingSinceMs: number
}

/**
 * Keeps what comes in within the limit: once more came than may, every peer is left unread for the time that the surplus is worth,
 * and the network's own flow control slows the senders down. Costs one subtraction a read. The time in which a peer was not read is
 * not held against it.
 */
export class DownloadGate {
  readonly #clock: Clock
  readonly #limit: RateLimit
  readonly #peers: ReadonlyMap<number, GatedPeer>
  #timer: Timer | undefined
  /** Who was let in last, by its place. */
  #turn = 0
  /** Up to when the time of this pause was made up for. */
  #excusedMs = 0

  constructor(clock: Clock, limit: RateLimit, peers: ReadonlyMap<number, GatedPeer>) {
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
    for (const peer of this.#peers.values()) peer.pauseReading()
    this.#excusedMs = this.#clock.nowMs()
    this.#timer = this.#clock.after(waitMs, () => this.#open())
  }

  /** A peer joined: it waits with the others if they wait. */
  onJoin(peer: GatedPeer): void {
    if (this.#timer !== undefined) peer.pauseReading()
  }

  /** Called before anybody looks for peers that are late. */
  excuse(): void {
    if (this.#timer === undefined) return
    const nowMs = this.#clock.nowMs()
    const pausedMs = nowMs - this.#excusedMs
    this.#excusedMs = nowMs
    for (const peer of this.#peers.values()) {
      peer.lastHeardMs = Math.min(nowMs, peer.lastHeardMs + pausedMs)
      peer.lastUsefulMs = Math.min(nowMs, peer.lastUsefulMs + pausedMs)
      peer.arrivingSinceMs = Math.min(nowMs, peer.arrivingSinceMs + pausedMs)
    }
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #open(): void {
    this.excuse()
    this.#timer = undefined
    const peers = [...this.#peers.values()]
    for (let count = 0; count < peers.length; count++) {
      // A peer may give at once what it held back, and close the gate again: the others begin next time.
      if (this.#timer !== undefined) return
      this.#turn = (this.#turn + 1) % peers.length
      peers[this.#turn]?.resumeReading()
    }
  }
}
