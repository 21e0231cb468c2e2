import { Bitfield } from '../base/bitfield.ts'
import { type Random, shuffle } from '../base/random.ts'
import { MiB } from '../base/units.ts'
import type { PieceLayout } from './piece-layout.ts'

/** What the super-seeder must know of a peer, and how it speaks to it. */
export interface GuidedPeer {
  readonly amChoking: boolean
  readonly isSeed: boolean
  readonly pieces: Bitfield | undefined
  readonly upMeter: { bytesPerSecond(): number }
  readonly link: { readonly peer: { readonly supportsFast: boolean }; suggest(piece: number): void }
}

/** Who is told what; everybody anything unless there are zones. */
export interface Audience<Guided> {
  /** True if a piece that `peer` has or takes counts as out. */
  counts(peer: Guided): boolean
  /** True if `peer` may be advised to take `piece`. */
  suits(peer: Guided, piece: number): boolean
}

const EVERYBODY: Audience<unknown> = { counts: () => true, suits: () => true }

/** Suggestions that a peer has not taken up yet: pieces for a newcomer's first requests, and more for one that takes them fast. */
const AHEAD_BYTES = MiB
const AHEAD_SECONDS = 0.5
const FEWEST_AHEAD = 2
const MOST_AHEAD = 32

/**
 * Keeps an origin from sending a piece twice before it has sent every piece once. As long as pieces exist that nobody but us has,
 * each of them is suggested (BEP 6) to one peer, and that peer takes what was suggested to it first: so all of them ask for
 * different pieces, and what the origin sends is always new to the swarm. Nothing is hidden and nothing turned down, unlike in
 * super-seeding by BEP 16: who does not know suggestions is served as ever, and no peer ever waits for a permission.
 * It ends by itself when every piece has been out.
 *
 * What a peer says that it has counts only once it took something from us: whoever merely claims to have everything would keep us
 * from spreading what nobody has. Beside a real second seed it goes on, and that costs nothing, because no peer takes a suggested piece
 * that others can give; each of the two seeds sends other pieces out, and sees them arrive.
 */
export class SuperSeeder<Guided extends GuidedPeer = GuidedPeer> {
  readonly #layout: PieceLayout
  readonly #audience: Audience<Guided>
  /** Pieces that some peer has, has asked for, or was told to take. */
  readonly #out: Bitfield
  /** All pieces in the random order in which they are given out; those before `#next` have had their turn. */
  readonly #order: Uint32Array
  #next = 0
  readonly #suggested = new Map<Guided, Set<number>>()
  /** Peers that took something from us. */
  readonly #takers = new WeakSet<Guided>()

  constructor(layout: PieceLayout, random: Random, audience: Audience<Guided> = EVERYBODY) {
    this.#audience = audience
    this.#layout = layout
    this.#out = new Bitfield(layout.pieceCount)
    this.#order = shuffle(
      Uint32Array.from({ length: layout.pieceCount }, (_, piece) => piece),
      random,
    )
  }

  /** True when every piece has been out once. */
  get isDone(): boolean {
    return this.#out.isComplete
  }

  /** A peer says that it has `piece`. */
  onHave(peer: Guided, piece: number): void {
    if (!this.isDone && this.#isBelieved(peer)) this.#out.add(piece)
    if (this.#suggested.get(peer)?.delete(piece) === true) this.guide(peer)
  }

  /** A peer told its whole set of pieces. */
  onPieces(peer: Guided, pieces: Bitfield): void {
    if (!this.isDone && this.#isBelieved(peer)) this.#addAll(pieces)
  }

  /** A peer asks for a block of `piece`: it has taken up the suggestion, and gets another one. Of a choked peer it means nothing. */
  onRequest(peer: Guided, piece: number): void {
    if (this.isDone || peer.amChoking) return
    if (this.#audience.counts(peer)) {
      this.#out.add(piece)
      if (!this.#takers.has(peer)) {
        this.#takers.add(peer)
        if (peer.pieces !== undefined) this.#addAll(peer.pieces)
      }
    }
    if (this.#suggested.get(peer)?.delete(piece) === true) this.guide(peer)
  }

  /** Tops up what `peer` is to take next; called when it is unchoked and as it takes pieces. */
  guide(peer: Guided): void {
    if (this.isDone || peer.amChoking || peer.isSeed || !peer.link.peer.supportsFast) return
    let suggested = this.#suggested.get(peer)
    if (suggested === undefined) {
      suggested = new Set()
      this.#suggested.set(peer, suggested)
    }
    const pieceBytes = this.#layout.usualPieceBytes
    const wanted = Math.ceil(Math.max(AHEAD_BYTES, peer.upMeter.bytesPerSecond() * AHEAD_SECONDS) / pieceBytes)
    while (suggested.size < Math.min(MOST_AHEAD, Math.max(FEWEST_AHEAD, wanted))) {
      const piece = this.#take(peer)
      if (piece === undefined) return
      suggested.add(piece)
      peer.link.suggest(piece)
    }
  }

  /** A peer left or was choked: what it was told to take and did not is free again. */
  release(peer: Guided): void {
    for (const piece of this.#suggested.get(peer) ?? []) {
      this.#out.delete(piece)
      this.#next = 0
    }
    this.#suggested.delete(peer)
  }

  #isBelieved(peer: Guided): boolean {
    return this.#takers.has(peer) && this.#audience.counts(peer)
  }

  #addAll(pieces: Bitfield): void {
    for (const piece of pieces.members()) this.#out.add(piece)
  }

  #take(peer: Guided): number | undefined {
    for (let index = this.#next; index < this.#order.length; index++) {
      const piece = this.#order[index] as number
      if (this.#out.has(piece)) {
        if (index === this.#next) this.#next++
      } else if (this.#audience.suits(peer, piece)) {
        this.#out.add(piece)
        return piece
      }
    }
    return undefined
  }
}
