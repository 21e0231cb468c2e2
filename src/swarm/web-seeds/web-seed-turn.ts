import type { Random } from '../../base/random.ts'

/**
 * Hosts that should be at the web seeds at the same time: enough that the links of these are full even where one host cannot take that
 * much, and few, because each begins with what others are just fetching and nobody has heard of.
 */
const AT_A_TIME = 8
/** Of all hosts, so many come back in a second while others are heard. */
const BACK_PER_SECOND = 1
/** The second silent second doubles that, and each one after it again. */
const PATIENT_SECONDS = 1
/** What one second told is worth so much less a second later. */
const KEPT = 0.8
/** The number of hosts is told from so many pieces at least. */
const TELLING_PIECES = 8
const CERTAIN = 1_000_000

/** What one second brought. */
export interface TurnSecond {
  /** Hosts that may share the web seeds, ourselves counted. */
  readonly hosts: number
  /** Pieces that came to us from web seeds, of which parts count. */
  readonly ownPieces: number
  /** Pieces that were missing, and that the first connected peer said that it has. */
  readonly heardPieces: number
  /** Peers do not give what they have. */
  readonly isStarving: boolean
}

/**
 * When it is our turn at the web seeds that many hosts share. Nobody hands out turns. Every host hears what the others bring, because what
 * comes from web seeds is new to everybody: so it knows how many are there by what part of the news is its own, and leaves, by chance,
 * when they are too many. Whoever is not there comes back by chance: seldom while there is news, and after each silent second twice as
 * likely as before, so that the web seeds are never left idle for long, whatever became of those that had their turn.
 */
export class WebSeedTurn {
  readonly #random: Random
  #isOurs = false
  #ownPieces = 0
  #heardPieces = 0
  #silentSeconds = 0

  constructor(random: Random) {
    this.#random = random
  }

  /** True while it is our turn. */
  get isOurs(): boolean {
    return this.#isOurs
  }

  /** The first look, for all hosts at about the same time: a few of `hosts` begin, and a host that is alone always does. */
  begin(hosts: number): void {
    if (!this.#isOurs) this.#come(AT_A_TIME / hosts)
  }

  /** Called once a second after the first look. */
  onSecond({ hosts, ownPieces, heardPieces, isStarving }: TurnSecond): void {
    if (!this.#isOurs) {
      this.#silentSeconds = heardPieces === 0 || isStarving ? this.#silentSeconds + 1 : 0
      this.#come((BACK_PER_SECOND / hosts) * 2 ** Math.max(0, this.#silentSeconds - PATIENT_SECONDS))
      return
    }
    this.#ownPieces = this.#ownPieces * KEPT + ownPieces
    this.#heardPieces = this.#heardPieces * KEPT + heardPieces
    const pieces = this.#ownPieces + this.#heardPieces
    // A host that gets nothing from anybody stays, and one that just waits for a place in the content takes nothing from the others.
    if (isStarving || ownPieces === 0 || pieces < TELLING_PIECES) return
    const hostsThere = pieces / Math.max(1, this.#ownPieces)
    if (!this.#isLikely(1 - AT_A_TIME / hostsThere)) return
    this.#isOurs = false
    this.#silentSeconds = 0
  }

  #come(probability: number): void {
    if (!this.#isLikely(probability)) return
    this.#isOurs = true
    this.#ownPieces = 0
    this.#heardPieces = 0
  }

  #isLikely(probability: number): boolean {
    return probability > 0 && this.#random.below(CERTAIN) < probability * CERTAIN
  }
}
