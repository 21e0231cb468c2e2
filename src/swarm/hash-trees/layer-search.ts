import type { Clock } from '../../base/clock.ts'
import type { HashRequest } from '../../torrent/hash-request.ts'
import type { MerkleTrees } from '../../torrent/merkle-trees.ts'
import { LIMITS } from '../limits.ts'
import type { Peer } from '../peer.ts'
import type { HashQuestions } from './hash-questions.ts'

/** A peer that spoke of v2 in its handshake has this time to say that it knows the torrent. */
const INTRODUCTION_MS = 2_000
/** Answers in a row that a peer may owe before it is left alone for a while. */
const REFUSALS_IN_A_ROW = 4

/** What the search works with. */
export interface LayerSearchParts {
  readonly clock: Clock
  readonly peers: ReadonlyMap<number, Peer>
  readonly questions: HashQuestions
  readonly trees: MerkleTrees
  /** True if nothing can be done without the layers; else the search ends when nobody is there who might give them. */
  readonly isRequired: boolean
  /** The peer sent hashes that do not lead to the root of their file. */
  onLiar(peer: Peer): void
  /** Called once. */
  onEnd(isComplete: boolean): void
}

/** How a peer did of late. */
interface Standing {
  refusals: number
  restsUntilMs: number
}

/** Asks peers for the piece layers that are missing (BEP 52), several of them at the same time, until every piece has its hash. */
export class LayerSearch {
  readonly #parts: LayerSearchParts
  readonly #standings = new WeakMap<Peer, Standing>()
  /** What is to be asked, the next one last. */
  #waiting: HashRequest[]
  /** What somebody refused; asked again behind everything else. */
  #refused: HashRequest[] = []
  #underWay = 0
  readonly #endMs: number
  #isOver = false

  constructor(parts: LayerSearchParts) {
    this.#parts = parts
    this.#waiting = [...parts.trees.missing()].reverse()
    this.#endMs = parts.isRequired ? Number.POSITIVE_INFINITY : parts.clock.nowMs() + LIMITS.layerPatienceMs
  }

  /** Asks whoever can be asked; called when a peer comes, tells of itself, answers or leaves, and once a second. */
  look(): void {
    if (this.#isOver) return
    for (let isAsking = true; isAsking; ) {
      isAsking = false
      // One of each in turn, so that the work is spread over all of them.
      for (const peer of this.#parts.peers.values()) if (this.#askOne(peer)) isAsking = true
    }
    if (this.#parts.trees.isComplete) this.#end(true)
    else if (!this.#parts.isRequired && !this.#hasHope()) this.#end(false)
  }

  #askOne(peer: Peer): boolean {
    if (!this.#parts.questions.mayAsk(peer) || this.#isResting(peer)) return false
    if (this.#waiting.length === 0) [this.#waiting, this.#refused] = [this.#refused, this.#waiting]
    const request = this.#waiting.pop()
    if (request === undefined) return false
    this.#underWay++
    this.#parts.questions.ask(peer, request, (hashes) => this.#onAnswer(peer, request, hashes))
    return true
  }

  #onAnswer(peer: Peer, request: HashRequest, hashes: Uint8Array | undefined): void {
    this.#underWay--
    if (this.#isOver) return
    const isProven = hashes !== undefined && this.#parts.trees.add(request, hashes)
    if (!isProven) this.#refused.push(request)
    const standing = this.#standingOf(peer)
    standing.refusals = isProven ? 0 : standing.refusals + 1
    if (standing.refusals >= REFUSALS_IN_A_ROW) {
      standing.refusals = 0
      standing.restsUntilMs = this.#parts.clock.nowMs() + LIMITS.hashRetryMs
    }
    if (hashes !== undefined && !isProven) this.#parts.onLiar(peer)
    this.look()
  }

  #hasHope(): boolean {
    const nowMs = this.#parts.clock.nowMs()
    if (nowMs >= this.#endMs) return false
    if (this.#underWay > 0) return true
    for (const peer of this.#parts.peers.values()) {
      if (!peer.link.peer.supportsV2 || this.#isResting(peer)) continue
      if (this.#parts.questions.mayAsk(peer) || nowMs - peer.connectedMs < INTRODUCTION_MS) return true
    }
    return false
  }

  #isResting(peer: Peer): boolean {
    return (this.#standings.get(peer)?.restsUntilMs ?? 0) > this.#parts.clock.nowMs()
  }

  #standingOf(peer: Peer): Standing {
    let standing = this.#standings.get(peer)
    if (standing === undefined) {
      standing = { refusals: 0, restsUntilMs: 0 }
      this.#standings.set(peer, standing)
    }
    return standing
  }

  #end(isComplete: boolean): void {
    this.#isOver = true
    this.#parts.onEnd(isComplete)
  }
}
