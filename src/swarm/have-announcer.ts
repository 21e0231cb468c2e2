import type { Clock, Timer } from '../base/clock.ts'
import type { Peer } from './peer.ts'

/** New pieces are told in one write a peer, this long after the first of them. */
const GATHER_MS = 15
/** A peer that has the piece itself only counts our progress; it hears of it once a second. */
const GATHER_FOR_SEEDS_MS = 1_000

/** Tells peers which pieces we got, gathered so that a fast transfer does not send a packet a piece to everybody. */
export class HaveAnnouncer {
  readonly #clock: Clock
  readonly #peers: ReadonlyMap<number, Peer>
  #soon: number[] = []
  #later: number[] = []
  #soonTimer: Timer | undefined
  #laterTimer: Timer | undefined
  #isStopped = false

  constructor(clock: Clock, peers: ReadonlyMap<number, Peer>) {
    this.#clock = clock
    this.#peers = peers
  }

  /** `piece` was stored. */
  add(piece: number): void {
    if (this.#isStopped) return
    this.#soon.push(piece)
    this.#later.push(piece)
    this.#soonTimer ??= this.#clock.after(GATHER_MS, () => this.#tellThoseWhoLack())
    this.#laterTimer ??= this.#clock.after(GATHER_FOR_SEEDS_MS, () => this.#tellThoseWhoHave())
  }

  /** Tells everything at once, for instance because the transfer is complete. */
  flush(): void {
    this.#tellThoseWhoLack()
    this.#tellThoseWhoHave()
  }

  /** Nothing is told any more, whatever still comes from the disk. */
  stop(): void {
    this.#isStopped = true
    this.#soonTimer?.cancel()
    this.#laterTimer?.cancel()
  }

  #tellThoseWhoLack(): void {
    this.#soonTimer?.cancel()
    this.#soonTimer = undefined
    const pieces = this.#soon
    this.#soon = []
    for (const peer of this.#peers.values()) if (!peer.isSeed) for (const piece of pieces) peer.link.have(piece)
  }

  #tellThoseWhoHave(): void {
    this.#laterTimer?.cancel()
    this.#laterTimer = undefined
    const pieces = this.#later
    this.#later = []
    for (const peer of this.#peers.values()) if (peer.isSeed) for (const piece of pieces) peer.link.have(piece)
  }
}
