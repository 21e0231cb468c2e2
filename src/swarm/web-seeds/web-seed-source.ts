import { Bitfield } from '../../base/bitfield.ts'
import type { Clock, Timer } from '../../base/clock.ts'
import { copyBytes } from '../../base/copy-bytes.ts'
import type { Random } from '../../base/random.ts'
import { KiB, MiB } from '../../base/units.ts'
import type { ContentRange, NamedBy, WebSeed, WebSeedFailure } from '../../web-seed/web-seed.ts'
import { BlockSource } from '../block-source.ts'
import { LIMITS } from '../limits.ts'
import type { PieceLayout } from '../piece-layout.ts'
import type { AskedBlock } from './range-queue.ts'
import { RangeRequests } from './range-requests.ts'
import type { WebSeedClaims } from './web-seed-claims.ts'
import { type UnknownPieces, WebSeedCourse } from './web-seed-course.ts'
import type { WebSeedNeed } from './web-seed-need.ts'
import { WebSeedStanding } from './web-seed-standing.ts'
import type { WebSeedTurn } from './web-seed-turn.ts'

/** To ask for ahead: what comes in this time, and so much at least. What is asked for is what no other host should fetch. */
const AHEAD_SECONDS = 0.25
const LEAST_AHEAD_BYTES = 64 * KiB
/** Where no other host is there to share it with, longer ranges are better. */
const AHEAD_ALONE_SECONDS = 1
const LEAST_AHEAD_ALONE_BYTES = 4 * MiB
/** Where others turn up, so many times as much asked for ahead as where others are is too much. */
const AHEAD_RATIO = 4
/** One that is not asked any more and gives nothing for so long does not finish. */
const FINISHING_SILENCE_MS = 3_000
/** One that is not asked any more may take so long to give what it owes, if others wait for that. */
const LEAVING_MS = 3_000
const NO_ID = new Uint8Array(20)

/** What takes the blocks that come. */
export interface BlockTaker {
  onBlockStart(source: BlockSource, piece: number, begin: number, length: number): number
  onBlockEnd(source: BlockSource, length: number): void
  onReject(source: BlockSource, piece: number, begin: number): void
  removePiece(source: BlockSource, piece: number): void
  releaseRequests(source: BlockSource): void
  fill(source: BlockSource): void
}

/** What a web seed needs of the swarm that it belongs to. */
export interface WebSeedSourceParts {
  readonly number: number
  readonly clock: Clock
  readonly webSeed: WebSeed
  readonly namedBy: NamedBy
  readonly layout: PieceLayout
  readonly blockMemory: Uint8Array
  /** False in a simulation, where blocks are counted and no bytes move. */
  readonly carriesBytes: boolean
  readonly need: WebSeedNeed
  readonly claims: WebSeedClaims
  readonly random: Random
  readonly turn: WebSeedTurn
  readonly downloader: BlockTaker
  readonly supply: UnknownPieces
  /** So many bytes of what comes are taken at once, for a limit must have its say before the next. */
  readonly readBytes: number
  /** Bytes came from the network: rate limits. */
  onReceived(bytes: number): void
  /** It failed; `isOut` when it is not asked again. */
  onFailure(failure: WebSeedFailure, isOut: boolean): void
}

/** A web seed as a source of blocks: gathers requests for blocks into ranges, and answers for how it serves them. */
export class WebSeedSource extends BlockSource {
  readonly webSeed: WebSeed
  readonly namedBy: NamedBy
  readonly standing: WebSeedStanding
  override readonly peerId: Uint8Array = NO_ID
  override readonly isUploadOnly = true
  override readonly isWebSeed = true
  override readonly queueLimit: number = LIMITS.outstandingRequests - 1
  readonly #parts: WebSeedSourceParts
  readonly #course: WebSeedCourse
  readonly #ranges: RangeRequests
  readonly #isSmall: boolean
  /**
   * The piece begun last: the next one after it is best, because it lengthens the range, and after the last one the first. It begins at
   * random: hosts that do not know of each other yet should not all fetch the same. But what one request can ask for is asked for whole,
   * which even a server without ranges understands.
   */
  #lastPiece: number
  #wasShared = false
  #timer: Timer | undefined
  #stoppedMs: number | undefined
  #isHandedOver = false

  constructor(parts: WebSeedSourceParts) {
    super(parts.number, parts.clock)
    this.#parts = parts
    this.webSeed = parts.webSeed
    this.namedBy = parts.namedBy
    this.standing = new WebSeedStanding(parts.random)
    this.#ranges = new RangeRequests(parts.clock, parts.webSeed, parts.readBytes, {
      onBlock: (block, bytes) => this.#onBlock(block, bytes),
      onReceived: (bytes) => this.#onReceived(bytes),
      onEnd: (failure, lost) => this.#onEnd(failure, lost),
    })
    const { supply } = parts
    const isUnknown = (piece: number): boolean => supply.isUnknown(piece) && this.pieces?.has(piece) === true
    this.#course = new WebSeedCourse({ anyUnknown: () => supply.anyUnknown(), isUnknown }, parts.claims, parts.random)
    const { layout, random } = parts
    this.#isSmall = layout.pieceCount * layout.usualPieceBytes <= LEAST_AHEAD_ALONE_BYTES
    this.#lastPiece = this.#isSmall ? layout.pieceCount - 1 : random.below(layout.pieceCount)
    this.pieces = new Bitfield(parts.layout.pieceCount)
    this.pieces.fill()
    this.amInterested = true
  }

  /** Begins to serve once its time has come. */
  start(): void {
    this.#look()
  }

  /** True while ranges are on their way. */
  get isActive(): boolean {
    return this.#ranges.isActive
  }

  override isWorthAsking(piece: number): boolean {
    return this.#parts.turn.isOurs && this.#parts.need.has(piece)
  }

  /** Somebody brought `piece`, which was missing here and at all connected peers. */
  onHeard(piece: number): void {
    this.#course.onHeard(piece)
  }

  /** When our turn is over, the piece that is half here still comes: nobody else would know of the half. */
  override get mayBegin(): boolean {
    return this.#parts.turn.isOurs && (!this.#isOnCourse || this.#course.next(this.#parts.clock.nowMs()) >= 0)
  }

  override get mostAvailability(): number {
    return this.#parts.need.mostAvailability
  }

  override get nextPiece(): number {
    if (this.#isOnCourse) return this.#course.next(this.#parts.clock.nowMs())
    return (this.#lastPiece + 1) % this.#parts.layout.pieceCount
  }

  override onBegin(piece: number): void {
    this.#lastPiece = piece
    this.#course.onBegin(piece, this.#parts.clock.nowMs())
  }

  /** A read from the network brings eight blocks or more: once after all of them is enough. */
  override get asksLater(): boolean {
    return true
  }

  override windowBytes(): number {
    const bytesPerSecond = this.downMeter.bytesPerSecond()
    if (this.#parts.need.isShared) return Math.max(LEAST_AHEAD_BYTES, bytesPerSecond * AHEAD_SECONDS)
    return Math.max(LEAST_AHEAD_ALONE_BYTES, bytesPerSecond * AHEAD_ALONE_SECONDS)
  }

  override get isAskedAtOnce(): boolean {
    return this.#isSmall && !this.#parts.need.isShared
  }

  override request(piece: number, begin: number, length: number): void {
    this.#ranges.add({ piece, begin, length, offset: piece * this.#parts.layout.pieceLengthBytes + begin })
  }

  override cancel(piece: number, begin: number, _length: number): void {
    this.#oweLess(this.#ranges.cancel(piece, begin))
  }

  override endOfRequests(): void {
    this.#ranges.send()
  }

  override pauseReading(): void {
    this.#ranges.pause()
  }

  override resumeReading(): void {
    this.#ranges.resume()
  }

  /** Called once a second. */
  onTick(): void {
    this.exhaustedAt = -1
    this.#giveWay()
    this.#look()
  }

  /** It sent what is not the content: it is never asked again. */
  exclude(reason: string): void {
    this.standing.exclude(reason)
    this.#release()
    this.#look()
  }

  /** No more is asked of it; with `isPatient` what is on its way still comes. */
  retire(isPatient: boolean): void {
    this.#stoppedMs = this.#parts.clock.nowMs()
    this.isChoking = true
    this.#timer?.cancel()
    if (!isPatient) this.#release()
    else this.#refuseQueued()
  }

  /** What is on its way from one that was replaced has been paid for, as long as it comes. */
  override isFinishing(nowMs: number): boolean {
    return this.#stoppedMs !== undefined && this.silentMs(nowMs) < FINISHING_SILENCE_MS
  }

  /** True for one that is not asked any more and had the time to give what it owes. */
  isOverdue(nowMs: number): boolean {
    return this.#stoppedMs !== undefined && nowMs - this.#stoppedMs >= LEAVING_MS
  }

  /** What it owes is asked of others: all but the blocks that are just arriving, and when that was said before, these too. */
  handOver(): void {
    if (this.#isHandedOver) {
      this.#release()
      return
    }
    this.#isHandedOver = true
    const blocks = this.#ranges.takeUnbegun()
    this.#reject(blocks)
    // What comes of them all the same is taken if it is the first.
    if (this.isActive) this.owedBlocks += blocks.length
  }

  /** Decides whether it may be asked at this moment, and when to look again. */
  #look(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    const nowMs = this.#parts.clock.nowMs()
    const untilMs = this.standing.retryMs
    this.isChoking = this.#stoppedMs !== undefined || this.standing.isOut || nowMs < untilMs
    if (!this.isChoking) this.#parts.downloader.fill(this)
    else if (this.#stoppedMs === undefined && !this.standing.isOut)
      this.#timer = this.#parts.clock.after(untilMs - nowMs, () => this.#look())
  }

  /** Other hosts turned up while much is asked for ahead: they may have some of it. What is on its way ends, and less is asked for from now on. */
  #giveWay(): void {
    const { isShared } = this.#parts.need
    const bytesAhead = this.requests.size * this.#parts.layout.blockLengthBytes
    if (isShared && !this.#wasShared && bytesAhead > AHEAD_RATIO * this.windowBytes()) this.#release()
    this.#wasShared = isShared
  }

  /** True while we are one of many that fetch what no peer has. */
  get #isOnCourse(): boolean {
    return this.#parts.need.isShared && this.#parts.need.mostAvailability === 0
  }

  #onBlock({ piece, begin, length }: AskedBlock, bytes: Uint8Array): void {
    const { downloader, blockMemory, carriesBytes } = this.#parts
    const offset = downloader.onBlockStart(this, piece, begin, length)
    if (offset >= 0 && carriesBytes) copyBytes(bytes, blockMemory, offset)
    downloader.onBlockEnd(this, length)
  }

  #onReceived(bytes: number): void {
    this.lastHeardMs = this.#parts.clock.nowMs()
    this.#parts.onReceived(bytes)
    this.#oweLess(this.#ranges.breakVain())
    this.#parts.downloader.fill(this)
    this.endOfRequests()
  }

  #onEnd(failure: WebSeedFailure | undefined, lost: readonly AskedBlock[]): void {
    if (failure === undefined) this.standing.onSuccess()
    else if (failure.lacks === undefined) this.#fail(failure, lost)
    else this.#onLack(failure, failure.lacks, lost)
    this.#parts.downloader.fill(this)
  }

  /** What it does not have, others may; it goes on with the rest. */
  #onLack(failure: WebSeedFailure, lacks: ContentRange, lost: readonly AskedBlock[]): void {
    const isNew = this.#forget(lacks)
    this.#reject(lost)
    this.#refuseQueued()
    // Of two ranges in one file, the second says nothing new.
    if (!isNew) return
    this.standing.onLack(failure)
    if (this.standing.isOut) this.#release()
    this.#parts.onFailure(failure, this.standing.isOut)
  }

  /** Returns false if it was not said to have any of it. */
  #forget({ begin, lengthBytes }: ContentRange): boolean {
    const { layout, downloader } = this.#parts
    const pieceBytes = layout.pieceLengthBytes
    let isNew = false
    for (let piece = Math.floor(begin / pieceBytes); piece * pieceBytes < begin + lengthBytes; piece++) {
      if (this.pieces?.delete(piece) !== true) continue
      downloader.removePiece(this, piece)
      isNew = true
    }
    return isNew
  }

  #fail(failure: WebSeedFailure, lost: readonly AskedBlock[]): void {
    this.standing.onFailure(failure, this.#parts.clock.nowMs())
    this.isChoking = true
    this.#reject(lost)
    this.#release()
    this.#look()
    this.#parts.onFailure(failure, this.standing.isOut)
  }

  /** Nothing is on its way from it any more. */
  #release(): void {
    this.isChoking = true
    this.#ranges.clear()
    this.#parts.downloader.releaseRequests(this)
    this.owedBlocks = 0
  }

  /** So many blocks that were asked for and then cancelled do not come. */
  #oweLess(blocks: number): void {
    this.owedBlocks = Math.max(0, this.owedBlocks - blocks)
  }

  /** What waits to be asked for is asked of others. */
  #refuseQueued(): void {
    for (let run = this.#ranges.takeWaiting(); run.length > 0; run = this.#ranges.takeWaiting()) this.#reject(run)
  }

  #reject(blocks: readonly AskedBlock[]): void {
    for (const { piece, begin } of blocks) this.#parts.downloader.onReject(this, piece, begin)
  }
}
