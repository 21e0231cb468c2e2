import type { PeerAddress } from '../../../src/base/address.ts'
import type { Clock } from '../../../src/base/clock.ts'
import type { BlockBatch } from '../../../src/wire/block-batch.ts'
import type {
  CopyMessage,
  ExtensionHandshake,
  MetadataMessage,
  PartQuestion,
  PartSums,
  PeerExchangeMessage,
} from '../../../src/wire/extension-messages.ts'
import type { HashMessage } from '../../../src/wire/hash-message.ts'
import type { LinkHandler, PeerHandshake, PeerLink } from '../../../src/wire/link.ts'
import { LinkTrace } from './link-trace.ts'
import { type Lines, MemoryWay } from './memory-way.ts'

/** One end of a link as its maker describes it. */
export interface LinkEnd extends Lines {
  /** Where this end is, as the other end sees it. */
  readonly address: PeerAddress
  readonly handshake: PeerHandshake
}

/** A message on its way. A block has a `start` too, which comes when its first byte does. */
interface Parcel {
  readonly bytes: number
  start?(to: MemoryLink): void
  deliver(to: MemoryLink): void
  taken?(): void
}

/**
 * One end of a connection that exists in memory only. Messages take the time of the sender's line and of the way; they arrive in
 * order; a batch of blocks counts as taken by the network once the other end has read it, which is the strictest flow control.
 */
export class MemoryLink implements PeerLink {
  readonly address: PeerAddress
  readonly direction: 'incoming' | 'outgoing'
  readonly peer: PeerHandshake
  /** What went over the wire, as seen from this end. */
  readonly trace: LinkTrace = new LinkTrace()
  /** To the other end. */
  readonly #way: MemoryWay
  #far: MemoryLink | undefined
  #handler: LinkHandler | undefined
  #blockMemory: Uint8Array = new Uint8Array(0)
  #isPaused = false
  #isReading = false
  #isClosed = false
  /** Messages that arrived and were not read yet. */
  readonly #inbox: (() => void)[] = []
  /** Sent and not read by the other end yet. */
  readonly #unread = new Set<Parcel>()
  #queuedBytes = 0
  #destination = -1

  /** Two ends that face each other: the one that dialled and the one that was dialled. */
  static pair(clock: Clock, latencyMs: number, dialler: LinkEnd, dialled: LinkEnd): [MemoryLink, MemoryLink] {
    const near = new MemoryLink(clock, latencyMs, dialler, dialled, 'outgoing')
    const far = new MemoryLink(clock, latencyMs, dialled, dialler, 'incoming')
    near.#far = far
    far.#far = near
    return [near, far]
  }

  private constructor(clock: Clock, latencyMs: number, own: LinkEnd, other: LinkEnd, direction: 'incoming' | 'outgoing') {
    this.#way = new MemoryWay(clock, latencyMs, own, (message) => {
      if (this.#far !== undefined) this.#far.#take(message)
    })
    this.address = other.address
    this.peer = other.handshake
    this.direction = direction
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  get queuedBytes(): number {
    return this.#queuedBytes
  }

  attach(handler: LinkHandler): void {
    this.#handler = handler
    queueMicrotask(() => this.#read())
  }

  choke(): void {
    this.#send(
      5,
      (handler) => handler.onChoke(),
      (far) => {
        if (!far.peer.supportsFast) far.trace.forget()
      },
    )
  }

  unchoke(): void {
    this.#send(5, (handler) => handler.onUnchoke())
  }

  interested(): void {
    this.trace.isInterested = true
    this.#send(5, (handler) => handler.onInterested())
  }

  notInterested(): void {
    this.trace.isInterested = false
    this.#send(5, (handler) => handler.onNotInterested())
  }

  have(piece: number): void {
    this.trace.haves.push(piece)
    this.#send(9, (handler) => handler.onHave(piece))
  }

  bitfield(bytes: Uint8Array): void {
    const copy = bytes.slice()
    this.#send(5 + copy.length, (handler) => handler.onBitfield(copy))
  }

  haveAll(): void {
    this.#send(5, (handler) => handler.onHaveAll())
  }

  haveNone(): void {
    this.#send(5, (handler) => handler.onHaveNone())
  }

  request(piece: number, begin: number, length: number): void {
    if (this.#isClosed) return
    this.trace.requested(piece, begin)
    this.#send(17, (handler) => handler.onRequest(piece, begin, length))
  }

  cancel(piece: number, begin: number, length: number): void {
    this.trace.cancelled(piece, begin)
    this.#send(17, (handler) => handler.onCancel(piece, begin, length))
  }

  reject(piece: number, begin: number, length: number): void {
    this.trace.rejects++
    this.#send(
      17,
      (handler) => handler.onReject(piece, begin, length),
      (far) => far.trace.answered(piece, begin),
    )
  }

  suggest(piece: number): void {
    this.#send(9, (handler) => handler.onSuggest(piece))
  }

  allowedFast(piece: number): void {
    this.#send(9, (handler) => handler.onAllowedFast(piece))
  }

  port(port: number): void {
    this.#send(7, (handler) => handler.onPort(port))
  }

  extensionHandshake(handshake: ExtensionHandshake): void {
    this.#send(200, (handler) => handler.onExtensionHandshake(handshake))
  }

  metadata(_id: number, message: MetadataMessage): void {
    const copy = message.kind === 'data' ? { ...message, bytes: message.bytes.slice() } : message
    this.#send(50 + (copy.kind === 'data' ? copy.bytes.length : 0), (handler) => handler.onMetadata(copy))
  }

  peerExchange(_id: number, message: PeerExchangeMessage): void {
    this.#send(50 + 7 * message.added.length + 6 * message.dropped.length, (handler) => handler.onPeerExchange(message))
  }

  dontHave(_id: number, piece: number): void {
    this.#send(10, (handler) => handler.onDontHave(piece))
  }

  copy(_id: number, message: CopyMessage): void {
    this.#send(40, (handler) => handler.onCopy(message))
  }

  copyHeard(_id: number, message: CopyMessage): void {
    this.#send(40, (handler) => handler.onCopyHeard(message))
  }

  partQuestion(_id: number, message: PartQuestion): void {
    this.#send(40 + 2 * message.blocks.length, (handler) => handler.onPartQuestion(message))
  }

  partSums(_id: number, message: PartSums): void {
    this.#send(50 + 2 * message.blocks.length + (message.sums?.length ?? 0), (handler) => handler.onPartSums(message))
  }

  hashMessage(message: HashMessage): void {
    this.#send(53 + (message.kind === 'hashes' ? message.hashes.length : 0), (handler) => handler.onHashMessage(message))
  }

  keepAlive(): void {
    this.trace.keepAlives++
    this.#send(4, () => undefined)
  }

  sendBlocks(batch: BlockBatch, onSent: () => void): void {
    if (this.#isClosed) {
      queueMicrotask(onSent)
      return
    }
    for (let index = 0; index < batch.count; index++) {
      const isLast = index === batch.count - 1
      const [piece, begin, length] = [batch.pieces[index] as number, batch.begins[index] as number, batch.lengths[index] as number]
      this.sendBlock(piece, begin, length, batch.bodies[index]?.slice(), isLast ? onSent : undefined)
    }
  }

  /** One block, whatever it is: for peers that break the rules. `length` is what its header says; `bytes` may be missing. */
  sendBlock(piece: number, begin: number, length: number, bytes?: Uint8Array, onSent?: () => void): void {
    this.trace.blocksSent++
    this.trace.blockBytesSent += length
    this.#post({
      bytes: 13 + length,
      start: (to) => {
        to.trace.answered(piece, begin)
        to.#destination = to.#handler?.onBlockStart(piece, begin, length) ?? -1
      },
      deliver: (to) => {
        if (to.#destination >= 0 && bytes !== undefined) to.#blockMemory.set(bytes, to.#destination)
        to.#handler?.onBlockEnd(piece, begin, length)
      },
      ...(onSent === undefined ? {} : { taken: onSent }),
    })
  }

  /** The header of a block whose bytes never come. */
  sendBlockHeader(piece: number, begin: number, length: number): void {
    this.#send(13, (handler) => void handler.onBlockStart(piece, begin, length))
  }

  pauseReading(): void {
    this.#isPaused = true
  }

  resumeReading(): void {
    this.#isPaused = false
    queueMicrotask(() => this.#read())
  }

  setTorrent(_pieceCount: number, blockMemory: Uint8Array): void {
    this.#blockMemory = blockMemory
    this.#destination = -1
  }

  close(reason: string): void {
    if (this.#isClosed) return
    const far = this.#far
    // What was sent before still arrives, and the end after it.
    this.#way.leave(0, (_startMs, endMs) => {
      if (far !== undefined) this.#way.carry(endMs, () => far.#end('the peer closed the connection'))
    })
    this.#end(reason)
  }

  /** The network fails: both ends see it at once, and what was under way is lost. */
  cut(): void {
    const far = this.#far
    this.#end('the connection was cut')
    if (far !== undefined) far.#end('the connection was cut')
  }

  #send(bytes: number, tell: (handler: LinkHandler) => void, note?: (to: MemoryLink) => void): void {
    this.#post({
      bytes,
      deliver: (to) => {
        note?.(to)
        if (to.#handler !== undefined) tell(to.#handler)
      },
    })
  }

  #post(parcel: Parcel): void {
    const far = this.#far
    if (this.#isClosed || far === undefined) return
    this.#unread.add(parcel)
    this.#queuedBytes += parcel.bytes
    this.#way.leave(parcel.bytes, (startMs, endMs) => {
      const { start } = parcel
      if (start !== undefined) this.#way.carry(startMs, () => start(far))
      this.#way.carry(endMs, () => this.#handOver(parcel, far))
    })
  }

  #handOver(parcel: Parcel, far: MemoryLink): void {
    parcel.deliver(far)
    far.#handler?.onReceived(parcel.bytes)
    if (!this.#unread.delete(parcel)) return
    this.#queuedBytes -= parcel.bytes
    this.#handler?.onSent(parcel.bytes)
    parcel.taken?.()
  }

  #take(message: () => void): void {
    if (this.#isClosed) return
    this.#inbox.push(message)
    this.#read()
  }

  #read(): void {
    if (this.#isReading || this.#handler === undefined) return
    this.#isReading = true
    while (!this.#isPaused && !this.#isClosed) {
      const message = this.#inbox.shift()
      if (message === undefined) break
      message()
    }
    this.#isReading = false
  }

  #end(reason: string): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.trace.forget()
    this.#inbox.length = 0
    const unsettled = [...this.#unread]
    this.#unread.clear()
    for (const parcel of unsettled) parcel.taken?.()
    this.#handler?.onClose(reason)
  }
}
