import type { Bitfield } from '../base/bitfield.ts'
import type { Clock } from '../base/clock.ts'
import { RateMeter } from '../base/rate.ts'
import type { PartQuestion } from '../wire/extension-messages.ts'
import type { ActivePiece } from './active-pieces.ts'
import { LIMITS } from './limits.ts'
import { RequestRing } from './request-ring.ts'
import { RequestWindow } from './request-window.ts'
import { ServiceRate } from './service-rate.ts'
import { Silence } from './silence.ts'
import { NO_ZONE, type PeerZone } from './zone.ts'

/** Where blocks come from, a connected peer or a web seed: what it has, what it was asked for, and how it delivers. */
export abstract class BlockSource {
  /** Counts up from 1 in a swarm; names the sender of each block. */
  readonly number: number
  readonly connectedMs: number
  /** 20 bytes. */
  abstract readonly peerId: Uint8Array

  /** No peer. */
  readonly isWebSeed: boolean = false
  /** What it has; undefined until the info dictionary is known. */
  pieces: Bitfield | undefined
  /** Its pieces are counted in the picker one by one (false for one that came with everything). */
  isCounted = false
  /** Wanted pieces that it has and we have not. */
  interestingPieces = 0
  /** Settled by the first handshake that tells it. */
  zone: PeerZone = NO_ZONE

  amInterested = false
  /** It lets us have nothing for now. */
  isChoking = true
  isSnubbing = false
  isClosed = false

  /** Pieces that we may ask for while choked (BEP 6), each once; few, and a short list takes a tenth of the memory of a set. */
  readonly allowedFast: number[] = []
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

  readonly downMeter: RateMeter
  lastHeardMs: number
  lastUsefulMs: number
  unrequestedBlocks = 0

  /** Bytes of blocks that it was not asked for, because this host had them; made for the first one. */
  #sparedMeter: RateMeter | undefined
  readonly #clock: Clock

  constructor(number: number, clock: Clock) {
    this.#clock = clock
    this.number = number
    this.connectedMs = clock.nowMs()
    this.lastHeardMs = this.connectedMs
    this.lastUsefulMs = this.connectedMs
    this.downMeter = new RateMeter(clock)
  }

  /** Asks for a block. */
  abstract request(piece: number, begin: number, length: number): void
  /** Says that a block that was asked for is not needed any more; it may come all the same. */
  abstract cancel(piece: number, begin: number, length: number): void
  /** No more is asked for at this moment. */
  abstract endOfRequests(): void
  /** Leaves what it sends unread, which slows it down. */
  abstract pauseReading(): void
  abstract resumeReading(): void

  /** Bytes to have asked of it ahead; less than a block stands for one block. */
  abstract windowBytes(): number
  /** Requests that it queues at most. */
  abstract readonly queueLimit: number
  /** True if it wants nothing from us, now or later. */
  abstract readonly isUploadOnly: boolean

  /** True for one that can be asked for the sums of parts of blocks. */
  get tellsParts(): boolean {
    return false
  }

  /** Asks for them. */
  askForParts(_question: PartQuestion): void {
    // Nobody does where it does not tell them.
  }

  /** True for one that is asked for all at once, whatever a limit says: it may understand nothing else. */
  get isAskedAtOnce(): boolean {
    return false
  }

  /** True for one that sees by itself to what is asked of it next, once it has handed over all blocks that came together. */
  get asksLater(): boolean {
    return false
  }

  /** True for one that is asked for no more and is giving what it owes: what it was asked for is not asked of others. */
  isFinishing(_nowMs: number): boolean {
    return false
  }

  /** False while it should be asked for no piece but the one that it gathers. */
  get mayBegin(): boolean {
    return true
  }

  /** It is asked for pieces that so many counted peers have at most. */
  get mostAvailability(): number {
    return Number.POSITIVE_INFINITY
  }

  /** False if `piece` had better come from somebody else, though it has it. */
  isWorthAsking(_piece: number): boolean {
    return true
  }

  /** The piece that it would give best after the one before; -1 if they are all the same. */
  get nextPiece(): number {
    return -1
  }

  /** It gathers `piece` from now on. */
  onBegin(_piece: number): void {
    // Most sources do not care in which order their pieces are begun.
  }

  /**
   * It answers a request from `sentMs` for `bytes` of a block of `wholeBytes`. How much it is asked for at a time goes by whole blocks: by the
   * bytes alone it would be few small requests a round trip, and the line would be idle.
   */
  noteAnswer(bytes: number, wholeBytes: number, sentMs: number, nowMs: number): void {
    this.window.onBlock(wholeBytes, nowMs - sentMs)
    this.serviceRate.onBlock(wholeBytes, sentMs, nowMs)
    this.isSnubbing = false
    if (bytes === wholeBytes) return
    this.#sparedMeter ??= new RateMeter(this.#clock)
    this.#sparedMeter.add(wholeBytes - bytes)
  }

  /** Its rate by whole blocks, in bytes a second. */
  get pace(): number {
    return this.downMeter.bytesPerSecond() + (this.#sparedMeter?.bytesPerSecond() ?? 0)
  }

  /** How long it has given nothing of what it was asked for, the time in which we did not read aside. */
  silentMs(nowMs: number): number {
    return Math.min(this.silence.ms(nowMs), nowMs - this.lastUsefulMs)
  }

  /** True if it has `piece` and lets us ask for it now. */
  canGive(piece: number): boolean {
    return this.pieces?.has(piece) === true && (!this.isChoking || this.allowedFast.includes(piece))
  }
}
