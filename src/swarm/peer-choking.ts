import type { Clock } from '../base/clock.ts'
import type { Random } from '../base/random.ts'
import { Choker, uploadSlots } from './choker.ts'
import type { Peer } from './peer.ts'
import type { TorrentSession } from './torrent-session.ts'

/** What choking works with. */
export interface PeerChokingParts {
  readonly clock: Clock
  readonly random: Random
  /** What may be sent; `Infinity` without a limit. */
  readonly upBytesPerSecond: number
  readonly peers: ReadonlyMap<number, Peer>
  torrent(): TorrentSession | undefined
}

/** Shows the choker the peers of a swarm, and does to them what it decides. */
export class PeerChoking {
  readonly #parts: PeerChokingParts
  readonly #choker: Choker<Peer>
  #isPlanned = false
  #isStopped = false

  constructor(parts: PeerChokingParts) {
    this.#parts = parts
    this.#choker = new Choker<Peer>({
      slots: uploadSlots(parts.upBytesPerSecond),
      candidates: () => parts.peers.values(),
      isSeeding: () => parts.torrent()?.downloader.isComplete === true,
      isSpreading: () => parts.torrent()?.superSeeder?.isDone === false,
      choke: (peer) => this.#choke(peer),
      unchoke: (peer) => this.#unchoke(peer),
      isAway: (peer) => peer.zone.relation === 'other',
      below: (limit) => parts.random.below(limit),
    })
  }

  /** A peer left: its slot is free. */
  onLeave(): void {
    this.#choker.onChange()
  }

  /** A peer became interested or lost interest. Looked at once for all that one read brings: five bytes must not cost a look at every peer. */
  onInterestChange(peer: Peer): void {
    if (this.#isPlanned || !this.#choker.concerns(peer)) return
    this.#isPlanned = true
    this.#parts.clock.soon(() => {
      this.#isPlanned = false
      if (!this.#isStopped) this.#choker.onChange()
    })
  }

  /** Called once a second. */
  onTick(nowMs: number): void {
    this.#choker.onTick(nowMs)
  }

  /** Nobody is choked or unchoked any more. */
  stop(): void {
    this.#isStopped = true
  }

  #choke(peer: Peer): void {
    peer.amChoking = true
    peer.link.choke()
    this.#parts.torrent()?.uploader.drop(peer)
    this.#parts.torrent()?.superSeeder?.release(peer)
  }

  #unchoke(peer: Peer): void {
    peer.amChoking = false
    peer.unchokedMs = this.#parts.clock.nowMs()
    peer.turnBytes = 0
    this.#parts.torrent()?.superSeeder?.guide(peer)
    peer.link.unchoke()
  }
}
