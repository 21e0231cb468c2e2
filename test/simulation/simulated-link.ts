import type { PeerAddress } from '../../src/base/address.ts'
import type { BlockBatch } from '../../src/wire/block-batch.ts'
import type {
  CopyMessage,
  ExtensionHandshake,
  MetadataMessage,
  PartQuestion,
  PartSums,
  PeerExchangeMessage,
} from '../../src/wire/extension-messages.ts'
import type { HashMessage } from '../../src/wire/hash-message.ts'
import type { LinkHandler, PeerHandshake, PeerLink } from '../../src/wire/link.ts'
import type { EventQueue } from './event-queue.ts'
import type { Line } from './line.ts'
import { calls, Message, type Parcel } from './parcel.ts'
import type { ParcelPool } from './parcel-pool.ts'
import type { Traffic } from './traffic.ts'
import { Way, type WayEnds } from './way.ts'

/** An extended handshake as ours is. */
const EXTENSION_HANDSHAKE_BYTES = 170

/** One end of a connection as the network makes it. */
export interface LinkEndParts {
  readonly events: EventQueue
  readonly parcels: ParcelPool
  /** Where the other end is. */
  readonly address: PeerAddress
  readonly direction: 'incoming' | 'outgoing'
  /** What the other end said of itself. */
  readonly peer: PeerHandshake
  /** From this end to the other. */
  readonly route: readonly Line<Parcel>[]
  readonly latencyMs: number
  /** Where this end counts what it sends. */
  readonly traffic: Traffic
  /** How many real blocks each block stands for: so many times are its header and the messages about it counted. */
  readonly scale: number
  /** What every block from this end is marked with; 0 for honest ones. */
  readonly falseMark: number
  onClosed(): void
}

/** One end of a connection in the simulated network: what the swarm says goes over the lines as bytes that are counted and never exist. */
export class SimulatedLink implements PeerLink, WayEnds {
  readonly address: PeerAddress
  readonly direction: 'incoming' | 'outgoing'
  readonly peer: PeerHandshake
  readonly #parts: LinkEndParts
  readonly #way: Way
  #far: SimulatedLink | undefined
  #handler: LinkHandler | undefined
  #isClosed = false
  #isPaused = false
  /** Came before anybody listened, or while nobody read. */
  #inbox: Parcel[] | undefined
  /** The store's memory: one mark a block. */
  #marks: Uint8Array = new Uint8Array(0)
  readonly #isOver = (): boolean => this.#isClosed

  constructor(parts: LinkEndParts) {
    this.#parts = parts
    this.address = parts.address
    this.direction = parts.direction
    this.peer = parts.peer
    this.#way = new Way(parts.events, parts.parcels, parts.route, parts.latencyMs, this)
  }

  /** Joins two ends to a connection. */
  static join(one: SimulatedLink, other: SimulatedLink): void {
    one.#far = other
    other.#far = one
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  get queuedBytes(): number {
    return this.#way.queuedBytes
  }

  attach(handler: LinkHandler): void {
    this.#handler = handler
    this.#parts.events.soon(() => this.#readInbox())
  }

  choke(): void {
    this.#letter(5)?.addMessage(Message.choke)
  }

  unchoke(): void {
    this.#letter(5)?.addMessage(Message.unchoke)
  }

  interested(): void {
    this.#letter(5)?.addMessage(Message.interested)
  }

  notInterested(): void {
    this.#letter(5)?.addMessage(Message.notInterested)
  }

  have(piece: number): void {
    if (this.#isClosed) return
    this.#parts.traffic.haveBytes += 9
    this.#way.letter(9).addPieceMessage(Message.have, piece)
  }

  bitfield(bytes: Uint8Array): void {
    this.#letter(5 + bytes.length)?.addCall(calls.bitfield(bytes))
  }

  haveAll(): void {
    this.#letter(5)?.addMessage(Message.haveAll)
  }

  haveNone(): void {
    this.#letter(5)?.addMessage(Message.haveNone)
  }

  request(piece: number, begin: number, length: number): void {
    this.#blockMessage(Message.request, piece, begin, length)
  }

  cancel(piece: number, begin: number, length: number): void {
    this.#blockMessage(Message.cancel, piece, begin, length)
  }

  reject(piece: number, begin: number, length: number): void {
    this.#blockMessage(Message.reject, piece, begin, length)
  }

  allowedFast(piece: number): void {
    this.#letter(9)?.addPieceMessage(Message.allowedFast, piece)
  }

  suggest(piece: number): void {
    this.#letter(9)?.addPieceMessage(Message.suggest, piece)
  }

  port(port: number): void {
    this.#letter(7)?.addPieceMessage(Message.port, port)
  }

  extensionHandshake(handshake: ExtensionHandshake): void {
    this.#letter(EXTENSION_HANDSHAKE_BYTES)?.addCall(calls.extensionHandshake(handshake))
  }

  metadata(_id: number, message: MetadataMessage): void {
    this.#letter(50 + (message.kind === 'data' ? message.bytes.length : 0))?.addCall(calls.metadata(message))
  }

  peerExchange(_id: number, message: PeerExchangeMessage): void {
    this.#letter(50 + 7 * message.added.length + 6 * message.dropped.length)?.addCall(calls.peerExchange(message))
  }

  dontHave(_id: number, piece: number): void {
    this.#letter(10)?.addPieceMessage(Message.dontHave, piece)
  }

  copy(_id: number, message: CopyMessage): void {
    this.#letter(40)?.addCall(calls.copy(message))
  }

  copyHeard(_id: number, message: CopyMessage): void {
    this.#letter(40)?.addCall(calls.copyHeard(message))
  }

  partQuestion(_id: number, message: PartQuestion): void {
    this.#letter(40 + 2 * message.blocks.length)?.addCall(calls.partQuestion(message))
  }

  partSums(_id: number, message: PartSums): void {
    this.#letter(50 + 2 * message.blocks.length + (message.sums?.length ?? 0))?.addCall(calls.partSums(message))
  }

  hashMessage(message: HashMessage): void {
    this.#letter(53 + (message.kind === 'hashes' ? message.hashes.length : 0))?.addCall(calls.hashMessage(message))
  }

  keepAlive(): void {
    this.#letter(4)?.addMessage(Message.keepAlive)
  }

  sendBlocks(batch: BlockBatch, onSent: () => void): void {
    if (this.#isClosed) {
      this.#parts.events.soon(onSent)
      return
    }
    const parcel = this.#parts.parcels.take()
    parcel.addBlocks(batch, this.#parts.falseMark, this.#parts.scale)
    parcel.onSent = onSent
    this.#parts.traffic.payloadBytes += batch.payloadBytes
    this.#parts.traffic.blockMessageBytes += parcel.bytes - batch.payloadBytes
    this.#way.send(parcel)
  }

  pauseReading(): void {
    this.#isPaused = true
  }

  resumeReading(): void {
    this.#isPaused = false
    this.#parts.events.soon(() => this.#readInbox())
  }

  setTorrent(_pieceCount: number, blockMemory: Uint8Array): void {
    this.#marks = blockMemory
  }

  close(reason: string): void {
    if (this.#isClosed) return
    this.#way.letter(0).addMessage(Message.close)
    this.#end(reason)
  }

  /** The network fails: what was under way is lost, and this end sees it now. */
  cut(reason = 'the connection was cut'): void {
    if (this.#isClosed) return
    for (const parcel of this.#way.break()) this.#settle(parcel)
    this.#end(reason)
  }

  deliver(parcel: Parcel): void {
    const far = this.#far
    if (far !== undefined) far.#receive(parcel)
  }

  onLeft(parcel: Parcel): void {
    if (!this.#isClosed) this.#handler?.onSent(parcel.bytes)
    this.#settle(parcel)
  }

  #receive(parcel: Parcel): void {
    if (this.#isClosed) return
    if (this.#handler === undefined || this.#isPaused) {
      this.#inbox ??= []
      this.#inbox.push(parcel)
    } else this.#read(parcel, this.#handler)
  }

  #read(parcel: Parcel, handler: LinkHandler): void {
    parcel.openBlocks(handler, this.#isOver, this.#marks)
    parcel.openMessages(handler, this.#isOver, () => this.#end('the peer closed the connection'))
    if (!this.#isClosed) handler.onReceived(parcel.bytes)
    this.#parts.parcels.giveBack(parcel)
  }

  #readInbox(): void {
    while (this.#handler !== undefined && !this.#isPaused && !this.#isClosed) {
      const parcel = this.#inbox?.shift()
      if (parcel === undefined) return
      this.#read(parcel, this.#handler)
    }
  }

  #letter(bytes: number): Parcel | undefined {
    if (this.#isClosed) return undefined
    this.#parts.traffic.otherBytes += bytes
    return this.#way.letter(bytes)
  }

  #blockMessage(kind: number, piece: number, begin: number, length: number): void {
    if (this.#isClosed) return
    const bytes = 17 * this.#parts.scale
    this.#parts.traffic.blockMessageBytes += bytes
    this.#way.letter(bytes).addBlockMessage(kind, piece, begin, length)
  }

  #end(reason: string): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#inbox = undefined
    this.#parts.onClosed()
    this.#handler?.onClose(reason)
  }

  /** Never before the call that sent it has returned, as with a socket. */
  #settle(parcel: Parcel): void {
    const { onSent } = parcel
    parcel.onSent = undefined
    if (onSent !== undefined) this.#parts.events.soon(onSent)
  }
}
