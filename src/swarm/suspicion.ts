import type { Clock } from '../base/clock.ts'
import type { ActivePiece } from './active-pieces.ts'
import type { BlockSource } from './block-source.ts'
import { deliverySeconds } from './delivery-time.ts'
import type { PieceLayout } from './piece-layout.ts'
import { SmartBan } from './smart-ban.ts'

/** A piece that failed goes to another source if that one would have all of it so many times sooner, and only if it is late enough. */
const RATIO = 3
const LATE_SECONDS = 2
/** A source that gave nothing of what it was asked for in this time is asked for a failed piece only when nobody else can be. */
const SILENT_MS = 3_000

/** What somebody is worth as the only source of a piece that failed. */
interface Prospect {
  readonly isSilent: boolean
  /** It sent a part of a failed attempt. */
  readonly isSuspect: boolean
  /** Until all of the piece is here. */
  readonly seconds: number
}

/**
 * Knows who sent what, who of them is to blame for a wrong piece, and whom to ask for it again: one source alone, so that the guilt is
 * clear, and one that can be counted on, because nobody can help it out.
 */
export class Suspicion {
  readonly #clock: Clock
  readonly #layout: PieceLayout
  readonly #sources: ReadonlyMap<number, BlockSource>
  readonly #smartBan = new SmartBan()
  /** Who stands behind the number of each source: one may leave before its pieces are whole. */
  readonly #names = new Map<number, string>()

  constructor(clock: Clock, layout: PieceLayout, sources: ReadonlyMap<number, BlockSource>) {
    this.#clock = clock
    this.#layout = layout
    this.#sources = sources
  }

  /** True while some piece that failed is not right yet. */
  get hasFailures(): boolean {
    return this.#smartBan.hasFailures
  }

  /** How many senders are remembered. */
  get sendersKnown(): number {
    return this.#names.size
  }

  /** True if `piece` failed before: it should come from one source alone. */
  hasFailed(piece: number): boolean {
    return this.#smartBan.hasFailed(piece)
  }

  /** `culprit` is who answers for what source `number` sends. */
  noteSender(number: number, culprit: string): void {
    this.#names.set(number, culprit)
  }

  /** Of those who left, only senders of what is being gathered can still be to blame; the others are forgotten. */
  forgetSenders(gathered: readonly ActivePiece[]): void {
    for (const number of this.#names.keys()) {
      if (!this.#sources.has(number) && !gathered.some(({ senders }) => senders.includes(number))) this.#names.delete(number)
    }
  }

  /** Who sent each block of `active`; of one that is in part from this host nobody answers for all, so nobody is to blame. */
  sendersOf(active: ActivePiece): string[] {
    return Array.from(active.senders, (number, block) => (active.isNarrowed(block) ? NO_SOURCE : this.#nameOf(number)))
  }

  /** The piece is wrong; returns who is certainly to blame. `senders` has one name a block. */
  onCorrupt(piece: number, senders: readonly string[], digests: Uint8Array): Iterable<string> {
    return sourcesIn(this.#smartBan.onCorrupt(piece, senders, digests))
  }

  /** The digests of the right blocks are known, `digestBytes` each; returns who sent wrong blocks of it before. */
  onRight(piece: number, digests: Uint8Array | undefined, digestBytes: number): Iterable<string> {
    return digests === undefined ? [] : sourcesIn(this.#smartBan.onRight(piece, digests, digestBytes))
  }

  /** True if `source` can be asked for `piece`; if it failed before, only when no better source of it is there. */
  mayAsk(source: BlockSource, piece: number): boolean {
    if (!source.canGive(piece)) return false
    if (!this.hasFailed(piece)) return true
    const prospect = this.#prospectOf(source, piece)
    for (const other of this.#othersWith(piece, source)) if (isBetter(this.#prospectOf(other, piece), prospect)) return false
    return true
  }

  /** True if `active`, which comes from one source alone, is late from there, and another would do better with all of it. */
  isLate(active: ActivePiece): boolean {
    const holder = active.onlyFrom === undefined ? undefined : this.#sources.get(active.onlyFrom.number)
    if (holder === undefined) return false
    const { piece } = active
    const bytes = (holder.requests.size + active.missingBlocks) * active.blockLengthBytes
    const prospect = { ...this.#prospectOf(holder, piece), seconds: deliverySeconds(holder, bytes, this.#clock.nowMs()) }
    for (const other of this.#othersWith(piece, holder)) if (isWorthAMove(this.#prospectOf(other, piece), prospect)) return true
    return false
  }

  *#othersWith(piece: number, than: BlockSource): Iterable<BlockSource> {
    for (const other of this.#sources.values()) if (other !== than && !other.isSnubbing && other.canGive(piece)) yield other
  }

  /** How long it would take `source` to deliver all of `piece` after what it owes already; nobody knows of one that never delivered. */
  #secondsForAll(source: BlockSource, piece: number): number {
    if (source.serviceRate.bytesPerSecond() === undefined) return Number.POSITIVE_INFINITY
    const bytes = source.requests.size * this.#layout.blockLengthBytes + this.#layout.pieceBytes(piece)
    return deliverySeconds(source, bytes, this.#clock.nowMs())
  }

  #prospectOf(source: BlockSource, piece: number): Prospect {
    return {
      isSilent: source.silentMs(this.#clock.nowMs()) > SILENT_MS,
      isSuspect: this.#smartBan.isSuspect(piece, this.#nameOf(source.number)),
      seconds: this.#secondsForAll(source, piece),
    }
  }

  #nameOf(number: number): string {
    return this.#names.get(number) ?? NO_SOURCE
  }
}

/** The name of who is no source: a block that this host had elsewhere has it too, and nobody is to blame for that. */
const NO_SOURCE = ''

function sourcesIn(names: Iterable<string>): readonly string[] {
  return [...names].filter((name) => name !== NO_SOURCE)
}

/**
 * Innocence weighs less than speed: a suspect that is asked alone either proves to be honest or convicts itself, but a peer that drips has
 * all the time of the world to stay innocent.
 */
function isBetter(one: Prospect, than: Prospect): boolean {
  if (isWorthAMove(one, than)) return true
  return one.isSilent === than.isSilent && !one.isSuspect && than.isSuspect && !isMuchSooner(than, one)
}

function isWorthAMove(one: Prospect, than: Prospect): boolean {
  return one.isSilent === than.isSilent ? isMuchSooner(one, than) : than.isSilent
}

function isMuchSooner(one: Prospect, than: Prospect): boolean {
  return than.seconds > LATE_SECONDS && RATIO * one.seconds < than.seconds
}
