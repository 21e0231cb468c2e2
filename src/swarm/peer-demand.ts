import type { Clock } from '../base/clock.ts'
import { LIMITS } from './limits.ts'

/** After so long the effect of more peers can be seen in the rate. */
const STEP_MS = 5_000
/** One step up. */
const GROWTH = 1.25
/** More peers were worth it if the rate grew by this much meanwhile. */
const WORTHWHILE = 1.1

/** What the demand depends on. */
export interface PeerDemandParts {
  readonly clock: Clock
  readonly peers: ReadonlyMap<number, { isIdle(nowMs: number): boolean }>
  /** Connections at most. */
  readonly maxPeers: number
  /** A host in a zone has to know most of the others in it, so that they agree on who fetches what across its border. */
  readonly hasZone: boolean
}

/**
 * How many peers a host looks for while it fetches. A large swarm is fastest as a random graph of small, even degree: more neighbours
 * mean more transfers at once, each slower, and more haves. Where peers are slow more of them are needed, and only a try can tell:
 * the number grows step by step as long as each step makes the download faster.
 */
export class PeerDemand {
  readonly #parts: PeerDemandParts
  #wanted: number
  #steppedMs = Number.NEGATIVE_INFINITY
  #bytesPerSecond = 0

  constructor(parts: PeerDemandParts) {
    this.#parts = parts
    this.#wanted = parts.hasZone ? LIMITS.wantedPeersInZone : LIMITS.wantedPeers
  }

  /** Peers to look for. */
  get wanted(): number {
    return this.#besidesIdle(this.#wanted)
  }

  /** Peers to let in, those that dialled us included. */
  get most(): number {
    return this.#besidesIdle(this.#wanted + LIMITS.sparePeers)
  }

  /** Called once a second with the number of peers and the rate at which they deliver. */
  onTick(nowMs: number, peers: number, bytesPerSecond: number): void {
    if (peers < this.#wanted || nowMs - this.#steppedMs < STEP_MS) return
    this.#steppedMs = nowMs
    if (bytesPerSecond < WORTHWHILE * this.#bytesPerSecond) return
    this.#bytesPerSecond = bytesPerSecond
    this.#wanted = Math.ceil(GROWTH * this.#wanted)
  }

  /** Idle peers are of no use, so they do not count. */
  #besidesIdle(count: number): number {
    const { clock, peers, maxPeers } = this.#parts
    const nowMs = clock.nowMs()
    let most = count
    for (const peer of peers.values()) if (peer.isIdle(nowMs)) most++
    return Math.min(maxPeers, most)
  }
}
