import type { HashRequest } from '../../torrent/hash-request.ts'
import type { MerkleTrees } from '../../torrent/merkle-trees.ts'
import { LIMITS } from '../limits.ts'
import type { Peer } from '../peer.ts'
import type { HashQuestions } from './hash-questions.ts'

/** Peers that are asked for the leaves of one piece at the same time. */
const ASKED_AT_ONCE = 2

/** What the search works with. */
export interface LeafSearchParts {
  readonly peers: ReadonlyMap<number, Peer>
  readonly questions: HashQuestions
  readonly trees: MerkleTrees
  /** True while it is not clear who is to blame for `piece`. */
  isInDoubt(piece: number): boolean
  /** The leaves of `piece` are known, and proven: a SHA-256 for each block of it, and maybe zeros behind them. */
  onLeaves(piece: number, leaves: Uint8Array): void
  /** The peer sent hashes that are not those of the piece. */
  onLiar(peer: Peer): void
}

/** A wrong piece that came from several peers. */
interface Doubt {
  readonly piece: number
  readonly request: HashRequest
  readonly asked: Set<Peer>
  underWay: number
}

/**
 * Finds out who sent the bad block of a piece: asks peers that have the piece for the hashes of its blocks (BEP 52). Whoever makes them
 * up is found out, as they have to lead to the hash of the piece.
 */
export class LeafSearch {
  readonly #parts: LeafSearchParts
  readonly #doubts = new Map<number, Doubt>()

  constructor(parts: LeafSearchParts) {
    this.#parts = parts
  }

  /** `piece` is wrong, and came from several peers. */
  onDoubt(piece: number): void {
    const request = this.#parts.trees.hashOf(piece) === undefined ? undefined : this.#parts.trees.leafRequest(piece)
    if (request === undefined || this.#doubts.has(piece) || this.#doubts.size >= LIMITS.piecesInDoubt) return
    this.#doubts.set(piece, { piece, request, asked: new Set(), underWay: 0 })
    this.look()
  }

  /** Asks on; called when a peer answers or leaves, and once a second. */
  look(): void {
    for (const doubt of [...this.#doubts.values()]) {
      if (this.#parts.isInDoubt(doubt.piece)) this.#askOn(doubt)
      else this.#doubts.delete(doubt.piece)
    }
  }

  #askOn(doubt: Doubt): void {
    for (const peer of this.#parts.peers.values()) {
      if (doubt.underWay >= ASKED_AT_ONCE || doubt.asked.size >= LIMITS.leafSources) return
      if (peer.pieces?.has(doubt.piece) !== true || doubt.asked.has(peer) || !this.#parts.questions.mayAsk(peer)) continue
      doubt.asked.add(peer)
      doubt.underWay++
      this.#parts.questions.ask(peer, doubt.request, (hashes) => this.#onAnswer(doubt, peer, hashes))
    }
  }

  #onAnswer(doubt: Doubt, peer: Peer, hashes: Uint8Array | undefined): void {
    doubt.underWay--
    if (hashes !== undefined && !this.#parts.trees.provesLeaves(doubt.piece, hashes)) this.#parts.onLiar(peer)
    else if (hashes !== undefined && this.#doubts.delete(doubt.piece)) this.#parts.onLeaves(doubt.piece, hashes)
    this.look()
  }
}
