import type { Clock } from '../base/clock.ts'
import type { ActivePiece } from './active-pieces.ts'
import type { BlockSource } from './block-source.ts'
import { deliverySeconds } from './delivery-time.ts'
import type { PieceLayout } from './piece-layout.ts'
import { SmartBan } from './smart-ban.ts'

/** A piece that failed goes to another peer if that one would have all of it so many times sooner, and only if it is late enough. */
const RATIO = 3
const LATE_SECONDS = 2
/** A peer that gave nothing of what it was asked for in this time is asked for a failed piece only when nobody else can be. */
const SILENT_MS = 3_000

/** What a peer is worth as the only source of a piece that failed. */
interface Source {
  readonly isSilent: boolean
  /** It sent a part of a failed attempt. */
  readonly isSuspect: boolean
  /** Until all of the piece is here. */
  readonly seconds: number
}

/**
 * Knows who sent what, who of them is to blame for a wrong piece, and whom to ask for it again: one peer alone, so that the guilt is
 * clear, and one that can be counted on, because nobody can help it out.
 */
export class Suspicion {
  readonly #clock: Clock
  readonly #layout: PieceLayout
  readonly #peers: ReadonlyMap<number, BlockSource>
  readonly #smartBan = new SmartBan()
  /** Who stands behind each peer number: peers may leave before their pieces are whole. */
  readonly #names = new Map<number, string>()

  constructor(clock: Clock, layout: PieceLayout, peers: ReadonlyMap<number, BlockSource>) {
    this.#clock = clock
    this.#layout = layout
    this.#peers = peers
  }

  /** True while some piece that failed is not right yet. */
  get hasFailures(): boolean {
    return this.#smartBan.hasFailures
  }

  /** How many senders are remembered. */
  get sendersKnown(): number {
    return this.#names.size
  }

  /** True if `piece` failed before: it should come from one peer alone. */
  hasFailed(piece: number): boolean {
    return this.#smartBan.hasFailed(piece)
  }

  /** `culprit` is who answers for what peer `number` sends. */
  noteSender(number: number, culprit: string): void {
    this.#names.set(number, culprit)
  }

  /** Of those who left, only senders of what is being gathered can still be to blame; the others are forgotten. */
  forgetSenders(gathered: readonly ActivePiece[]): void {
    for (const number of this.#names.keys()) {
      if (!this.#peers.has(number) && !gathered.some(({ senders }) => senders.includes(number))) this.#names.delete(number)
    }
  }

  /** Who sent each block of `active`. */
  sendersOf(active: ActivePiece): string[] {
    return Array.from(active.senders, (number) => this.#nameOf(number))
  }

  /** The piece is wrong; returns who is certainly to blame. `senders` has one name a block. */
  onCorrupt(piece: number, senders: readonly string[], digests: Uint8Array): Iterable<string> {
    return this.#smartBan.onCorrupt(piece, senders, digests)
  }

  /** The piece is right; returns who sent wrong blocks of it before. */
  onRight(piece: number, digests: Uint8Array | undefined): Iterable<string> {
    return digests === undefined ? [] : this.#smartBan.onRight(piece, digests)
  }

  /** True if `peer` can be asked for `piece`; if it failed before, only when no better source of it is there. */
  mayAsk(peer: BlockSource, piece: number): boolean {
    if (!peer.canGive(piece)) return false
    if (!this.hasFailed(piece)) return true
    const source = this.#sourceOf(peer, piece)
    for (const other of this.#othersWith(piece, peer)) if (isBetter(this.#sourceOf(other, piece), source)) return false
    return true
  }

  /** True if `active`, which comes from one peer alone, is late from there, and another would do better with all of it. */
  isLate(active: ActivePiece): boolean {
    const holder = active.onlyFrom === undefined ? undefined : this.#peers.get(active.onlyFrom.number)
    if (holder === undefined) return false
    const { piece } = active
    const bytes = (holder.requests.size + active.missingBlocks) * active.blockLengthBytes
    const source = { ...this.#sourceOf(holder, piece), seconds: deliverySeconds(holder, bytes, this.#clock.nowMs()) }
    for (const other of this.#othersWith(piece, holder)) if (isWorthAMove(this.#sourceOf(other, piece), source)) return true
    return false
  }

  *#othersWith(piece: number, than: BlockSource): Iterable<BlockSource> {
    for (const other of this.#peers.values()) if (other !== than && !other.isSnubbing && other.canGive(piece)) yield other
  }

  /** How long it would take `peer` to deliver all of `piece` after what it owes already; nobody knows of one that never delivered. */
  #secondsForAll(peer: BlockSource, piece: number): number {
    if (peer.serviceRate.bytesPerSecond() === undefined) return Number.POSITIVE_INFINITY
    const bytes = peer.requests.size * this.#layout.blockLengthBytes + this.#layout.pieceBytes(piece)
    return deliverySeconds(peer, bytes, this.#clock.nowMs())
  }

  #sourceOf(peer: BlockSource, piece: number): Source {
    return {
      isSilent: peer.silentMs(this.#clock.nowMs()) > SILENT_MS,
      isSuspect: this.#smartBan.isSuspect(piece, this.#nameOf(peer.number)),
      seconds: this.#secondsForAll(peer, piece),
    }
  }

  #nameOf(number: number): string {
    return this.#names.get(number) ?? ''
  }
}

/**
 * Innocence weighs less than speed: a suspect that is asked alone either proves to be honest or convicts itself, but a peer that drips has
 * all the time of the world to stay innocent.
 */
function isBetter(one: Source, than: Source): boolean {
  if (isWorthAMove(one, than)) return true
  return one.isSilent === than.isSilent && !one.isSuspect && than.isSuspect && !isMuchSooner(than, one)
}

function isWorthAMove(one: Source, than: Source): boolean {
  return one.isSilent === than.isSilent ? isMuchSooner(one, than) : than.isSilent
}

function isMuchSooner(one: Source, than: Source): boolean {
  return than.seconds > LATE_SECONDS && RATIO * one.seconds < than.seconds
}
