import { KiB } from '../base/units.ts'

/** What is asked of web seeds: only what the swarm cannot give, or anything. */
export type WebSeedMode = 'fallback' | 'always'

/** With no more hosts than that, ourselves not counted, there is no swarm that a web seed would have to be spared for. */
const FEW_PEERS = 2
/** Peers that give less than this, all together, are too few or too slow, if the rest would take longer than that. */
const STARVING_BYTES_PER_SECOND = 128 * KiB
const STARVING_SECONDS = 10

/** A peer, as far as the need for web seeds depends on it. */
export interface HelpfulPeer {
  readonly isSeed: boolean
  readonly isChoking: boolean
  readonly isSnubbing: boolean
  readonly downMeter: { bytesPerSecond(): number }
}

/** What the need depends on. */
export interface WebSeedNeedParts {
  readonly mode: WebSeedMode
  readonly peers: ReadonlyMap<number, HelpfulPeer>
  /** Addresses of peers that are known and not connected. */
  knownAddresses(): number
  /** Bytes that are still to come. */
  missingBytes(): number
  /** How many connected peers have `piece`, those that have everything not counted. */
  availability(piece: number): number
}

/**
 * Decides what web seeds are needed for. The swarm comes first: a web seed is asked for what no connected peer has, so that a thousand
 * hosts take about one copy from it; for anything only where there is no swarm, or where what it gives would not do.
 */
export class WebSeedNeed {
  readonly #parts: WebSeedNeedParts
  #needsAnything = true
  #hasSeed = false
  #isStarving = true

  constructor(parts: WebSeedNeedParts) {
    this.#parts = parts
  }

  /** True if `piece` should come from a web seed. */
  has(piece: number): boolean {
    return this.#needsAnything || (!this.#hasSeed && this.#parts.availability(piece) === 0)
  }

  /** True if hosts have to share the web seeds with each other. */
  get isShared(): boolean {
    return this.#parts.mode === 'fallback' && this.#parts.peers.size + this.#parts.knownAddresses() > FEW_PEERS
  }

  /** True if the peers together give next to nothing. */
  get isStarving(): boolean {
    return this.#isStarving
  }

  /** Called once a second. */
  onTick(): void {
    const { mode, peers, missingBytes } = this.#parts
    let bytesPerSecond = 0
    this.#hasSeed = false
    for (const peer of peers.values()) {
      bytesPerSecond += peer.downMeter.bytesPerSecond()
      if (peer.isSeed && !peer.isChoking && !peer.isSnubbing) this.#hasSeed = true
    }
    // What is left at the very end comes slowly, because nobody has more of it to give: that is no need.
    this.#isStarving = bytesPerSecond < STARVING_BYTES_PER_SECOND && missingBytes() > bytesPerSecond * STARVING_SECONDS
    this.#needsAnything = mode === 'always' || !this.isShared || this.#isStarving
  }
}
