import { KiB } from '../base/units.ts'

/** What is asked of web seeds: only what the swarm cannot give, or anything. */
export type WebSeedMode = 'fallback' | 'always'

/** With no more hosts than that, ourselves not counted, there is no swarm that a web seed would have to be spared for. */
const FEW_PEERS = 2
/** Peers that give less than this, all together, are too few or too slow, if what they have would take longer than that. */
const STARVING_BYTES_PER_SECOND = 128 * KiB
const STARVING_SECONDS = 10
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
  /** Addresses of peers that are known and not connected. */
  knownAddresses(): number
}

/**
 * Decides what web seeds are needed for. The swarm comes first: a web seed is asked for what no connected peer has, so that a thousand
 * hosts take about one copy from it; for anything only where there is no swarm, or where what it gives would not do.
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
    const { mode, peers, content } = this.#parts
    let bytesPerSecond = 0
    let isSeedThere = false
    this.#hasSeed = false
    for (const peer of peers.values()) {
      bytesPerSecond += peer.downMeter.bytesPerSecond()
      isSeedThere ||= peer.isSeed
      if (peer.isSeed && !peer.isChoking && !peer.isSnubbing) this.#hasSeed = true
    }
    // What nobody has cannot come from peers however fast they are, and what is left at the very end comes slowly: neither is a need.
    const bytesAtPeers = isSeedThere ? content.missingBytes : content.bytesAtPeers
    const isHungry = bytesPerSecond < STARVING_BYTES_PER_SECOND && bytesAtPeers > bytesPerSecond * STARVING_SECONDS
    this.#hungrySinceMs = isHungry ? (this.#hungrySinceMs ?? nowMs) : undefined
    this.#isStarving = this.#hungrySinceMs !== undefined && nowMs - this.#hungrySinceMs >= PATIENCE_MS
    this.#needsAnything = mode === 'always' || !this.isShared || this.#isStarving
  }
}
