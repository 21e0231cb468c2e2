import { KiB, MiB } from '../../base/units.ts'

/** What is asked of web seeds: only what the swarm cannot give, or anything. */
export type WebSeedMode = 'fallback' | 'always'

/** With no more hosts than that, ourselves not counted, there is no swarm that a web seed would have to be spared for. */
const FEW_PEERS = 2
/** Peers that give less than this, all together, are too few or too slow, if what they have would take longer than that. */
const STARVING_BYTES_PER_SECOND = 128 * KiB
const STARVING_SECONDS = 10
/** The same where all peers are seeds: then there is nobody who would pass on what a web seed gave, and so nobody to leave it to. */
const STARVING_AT_SEEDS_BYTES_PER_SECOND = 1 * MiB
/** Peers that give so much of what may come at most are not too slow. */
const ENOUGH_OF_LIMIT = 0.75
/** A moment without blocks is none: peers that just came, or choke us for now, begin to give in this time. */
const PATIENCE_MS = 3_000

/** A peer, as far as the need for web seeds depends on it. */
export interface HelpfulPeer {
  readonly isSeed: boolean
  readonly isChoking: boolean
  readonly isSnubbing: boolean
  readonly downMeter: { bytesPerSecond(): number }
}

/** What is still to come, as far as the need for web seeds depends on it. */
export interface MissingContent {
  /** All of it. */
  readonly missingBytes: number
  /** What connected peers have of it, those that have everything not counted. */
  readonly bytesAtPeers: number
  /** How many connected peers have `piece`, those that have everything not counted. */
  availability(piece: number): number
}

/** What the need depends on. */
export interface WebSeedNeedParts {
  readonly mode: WebSeedMode
  readonly peers: ReadonlyMap<number, HelpfulPeer>
  readonly content: MissingContent
  /** The limit on what comes in, in bytes; infinite for none. */
  readonly downBytesPerSecond: number
  /** Addresses of peers that are known and not connected. */
  knownAddresses(): number
}

/**
 * Decides what web seeds are needed for. The swarm comes first: a web seed is asked for what no connected peer has, so that a thousand
 * hosts take about one copy from it; for nothing while a seed lets us have everything; for anything only where there is no swarm, or where
 * what it gives would not do.
 */
export class WebSeedNeed {
  readonly #parts: WebSeedNeedParts
  #needsAnything = true
  #hasSeed = false
  #isStarving = false
  #hungrySinceMs: number | undefined

  constructor(parts: WebSeedNeedParts) {
    this.#parts = parts
  }

  /** True if `piece` should come from a web seed. */
  has(piece: number): boolean {
    return this.#parts.content.availability(piece) <= this.mostAvailability
  }

  /** What should come from a web seed is what so many peers have at most, those that have everything not counted; -1 for nothing. */
  get mostAvailability(): number {
    if (this.#needsAnything) return Number.POSITIVE_INFINITY
    return this.#hasSeed ? -1 : 0
  }

  /** Hosts that may use the same web seeds, ourselves counted. */
  get hosts(): number {
    return this.#parts.peers.size + this.#parts.knownAddresses() + 1
  }

  /** True if hosts have to share the web seeds with each other. */
  get isShared(): boolean {
    return this.#parts.mode === 'fallback' && this.hosts > FEW_PEERS + 1
  }

  /** True if the peers together give next to nothing of what they have. */
  get isStarving(): boolean {
    return this.#isStarving
  }

  /** Looks at the peers: called once a second, and before anything is asked of a web seed. */
  look(nowMs: number): void {
    const { mode, peers } = this.#parts
    let bytesPerSecond = 0
    let seeds = 0
    this.#hasSeed = false
    for (const peer of peers.values()) {
      bytesPerSecond += peer.downMeter.bytesPerSecond()
      if (peer.isSeed) seeds++
      if (peer.isSeed && !peer.isChoking && !peer.isSnubbing) this.#hasSeed = true
    }
    this.#hungrySinceMs = this.#isHungry(bytesPerSecond, seeds) ? (this.#hungrySinceMs ?? nowMs) : undefined
    this.#isStarving = this.#hungrySinceMs !== undefined && nowMs - this.#hungrySinceMs >= PATIENCE_MS
    this.#needsAnything = mode === 'always' || this.#isStarving || !(this.isShared || this.#hasSeed)
  }

  /** True if the peers, of which so many are seeds, are too slow with `bytesPerSecond` together. */
  #isHungry(bytesPerSecond: number, seeds: number): boolean {
    const { peers, content, downBytesPerSecond } = this.#parts
    const hasOnlySeeds = seeds > 0 && seeds === peers.size
    const least = hasOnlySeeds ? STARVING_AT_SEEDS_BYTES_PER_SECOND : STARVING_BYTES_PER_SECOND
    if (bytesPerSecond >= Math.min(least, ENOUGH_OF_LIMIT * downBytesPerSecond)) return false
    // Whom nobody waits for but ourselves is helped to the end.
    if (hasOnlySeeds && this.#isStarving) return true
    // What nobody has cannot come from peers however fast they are, and what is left at the very end comes slowly: neither is a need.
    const bytesAtPeers = seeds > 0 ? content.missingBytes : content.bytesAtPeers
    return bytesAtPeers > bytesPerSecond * STARVING_SECONDS
  }
}
