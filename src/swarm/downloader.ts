import type { Bitfield } from '../base/bitfield.ts'
import type { Clock } from '../base/clock.ts'
import type { Random } from '../base/random.ts'
import { type ActivePiece, ActivePieces, BlockState } from './active-pieces.ts'
import { askForBlock, cancelBlock, cancelPiece } from './block-requests.ts'
import type { BlockSource } from './block-source.ts'
import { FinishedPieces, type PieceEvents } from './finished-pieces.ts'
import { HeadStart } from './head-start.ts'
import { PartQuestions } from './part-questions.ts'
import { PieceChoice } from './piece-choice.ts'
import type { PieceLayout } from './piece-layout.ts'
import { PiecePicker } from './piece-picker.ts'
import type { PieceStore } from './piece-store.ts'
import { RequestsAhead } from './requests-ahead.ts'
import { blockToSteal } from './stealing.ts'
import { Suspicion } from './suspicion.ts'
import { checkTimeOuts, type LostSource, type TimedSource } from './time-outs.ts'
import { Supply } from './web-seeds/supply.ts'
import type { ZoneBorder } from './zone-border.ts'

/** A search for a block to steal looks at every peer; after a vain one the peer waits so long. */
const STEAL_PAUSE_MS = 200

/** What the downloader works with. */
export interface DownloadParts {
  readonly clock: Clock
  readonly random: Random
  readonly layout: PieceLayout
  readonly store: PieceStore
  /** Pieces that are here; shared with the swarm, which reads it. */
  readonly have: Bitfield
  /** Pieces that are to be fetched. */
  readonly wanted: Bitfield
  readonly sources: ReadonlyMap<number, BlockSource>
  /** What all of them may give together; unlimited when absent. */
  readonly downBytesPerSecond?: number
  readonly events: PieceEvents
  /** The first connected peer said that it has `piece`, which is missing here. */
  readonly onHeard?: ((piece: number) => void) | undefined
  /** Decides what may come from other zones; without it nothing depends on zones. */
  readonly border?: ZoneBorder | undefined
}

/** Decides what is asked of whom, takes the blocks that come, and hands finished pieces to the store. */
export class Downloader {
  readonly #parts: DownloadParts
  readonly #picker: PiecePicker
  readonly #active = new ActivePieces()
  readonly #suspicion: Suspicion
  readonly #choice: PieceChoice
  readonly #ahead: RequestsAhead
  readonly #finished: FinishedPieces
  /** What pieces begin with. */
  readonly headStart: HeadStart
  /** What web seeds must know. */
  readonly supply: Supply
  #isStopped = false
  #wastedBytes = 0

  constructor(parts: DownloadParts) {
    this.#parts = parts
    this.#picker = new PiecePicker(parts.layout.pieceCount, parts.random)
    this.#suspicion = new Suspicion(parts.clock, parts.layout, parts.sources)
    const { layout, store, have, wanted, sources, downBytesPerSecond = Number.POSITIVE_INFINITY, border, events } = parts
    const [picker, active, suspicion] = [this.#picker, this.#active, this.#suspicion]
    // Written out: an object that is made by spreading others has a hidden class of its own, and thousands of swarms in one process
    // (a simulation) would find none of their fields by inline caches, which takes a fifth of the time.
    const questions = new PartQuestions(parts.clock)
    const onWhole = (whole: ActivePiece): void => this.#onWhole(whole)
    const headStart = new HeadStart({ store, active, questions, onWhole, onSettled: () => this.fillAll() })
    this.headStart = headStart
    this.#ahead = new RequestsAhead({ layout, have, active, sources, downBytesPerSecond })
    this.#choice = new PieceChoice({ layout, store, picker, active, suspicion, border, have, headStart })
    const missing = [...wanted.members()].filter((piece) => !have.has(piece))
    this.#finished = new FinishedPieces({ layout, store, picker, active, suspicion, border, events }, missing.length)
    this.supply = new Supply({ layout, picker, active, finished: this.#finished, onHeard: parts.onHeard })
    this.#picker.addAll(missing)
  }

  /** True when every wanted piece is stored. */
  get isComplete(): boolean {
    return this.#finished.isComplete
  }

  /** Bytes that were of no use: duplicates, corrupt pieces, and what was given up. */
  get wastedBytes(): number {
    return this.#wastedBytes + this.#finished.corruptBytes + this.#choice.abandonedBytes
  }

  /** Bytes of the pieces that came and were right, as far as web seeds sent them. */
  get webSeedBytes(): number {
    return this.#finished.webSeedBytes
  }

  /** Bytes of the pieces that came and were right, as far as this host had them elsewhere. */
  get earlierBytes(): number {
    return this.#finished.earlierBytes
  }

  /** Pieces that came whole and were wrong. */
  get corruptPieces(): number {
    return this.#finished.corrupt
  }

  /** How many senders are remembered. */
  get sendersKnown(): number {
    return this.#suspicion.sendersKnown
  }

  /** True if `piece` was wrong, and it is not clear who is to blame. */
  isInDoubt(piece: number): boolean {
    return this.#suspicion.hasFailed(piece)
  }

  /** The hashes of the blocks of `piece` became known, 32 bytes each (BEP 52). */
  onLeaves(piece: number, leaves: Uint8Array): void {
    this.#finished.onLeaves(piece, leaves)
    this.fillAll()
  }

  /** True if `piece` is wanted and not here. */
  isMissing(piece: number): boolean {
    return this.#parts.wanted.has(piece) && !this.#parts.have.has(piece)
  }

  /** No piece is begun any more and what is being gathered is given up; pieces being hashed still end. */
  stop(): void {
    this.#isStopped = true
    for (const active of [...this.#active.values()]) this.#choice.giveUp(active)
  }

  /** `culprit` is who answers for what peer `number` sends. */
  noteSender(number: number, culprit: string): void {
    this.#suspicion.noteSender(number, culprit)
  }

  /** A peer's set of pieces became known. */
  addPieces(source: BlockSource, pieces: Bitfield): void {
    let interesting = 0
    for (const piece of pieces.members()) if (this.isMissing(piece)) interesting++
    source.interestingPieces = interesting
    source.exhaustedAt = -1
    source.isCounted = !pieces.isComplete
    if (source.isCounted) this.#picker.count(pieces, 1)
    this.#parts.border?.onPieces(source)
  }

  /** A peer got one piece more. */
  addPiece(source: BlockSource, piece: number): void {
    const isMissing = this.isMissing(piece)
    if (source.isCounted) this.supply.onHave(piece, isMissing)
    this.#parts.border?.onPiece(source, piece)
    if (isMissing) source.interestingPieces++
    // Any other piece changes nothing, and a search for one to begin looks at all of them.
    if (this.#picker.has(piece)) source.exhaustedAt = -1
  }

  /** A peer took a piece back (BEP 54). */
  removePiece(source: BlockSource, piece: number): void {
    if (source.isCounted) this.#picker.decrease(piece)
    this.#parts.border?.onLostPiece(source, piece)
    if (this.isMissing(piece)) source.interestingPieces--
  }

  /** A peer left. */
  removePeer(source: BlockSource): void {
    if (source.arriving !== undefined) {
      source.arriving.breakOff(source.arrivingBlock)
      source.arriving = undefined
    }
    if (source.pieces !== undefined && source.isCounted) this.#picker.count(source.pieces, -1)
    this.#parts.border?.onLeave(source)
    this.#release(source)
    this.headStart.removeSource(source)
    this.fillAll()
  }

  /** Others may go on with what `source` gathers: it choked us or turned a request down. */
  leaveOff(source: BlockSource): void {
    if (source.driving !== undefined) source.driving.driver = undefined
    source.driving = undefined
    for (const active of this.#active.values()) if (active.onlyFrom === source) active.onlyFrom = undefined
  }

  /** Everything asked of `source` may be asked of others: it choked us, snubs us, or left. */
  releaseRequests(source: BlockSource): void {
    if (this.#release(source)) this.#fillOthers(source)
  }

  #release(source: BlockSource): boolean {
    let isFreed = false
    source.owedBlocks += source.requests.size
    source.requests.drain((piece, block) => {
      if (this.#active.get(piece)?.unask(block) === true) isFreed = true
    })
    source.silence.onPause(this.#parts.clock.nowMs())
    this.leaveOff(source)
    return isFreed
  }

  /** The peer will not send this block (BEP 6). */
  onReject(source: BlockSource, piece: number, begin: number): void {
    const block = Math.floor(begin / this.#parts.layout.blockLengthBytes)
    if (source.requests.take(piece, block) < 0) {
      // It answers a cancelled request, so its block will not come.
      if (source.owedBlocks > 0) source.owedBlocks--
      return
    }
    if (source.requests.size === 0) source.silence.onPause(this.#parts.clock.nowMs())
    const allowed = source.allowedFast.indexOf(piece)
    if (allowed >= 0) source.allowedFast.splice(allowed, 1)
    this.leaveOff(source)
    if (this.#active.get(piece)?.unask(block) === true) this.#fillOthers(source)
  }

  /** Tops up the requests of `source`, in batches: only once a quarter of its window is free. */
  fill(source: BlockSource): void {
    if (this.#isStopped || source.isClosed || !source.amInterested || source.pieces === undefined) return
    if (source.isChoking && source.allowedFast.length === 0) return
    const window = this.#ahead.at(source, source.pieces)
    if (source.requests.size > window - Math.ceil(window / 4)) return
    const nowMs = this.#parts.clock.nowMs()
    while (source.requests.size < window && !source.requests.isFull && this.#askForOne(source, nowMs));
    source.endOfRequests()
  }

  /** Tops up every peer. */
  fillAll(): void {
    for (const source of this.#parts.sources.values()) this.fill(source)
  }

  /** A block begins to arrive: returns its place in the block memory, or -1 if it is not wanted. */
  onBlockStart(source: BlockSource, piece: number, begin: number, length: number): number {
    const block = Math.floor(begin / this.#parts.layout.blockLengthBytes)
    const nowMs = this.#parts.clock.nowMs()
    const active = this.#active.get(piece)
    const isBlock = active?.isBlock(begin, length) === true
    // Bytes that overlap a block or fall short of it do not answer the request for it, which stays under way.
    const sentMs = isBlock ? source.requests.take(piece, block) : -1
    if (isBlock && sentMs >= 0) {
      source.noteAnswer(length, active.wholeBytes(block), sentMs, nowMs)
      active.asked[block] = 0
    }
    const isWelcome =
      isBlock &&
      (active.states[block] === BlockState.requested || active.states[block] === BlockState.missing) &&
      (sentMs >= 0 || source.owedBlocks > 0) &&
      (active.onlyFrom === undefined || active.onlyFrom === source)
    if (sentMs < 0) {
      if (source.owedBlocks > 0) source.owedBlocks--
      else source.unrequestedBlocks++
    }
    if (!isWelcome) {
      this.#wastedBytes += length
      if (source.requests.size === 0) source.silence.onPause(nowMs)
      return -1
    }
    source.silence.onDelivery(nowMs, true)
    active.arrive(block, source.number)
    source.arriving = active
    source.arrivingBlock = block
    source.arrivingSinceMs = nowMs
    return this.#parts.store.slotOffset(active.slot) + begin
  }

  /** The block announced last is here. */
  onBlockEnd(source: BlockSource, length: number): void {
    source.downMeter.add(length)
    const active = source.arriving
    source.arriving = undefined
    if (active !== undefined) {
      const block = source.arrivingBlock
      source.lastUsefulMs = this.#parts.clock.nowMs()
      source.silence.onDelivery(source.lastUsefulMs, source.requests.size > 0)
      const other = active.asked[block] === 0 ? undefined : cancelBlock(this.#parts.sources, active, block, source.lastUsefulMs)
      active.finish(block)
      if (source.isWebSeed) active.webSeedBytes += length
      if (active.isWhole) this.#onWhole(active)
      if (other !== undefined) this.fill(other)
    }
    if (!source.asksLater) this.fill(source)
  }

  #onWhole(active: ActivePiece): void {
    this.#finished.commit(active, (isWrong) => {
      if (isWrong) this.headStart.onWrong(active)
      this.#onSlotFree(isWrong)
    })
  }

  #askForOne(source: BlockSource, nowMs: number): boolean {
    const active = this.#choice.pieceFor(source)
    if (active !== undefined) {
      askForBlock(source, active, active.firstMissing(), nowMs)
      return true
    }
    const { sources, layout } = this.#parts
    if (source.isChoking || sources.size < 2 || nowMs < source.nextStealMs) return false
    const stolen = blockToSteal(source, this.#active, sources, layout.blockLengthBytes, nowMs)
    if (stolen === undefined || !this.#mayCrossTwice(source, stolen.active)) {
      source.nextStealMs = nowMs + STEAL_PAUSE_MS
      return false
    }
    cancelBlock(sources, stolen.active, stolen.block, nowMs)
    askForBlock(source, stolen.active, stolen.block, nowMs)
    return true
  }

  /** What comes over a border twice is lost: only a piece that is late is asked of a second peer there. */
  #mayCrossTwice(source: BlockSource, active: ActivePiece): boolean {
    const { border } = this.#parts
    return border?.isOpenTo(source) !== false || border.isLate(active.piece)
  }

  /** Whoever found no slot before may find one now, and anybody may fetch what was wrong. */
  #onSlotFree(isWrong: boolean): void {
    if (!isWrong && !this.#choice.isStarved) return
    this.#choice.isStarved = false
    this.fillAll()
  }

  /** Others may take what was freed, now. */
  #fillOthers(than: BlockSource): void {
    for (const source of this.#parts.sources.values()) if (source !== than) this.fill(source)
  }

  /** What comes from one peer alone and is late goes to another, all of it. */
  #moveOn(nowMs: number): void {
    for (const active of [...this.#active.values()]) {
      // The bytes of a block that is arriving go into the slot, which must stay until it has ended.
      if (active.isArriving || !this.#suspicion.isLate(active)) continue
      cancelPiece(this.#parts.sources, active, nowMs)
      this.#choice.abandon(active)
    }
  }

  /** Looks after the time-outs of `timed`; called once a second. Returns those whose connection is to be ended, with the reason. */
  check<S extends TimedSource>(nowMs: number, timed: Iterable<S>): LostSource<S>[] {
    const { border } = this.#parts
    border?.onTick(nowMs)
    this.headStart.check(nowMs)
    // Who may be asked for a failed piece depends on what the others can give, and what may cross a border on the time.
    const { hasFailures } = this.#suspicion
    if (hasFailures) this.#moveOn(nowMs)
    for (const source of this.#parts.sources.values()) if (hasFailures || border?.isOpenTo(source) === false) source.exhaustedAt = -1
    this.#suspicion.forgetSenders([...this.#active.values()])
    return checkTimeOuts([...timed], this, nowMs)
  }
}
