import type { Clock } from '../base/clock.ts'
import { LIMITS } from './limits.ts'

/** A peer, as far as the demand depends on it. */
export interface DemandedPeer {
  readonly downMeter: { bytesPerSecond(): number }
  isUseless(nowMs: number): boolean
  isSlow(nowMs: number): boolean
}

/** What the demand depends on. */
export interface PeerDemandParts {
  readonly clock: Clock
  readonly peers: ReadonlyMap<number, DemandedPeer>
  /** Connections at most. */
  readonly maxPeers: number
  /** A host in a zone has to know most of the others in it, so that they agree on who fetches what across its border. */
  readonly hasZone: boolean
  /** We began with everything. */
  isOrigin(): boolean
  /** We have everything. */
  isComplete(): boolean
}

/**
 * How many peers a host looks for. A large swarm is fastest as a random graph of small, even degree: more neighbours mean more transfers
 * at once, each slower, and more haves. But only peers that are of use are counted: where most are idle or choke us, or where all of
 * them together give little, more are looked for.
 *
 * An origin looks for whoever may come late. Those that have fetched everything take whoever comes and look for no more than before: hosts
 * that finished together would dial each other by the hundred, to part at once.
 */
export class PeerDemand {
  readonly #parts: PeerDemandParts
  readonly #wanted: number

  constructor(parts: PeerDemandParts) {
    this.#parts = parts
    this.#wanted = parts.hasZone ? LIMITS.wantedPeersInZone : LIMITS.wantedPeers
  }

  /** Peers to look for. */
  get wanted(): number {
    const { isOrigin, isComplete, maxPeers } = this.#parts
    if (isOrigin()) return maxPeers
    // To one that wants nothing everybody is slow, and whoever has everything too is idle.
    return isComplete() ? Math.min(maxPeers, this.#wanted) : this.#besidesUseless(this.#wanted)
  }

  /** Peers to let in, those that dialled us included. */
  get most(): number {
    return this.#parts.isComplete() ? this.#parts.maxPeers : this.#besidesUseless(this.#wanted + LIMITS.sparePeers)
  }

  #besidesUseless(count: number): number {
    const { clock, peers, maxPeers } = this.#parts
    const nowMs = clock.nowMs()
    let bytesPerSecond = 0
    let [useless, slow] = [0, 0]
    for (const peer of peers.values()) {
      bytesPerSecond += peer.downMeter.bytesPerSecond()
      if (peer.isUseless(nowMs)) useless++
      else if (peer.isSlow(nowMs)) slow++
    }
    const isStarving = bytesPerSecond < LIMITS.wantedPeers * LIMITS.slotBytesPerSecond
    // Twice as many at most: it may be our own line that is slow.
    return Math.min(maxPeers, count + useless + (isStarving ? Math.min(slow, this.#wanted) : 0))
  }
}
