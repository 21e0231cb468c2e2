import type { PeerAddress, PeerOrigin } from '../base/address.ts'
import type { Bitfield } from '../base/bitfield.ts'
import { toHex } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import { RateMeter } from '../base/rate.ts'
import type { ExtensionHandshake } from '../wire/extension-messages.ts'
import type { PeerLink } from '../wire/link.ts'
import type { ActivePiece } from './active-pieces.ts'
import type { EarlyPieces } from './early-pieces.ts'
import { LIMITS } from './limits.ts'
import { RequestRing } from './request-ring.ts'
import { RequestWindow } from './request-window.ts'
import { ServiceRate } from './service-rate.ts'
import { Silence } from './silence.ts'
import { UploadQueue } from './upload-queue.ts'
import { NO_ZONE, type PeerZone } from './zone.ts'

/** Time enough to ask for something, or to have something to give. */
const IDLE_MS = 5_000
/** Whoever exchanged more than this with us of late is not idle, even if there is nothing to exchange right now. */
const IDLE_BYTES_PER_SECOND = 8_192

/** One connected peer: what it has, wants and owes. State only; the parts of the swarm decide. */
export class Peer {
  /** Counts up from 1 in a swarm; names the sender of each block. */
  readonly number: number
  readonly link: PeerLink
  readonly origin: PeerOrigin
  readonly connectedMs: number

  /** What the peer has; undefined until the info dictionary is known. */
  pieces: Bitfield | undefined
  /** What it said that it has before the info dictionary was known. */
  earlyPieces: EarlyPieces | undefined
  /** Its pieces are counted in the picker one by one (false for a peer that came with everything). */
  isCounted = false
  /** Wanted pieces that it has and we have not. */
  interestingPieces = 0
  extension: ExtensionHandshake | undefined
  /** Settled by the first handshake that tells it. */
  zone: PeerZone = NO_ZONE

  amChoking = true
  amInterested = false
  isChoking = true
  isInterested = false
  isSnubbing = false
  /** It was reported as complete. */
  wasSeed = false
  isClosed = false

  /** Pieces that we may ask for while choked (BEP 6), each once; few, and a short list takes a tenth of the memory of a set. */
  readonly allowedFast: number[] = []
  /** Pieces that it may ask for while choked (BEP 6). */
  readonly grantedFast: number[] = []

  /** Pieces that it advised us to take from it next, the oldest first (BEP 6). */
  readonly suggestions: number[] = []

  readonly requests: RequestRing = new RequestRing(LIMITS.outstandingRequests)
  readonly window: RequestWindow = new RequestWindow()
  readonly serviceRate: ServiceRate = new ServiceRate()
  readonly silence: Silence = new Silence()
  /** The piece that it gathers. */
  driving: ActivePiece | undefined
  /** The block that is just arriving from it. */
  arriving: ActivePiece | undefined
  arrivingBlock = 0
  arrivingSinceMs = 0
  /** Blocks asked for and then cancelled or given up, which may still come. */
  owedBlocks = 0
  nextStealMs = 0
  /** The picker's version at which it had nothing more to offer. */
  exhaustedAt = -1
  readonly uploads: UploadQueue = new UploadQueue(LIMITS.queuedRequests)
  batchesUnderWay = 0
  /** Block bytes in those batches. */
  bytesUnderWay = 0
  /** Bytes sent to it since it was last unchoked. */
  turnBytes = 0

  readonly downMeter: RateMeter
  readonly upMeter: RateMeter
  lastHeardMs: number
  lastUsefulMs: number
  lastSentMs: number
  /** When nothing was waiting in its socket last, as far as was looked. */
  lastTakenMs: number
  unchokedMs = 0
  unrequestedBlocks = 0
  badRequests = 0

  constructor(number: number, link: PeerLink, origin: PeerOrigin, clock: Clock) {
    this.number = number
    this.link = link
    this.origin = origin
    this.connectedMs = clock.nowMs()
    this.lastHeardMs = this.connectedMs
    this.lastUsefulMs = this.connectedMs
    this.lastSentMs = this.connectedMs
    this.lastTakenMs = this.connectedMs
    this.downMeter = new RateMeter(clock)
    this.upMeter = new RateMeter(clock)
  }

  /** How long it has given nothing of what it was asked for, the time in which we did not read aside. */
  silentMs(nowMs: number): number {
    return Math.min(this.silence.ms(nowMs), nowMs - this.lastUsefulMs)
  }

  /** Hexadecimal peer id, which is what makes two connections the same peer. */
  get id(): string {
    return toHex(this.link.peer.peerId)
  }

  /** True once it has every piece. */
  get isSeed(): boolean {
    return this.pieces?.isComplete ?? false
  }

  /** True if it wants nothing from us, now or later. */
  get isUploadOnly(): boolean {
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

  /** True if it has `piece` and lets us ask for it now. */
  canGive(piece: number): boolean {
    return this.pieces?.has(piece) === true && (!this.isChoking || this.allowedFast.includes(piece))
  }

  /** Where others can reach it: its own address if we dialled it, else the port that it named; undefined if it named none. */
  get listenAddress(): PeerAddress | undefined {
    if (this.link.direction === 'outgoing') return this.link.address
    const port = this.extension?.listenPort
    return port === undefined ? undefined : { host: this.link.address.host, port }
  }

  /** Requests that it queues at most. */
  get queueLimit(): number {
    return Math.min(this.extension?.requestQueueLimit ?? LIMITS.assumedRequestQueue, LIMITS.outstandingRequests - 1)
  }
}
