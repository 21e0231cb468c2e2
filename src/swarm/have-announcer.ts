import type { Clock, Timer } from '../base/clock.ts'
import type { Peer } from './peer.ts'

/** New pieces are told in one write a peer, this long after the first of them. */
const GATHER_MS = 15
/** A peer whose requests wait here could not take a new piece from us sooner anyway, so it hears of it this late. */
const GATHER_FOR_BUSY_MS = 100
/** A peer that has the new pieces itself only counts our progress; it hears of them once a second. */
const GATHER_FOR_HAVING_MS = 1_000

/**
 * Tells peers which pieces we got, gathered so that a transfer does not send a packet a piece to everybody: every small packet is a
 * write here and wakes its receiver. Among 8 hosts at 100 Mbit/s the lateness for busy peers took a sixth of all writes away.
 */
export class HaveAnnouncer {
  readonly #clock: Clock
  readonly #peers: ReadonlyMap<number, Peer>
  /** What not everybody was told yet. */
  #news: number[] = []
  /** How much of that a peer was told; those who are not in here, nothing. */
  readonly #told = new Map<Peer, number>()
  readonly #timers = new Map<number, Timer>()
  #isStopped = false

  constructor(clock: Clock, peers: ReadonlyMap<number, Peer>) {
    this.#clock = clock
    this.#peers = peers
  }

  /** `piece` was stored. */
  add(piece: number): void {
    if (this.#isStopped) return
    this.#news.push(piece)
    this.#plan(GATHER_MS)
    this.#plan(GATHER_FOR_BUSY_MS)
    this.#plan(GATHER_FOR_HAVING_MS)
  }

  /** Tells everything at once, for instance because the transfer is complete. */
  flush(): void {
    this.#tell(GATHER_FOR_HAVING_MS)
    this.#cancelTimers()
  }

  /** `piece` is not to be had any more: those who can be told so are told at once (BEP 54). */
  withdraw(piece: number): void {
    for (const { link, extension } of this.#peers.values()) {
      const id = extension?.extensions.dontHave
      if (id !== undefined) link.dontHave(id, piece)
    }
  }

  /** Nothing is told any more, whatever still comes from the disk. */
  stop(): void {
    this.#isStopped = true
    this.#cancelTimers()
  }

  #plan(delayMs: number): void {
    if (this.#timers.has(delayMs)) return
    const timer = this.#clock.after(delayMs, () => {
      this.#timers.delete(delayMs)
      this.#tell(delayMs)
    })
    this.#timers.set(delayMs, timer)
  }

  #cancelTimers(): void {
    for (const timer of this.#timers.values()) timer.cancel()
    this.#timers.clear()
  }

  /** Tells everybody who is to hear `afterMs` after a piece came. */
  #tell(afterMs: number): void {
    for (const peer of this.#peers.values()) {
      if (afterMs >= this.#patienceMs(peer)) this.#tellAll(peer)
    }
    if (afterMs < GATHER_FOR_HAVING_MS) return
    this.#news = []
    this.#told.clear()
  }

  #patienceMs(peer: Peer): number {
    if (!this.#hasNewsFor(peer)) return GATHER_FOR_HAVING_MS
    return peer.uploads.size > 0 || peer.batchesUnderWay > 0 ? GATHER_FOR_BUSY_MS : GATHER_MS
  }

  #hasNewsFor(peer: Peer): boolean {
    for (let index = this.#told.get(peer) ?? 0; index < this.#news.length; index++) {
      if (peer.pieces?.has(this.#news[index] as number) !== true) return true
    }
    return false
  }

  #tellAll(peer: Peer): void {
    for (let index = this.#told.get(peer) ?? 0; index < this.#news.length; index++) peer.link.have(this.#news[index] as number)
    this.#told.set(peer, this.#news.length)
  }
}
