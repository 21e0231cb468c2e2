import type { PeerAddress, PeerOrigin } from '../base/address.ts'
import { toHex } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import { RateMeter } from '../base/rate.ts'
import type { ExtensionHandshake, PartQuestion, PartSums } from '../wire/extension-messages.ts'
import type { PeerLink } from '../wire/link.ts'
import { BlockSource } from './block-source.ts'
import type { EarlyPieces } from './early-pieces.ts'
import { LIMITS } from './limits.ts'
import { UploadQueue } from './upload-queue.ts'

/** Time enough to ask for something, or to have something to give. */
const IDLE_MS = 5_000
/** Whoever exchanged more than this with us of late is not idle, even if there is nothing to exchange right now. */
const IDLE_BYTES_PER_SECOND = 8_192

/** One connected peer: what it has, wants and owes. State only; the parts of the swarm decide. */
export class Peer extends BlockSource {
  readonly link: PeerLink
  readonly origin: PeerOrigin

  /** What it said that it has before the info dictionary was known. */
  earlyPieces: EarlyPieces | undefined
  extension: ExtensionHandshake | undefined

  amChoking = true
  isInterested = false
  /** It was reported as complete. */
  wasSeed = false

  /** Pieces that it may ask for while choked (BEP 6). */
  readonly grantedFast: number[] = []
  readonly uploads: UploadQueue = new UploadQueue(LIMITS.queuedRequests)
  batchesUnderWay = 0
  /** Block bytes in those batches. */
  bytesUnderWay = 0
  /** Bytes sent to it since it was last unchoked. */
  turnBytes = 0

  readonly upMeter: RateMeter
  lastSentMs: number
  /** When nothing was waiting in its socket last, as far as was looked. */
  lastTakenMs: number
  unchokedMs = 0
  badRequests = 0

  constructor(number: number, link: PeerLink, origin: PeerOrigin, clock: Clock) {
    super(number, clock)
    this.link = link
    this.origin = origin
    this.lastSentMs = this.connectedMs
    this.lastTakenMs = this.connectedMs
    this.upMeter = new RateMeter(clock)
  }

  override request(piece: number, begin: number, length: number): void {
    this.link.request(piece, begin, length)
  }

  override cancel(piece: number, begin: number, length: number): void {
    this.link.cancel(piece, begin, length)
  }

  override get tellsParts(): boolean {
    return this.extension?.extensions.parts !== undefined && !this.isClosed
  }

  override askForParts(question: PartQuestion): void {
    const id = this.extension?.extensions.parts
    if (id !== undefined) this.link.partQuestion(id, question)
  }

  /** Answers what it asked about parts of blocks, if it takes answers. */
  tellParts(answer: PartSums): void {
    const id = this.extension?.extensions.partSums
    if (id !== undefined) this.link.partSums(id, answer)
  }

  override endOfRequests(): void {
    // The link sends what was gathered at the end of the turn.
  }

  /** It has been silent for too long. */
  onLate(): void {
    this.isSnubbing = true
    this.window.shrink()
  }

  override pauseReading(): void {
    this.link.pauseReading()
  }

  override resumeReading(): void {
    this.link.resumeReading()
  }

  override get peerId(): Uint8Array {
    return this.link.peer.peerId
  }

  override windowBytes(): number {
    return this.window.bytes(this.pace)
  }

  /** Hexadecimal peer id, which is what makes two connections the same peer. */
  get id(): string {
    return toHex(this.peerId)
  }

  /** True once it has every piece. */
  get isSeed(): boolean {
    return this.pieces?.isComplete ?? false
  }

  /** True if it wants nothing from us, now or later. */
  override get isUploadOnly(): boolean {
    return this.isSeed || this.extension?.isUploadOnly === true
  }

  /** True while it gathers a piece for us, or may ask for some and does. */
  get isAtWork(): boolean {
    return this.driving !== undefined || (this.isInterested && !this.amChoking)
  }

  /** True if it had time to ask for something, or to have something to give, and did neither. */
  isIdle(nowMs: number): boolean {
    if (this.isInterested || this.amInterested || nowMs - this.connectedMs <= IDLE_MS) return false
    // Where pieces come slowly, everybody has nothing to ask for between two of them.
    return this.downMeter.bytesPerSecond() + this.upMeter.bytesPerSecond() < IDLE_BYTES_PER_SECOND
  }

  /** True if it had time to be of use and is not: it is idle, or does not let us have what it has. */
  isUseless(nowMs: number): boolean {
    if (!this.amInterested) return this.isIdle(nowMs)
    return (this.isChoking || this.isSnubbing) && nowMs - this.connectedMs > IDLE_MS
  }

  /** True if it had time to give us something, and gives us less than is worth having. */
  isSlow(nowMs: number): boolean {
    return nowMs - this.connectedMs > IDLE_MS && this.downMeter.bytesPerSecond() < LIMITS.slotBytesPerSecond
  }

  /** Where others can reach it: its own address if we dialled it, else the port that it named; undefined if it named none. */
  get listenAddress(): PeerAddress | undefined {
    if (this.link.direction === 'outgoing') return this.link.address
    const port = this.extension?.listenPort
    return port === undefined ? undefined : { host: this.link.address.host, port }
  }

  /** The zone that it told, or that its address has where zones are subnets; undefined where neither is. */
  get zoneName(): string | undefined {
    return this.extension?.zone ?? (this.zone.relation === 'unknown' ? undefined : this.zone.name)
  }

  /** Requests that it queues at most. */
  override get queueLimit(): number {
    return Math.min(this.extension?.requestQueueLimit ?? LIMITS.assumedRequestQueue, LIMITS.outstandingRequests - 1)
  }

  /** Tells the peer when it comes to have, or has no more, what we want. */
  updateInterest(): void {
    const isInteresting = this.interestingPieces > 0
    if (isInteresting === this.amInterested) return
    this.amInterested = isInteresting
    if (isInteresting) this.link.interested()
    else this.link.notInterested()
  }
}
