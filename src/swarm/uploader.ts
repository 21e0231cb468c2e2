import type { Bitfield } from '../base/bitfield.ts'
import type { Clock, Timer } from '../base/clock.ts'
import type { DistroError } from '../base/errors.ts'
import type { RateLimit } from '../base/rate-limit.ts'
import { BLOCK_BYTES } from '../base/units.ts'
import { BlockBatch } from '../wire/block-batch.ts'
import { LIMITS } from './limits.ts'
import type { Peer } from './peer.ts'
import type { PieceLayout } from './piece-layout.ts'
import type { PieceStore } from './piece-store.ts'

/** What the uploader works with. */
export interface UploadParts {
  readonly clock: Clock
  readonly layout: PieceLayout
  readonly store: PieceStore
  readonly have: Bitfield
  readonly limit: RateLimit
  /** The store cannot read a piece that it had. */
  onUnreadable(piece: number, error: DistroError): void
}

/** What is on its way to a peer is what it takes in this time. */
const UNDER_WAY_SECONDS = 0.2
/** A batch for a peer whose rate is small or not known yet. */
const SMALLEST_BATCH_BYTES = 2 * BLOCK_BYTES

/**
 * Answers requests. Up to sixteen of one peer's requests become a batch: the store reads the blocks straight into the outgoing
 * frame and the frame leaves in one write. Peers take turns batch by batch, and nothing is read for a peer whose socket is full.
 */
export class Uploader {
  readonly #parts: UploadParts
  readonly #free: BlockBatch[] = []
  #batches = 0
  /** Peers with requests that wait, in the order in which it is their turn. */
  readonly #waiting = new Set<Peer>()
  /** Set while we wait for our turn at the limit. */
  #turn: Timer | undefined
  #isPumpPlanned = false
  #isStopped = false
  /** Batches that the network has not taken yet. */
  #underWay = 0
  /** Set once nothing more is taken on: called when everything has left. */
  #onFinished: (() => void) | undefined

  constructor(parts: UploadParts) {
    this.#parts = parts
  }

  /** Takes a request, or turns it down; false if the peer breaks the rules. */
  onRequest(peer: Peer, piece: number, begin: number, length: number): boolean {
    const { layout, have } = this.#parts
    const isInRange = piece < layout.pieceCount && begin + length <= layout.servedBytes(piece) && length <= layout.blockLengthBytes
    if (!isInRange || !have.has(piece) || (peer.amChoking && !peer.grantedFast.includes(piece)) || this.#onFinished !== undefined) {
      // A request that crossed our choke on its way is nobody's fault; with the fast extension it is answered (BEP 6).
      if (peer.link.peer.supportsFast) peer.link.reject(piece, begin, length)
      return isInRange || ++peer.badRequests <= LIMITS.badRequests
    }
    if (!peer.uploads.push(piece, begin, length)) {
      if (peer.link.peer.supportsFast) peer.link.reject(piece, begin, length)
      return true
    }
    this.#waiting.add(peer)
    if (peer.batchesUnderWay === 0) this.#pumpSoon()
    return true
  }

  onCancel(peer: Peer, piece: number, begin: number, length: number): void {
    if (peer.uploads.cancel(piece, begin, length) && peer.link.peer.supportsFast) peer.link.reject(piece, begin, length)
  }

  /** Forgets what a peer asked for, because it was choked or left; it is told so if it knows the fast extension. */
  drop(peer: Peer): void {
    this.#waiting.delete(peer)
    peer.uploads.drain((piece, begin, length) => {
      if (peer.link.peer.supportsFast) peer.link.reject(piece, begin, length)
      return true
    })
    this.#lookWhetherFinished()
  }

  /** Serves those who were passed over because their socket was full; called once a second. */
  onTick(): void {
    if (this.#waiting.size > 0) this.#pump()
  }

  /** Resolves once everything that was asked for has left, or never after `stop`; what is asked for from now on is turned down. */
  finish(): Promise<void> {
    return new Promise((resolve) => {
      this.#onFinished = resolve
      this.#lookWhetherFinished()
    })
  }

  stop(): void {
    this.#isStopped = true
    this.#turn?.cancel()
    this.#waiting.clear()
  }

  /** Requests come many to a packet: the pump starts after the last one of them has been parsed, so that batches are full. */
  #pumpSoon(): void {
    if (this.#isPumpPlanned) return
    this.#isPumpPlanned = true
    this.#parts.clock.soon(() => {
      this.#isPumpPlanned = false
      this.#pump()
    })
  }

  #pump(): void {
    for (const peer of this.#waiting) {
      if (this.#isStopped || this.#isHeldBack()) return
      if (this.#isBusy(peer)) continue
      const batch = this.#takeBatch(peer)
      if (batch === undefined) continue
      // A peer that has more goes to the end of the line; adding during the walk brings it round again.
      this.#waiting.delete(peer)
      this.#collect(peer, batch)
      if (peer.uploads.size > 0) this.#waiting.add(peer)
      if (batch.count === 0) this.#giveBack(batch)
      else this.#send(peer, batch)
    }
  }

  /**
   * What was handed to a socket cannot be taken back, and everything said later - haves, requests, rejects - stands behind it. So a
   * peer gets only as much at a time as it takes in a fifth of a second.
   */
  #isBusy(peer: Peer): boolean {
    if (peer.batchesUnderWay === 0) return peer.link.queuedBytes > LIMITS.socketQueueBytes
    if (peer.batchesUnderWay >= LIMITS.batchesPerPeer) return true
    return peer.bytesUnderWay > peer.upMeter.bytesPerSecond() * UNDER_WAY_SECONDS
  }

  #isHeldBack(): boolean {
    const { limit } = this.#parts
    if (limit.isFree) return false
    this.#turn ??= limit.whenFree(() => {
      this.#turn = undefined
      this.#pump()
    })
    return true
  }

  /** One batch is always to be had for a peer that has none: those that peers hold who do not read must not starve it. */
  #takeBatch(peer: Peer): BlockBatch | undefined {
    const batch = this.#free.pop()
    if (batch !== undefined) return batch
    if (this.#batches >= LIMITS.batches && peer.batchesUnderWay > 0) return undefined
    this.#batches++
    return new BlockBatch(this.#parts.store.carriesBytes !== false)
  }

  #giveBack(batch: BlockBatch): void {
    if (this.#batches > LIMITS.batches) {
      this.#batches--
      return
    }
    batch.clear()
    this.#free.push(batch)
  }

  #collect(peer: Peer, batch: BlockBatch): void {
    const affordable = Math.min(this.#parts.limit.burstBytes, peer.upMeter.bytesPerSecond() * UNDER_WAY_SECONDS)
    const mostBytes = Math.max(SMALLEST_BATCH_BYTES, affordable)
    peer.uploads.drain((piece, begin, length) => {
      if (batch.isFull || (batch.count > 0 && batch.payloadBytes + length > mostBytes)) return false
      batch.add(piece, begin, length)
      return true
    })
    this.#parts.limit.take(batch.frameBytes)
  }

  /** Reads runs of adjoining blocks with one call each, then sends the whole batch. */
  #send(peer: Peer, batch: BlockBatch): void {
    this.#underWay++
    peer.batchesUnderWay++
    peer.bytesUnderWay += batch.payloadBytes
    let runs = 1
    let failure: DistroError | undefined
    const onRead = (piece: number, error: DistroError | undefined): void => {
      if (error !== undefined) {
        failure = error
        this.#parts.onUnreadable(piece, error)
      }
      if (--runs > 0) return
      if (failure === undefined) this.#write(peer, batch)
      else this.#turnDown(peer, batch)
    }
    for (let first = 0; first < batch.count; ) {
      const piece = batch.pieces[first] as number
      let end = first + 1
      while (end < batch.count && batch.pieces[end] === piece && batch.begins[end] === this.#endOf(batch, end - 1)) end++
      runs++
      this.#parts.store.read(piece, batch.begins[first] as number, batch.bodies.slice(first, end), (error) => onRead(piece, error))
      first = end
    }
    onRead(0, undefined)
  }

  #endOf(batch: BlockBatch, index: number): number {
    return (batch.begins[index] as number) + (batch.lengths[index] as number)
  }

  #write(peer: Peer, batch: BlockBatch): void {
    const bytes = batch.payloadBytes
    peer.link.sendBlocks(batch, () => {
      this.#done(peer, batch)
    })
    peer.upMeter.add(bytes)
    peer.turnBytes += bytes
  }

  #turnDown(peer: Peer, batch: BlockBatch): void {
    for (let index = 0; index < batch.count; index++) {
      if (!peer.link.peer.supportsFast) break
      peer.link.reject(batch.pieces[index] as number, batch.begins[index] as number, batch.lengths[index] as number)
    }
    this.#done(peer, batch)
  }

  #done(peer: Peer, batch: BlockBatch): void {
    this.#underWay--
    peer.batchesUnderWay--
    peer.bytesUnderWay -= batch.payloadBytes
    this.#giveBack(batch)
    if (this.#waiting.size > 0) this.#pump()
    this.#lookWhetherFinished()
  }

  #lookWhetherFinished(): void {
    if (this.#underWay === 0 && this.#waiting.size === 0) this.#onFinished?.()
  }
}
