import type { PeerAddress } from '../base/address.ts'
import { MiB } from '../base/units.ts'
import type { BlockBatch } from './block-batch.ts'
import { encodeCopyMessage } from './copy-message.ts'
import { MessageDecoder } from './decoder.ts'
import { MessageEncoder } from './encoder.ts'
import { encodeExtensionHandshake } from './extension-handshake.ts'
import type { CopyMessage, ExtensionHandshake, MetadataMessage, PartQuestion, PartSums, PeerExchangeMessage } from './extension-messages.ts'
import { EXTENSION_HANDSHAKE_ID } from './extension-protocol.ts'
import { encodeHashMessage, type HashMessage, idOfHashMessage } from './hash-message.ts'
import type { LinkHandler, PeerHandshake, PeerLink } from './link.ts'
import { MESSAGE_ID } from './message-ids.ts'
import { encodeMetadataMessage } from './metadata-message.ts'
import { encodePartQuestion, encodePartSums } from './part-message.ts'
import { encodePeerExchange } from './peer-exchange-message.ts'
import type { PeerSocket, PeerSocketListener } from './peer-socket.ts'

// A peer that lets this much of small messages pile up does not read; blocks are held back by the swarm long before.
const maxUnreadMessageBytes = 2 * MiB

/** A peer link over a TCP socket whose handshakes are done. */
export class SocketLink implements PeerLink, PeerSocketListener {
  readonly direction: 'incoming' | 'outgoing'
  readonly peer: PeerHandshake
  readonly #socket: PeerSocket
  readonly #encoder: MessageEncoder = new MessageEncoder()
  #handler: LinkHandler | undefined
  #decoder: MessageDecoder | undefined
  #torrent: { readonly pieceCount: number; readonly blockMemory: Uint8Array } | undefined
  #held: Buffer | undefined
  #isPaused = false
  #isFlushPlanned = false
  #messageBytesOnTheWay = 0
  #batchBytesOnTheWay = 0
  /** Of the batches on their way, oldest first. */
  readonly #unsettled: (() => void)[] = []
  #closeReason: string | undefined

  constructor(socket: PeerSocket, direction: 'incoming' | 'outgoing', peer: PeerHandshake) {
    this.#socket = socket
    this.direction = direction
    this.peer = peer
    socket.listen(this)
  }

  get address(): PeerAddress {
    return this.#socket.address
  }

  get queuedBytes(): number {
    return this.#encoder.gatheredBytes + this.#messageBytesOnTheWay + this.#batchBytesOnTheWay
  }

  attach(handler: LinkHandler): void {
    const reason = this.#closeReason
    if (reason === undefined) this.#handler = handler
    // Not before attach has returned: its caller need not expect calls while it is still setting things up.
    queueMicrotask(() => (reason === undefined ? this.#startDelivery(handler) : handler.onClose(reason)))
  }

  choke(): void {
    this.#bare(MESSAGE_ID.choke)
  }

  unchoke(): void {
    this.#bare(MESSAGE_ID.unchoke)
  }

  interested(): void {
    this.#bare(MESSAGE_ID.interested)
  }

  notInterested(): void {
    this.#bare(MESSAGE_ID.notInterested)
  }

  haveAll(): void {
    this.#bare(MESSAGE_ID.haveAll)
  }

  haveNone(): void {
    this.#bare(MESSAGE_ID.haveNone)
  }

  have(piece: number): void {
    if (this.#mayGather()) this.#encoder.index(MESSAGE_ID.have, piece)
  }

  suggest(piece: number): void {
    if (this.#mayGather()) this.#encoder.index(MESSAGE_ID.suggest, piece)
  }

  allowedFast(piece: number): void {
    if (this.#mayGather()) this.#encoder.index(MESSAGE_ID.allowedFast, piece)
  }

  bitfield(bytes: Uint8Array): void {
    if (this.#mayGather()) this.#encoder.message(MESSAGE_ID.bitfield, bytes)
  }

  request(piece: number, begin: number, length: number): void {
    if (this.#mayGather()) this.#encoder.block(MESSAGE_ID.request, piece, begin, length)
  }

  cancel(piece: number, begin: number, length: number): void {
    if (this.#mayGather()) this.#encoder.block(MESSAGE_ID.cancel, piece, begin, length)
  }

  reject(piece: number, begin: number, length: number): void {
    if (this.#mayGather()) this.#encoder.block(MESSAGE_ID.reject, piece, begin, length)
  }

  port(port: number): void {
    if (this.#mayGather()) this.#encoder.port(port)
  }

  keepAlive(): void {
    if (this.#mayGather()) this.#encoder.keepAlive()
  }

  extensionHandshake(handshake: ExtensionHandshake): void {
    if (this.#mayGather()) this.#encoder.extended(EXTENSION_HANDSHAKE_ID, encodeExtensionHandshake(handshake))
  }

  metadata(id: number, message: MetadataMessage): void {
    if (this.#mayGather()) this.#encoder.extended(id, encodeMetadataMessage(message))
  }

  peerExchange(id: number, message: PeerExchangeMessage): void {
    if (this.#mayGather()) this.#encoder.extended(id, encodePeerExchange(message))
  }

  dontHave(id: number, piece: number): void {
    if (this.#mayGather()) this.#encoder.extended(id, Uint8Array.of(piece >>> 24, piece >>> 16, piece >>> 8, piece))
  }

  copy(id: number, message: CopyMessage): void {
    if (this.#mayGather()) this.#encoder.extended(id, encodeCopyMessage(message))
  }

  copyHeard(id: number, message: CopyMessage): void {
    if (this.#mayGather()) this.#encoder.extended(id, encodeCopyMessage(message))
  }

  partQuestion(id: number, message: PartQuestion): void {
    if (this.#mayGather()) this.#encoder.extended(id, encodePartQuestion(message))
  }

  partSums(id: number, message: PartSums): void {
    if (this.#mayGather()) this.#encoder.extended(id, encodePartSums(message))
  }

  hashMessage(message: HashMessage): void {
    if (this.#mayGather()) this.#encoder.message(idOfHashMessage(message), encodeHashMessage(message))
  }

  /** Sends bytes as they are before all messages: our half of the handshake, when the peer spoke first. */
  sendHandshake(bytes: Uint8Array): void {
    if (this.#mayGather()) this.#encoder.raw(bytes)
  }

  sendBlocks(batch: BlockBatch, onSent: () => void): void {
    if (this.#closeReason !== undefined) {
      queueMicrotask(onSent)
      return
    }
    const frame = batch.frame.subarray(0, batch.frameBytes)
    this.#unsettled.push(onSent)
    this.#batchBytesOnTheWay += frame.length
    const taken = (): void => this.#settleBatch(frame.length)
    if (this.#encoder.gatheredBytes === 0) {
      this.#socket.write(frame, taken)
      return
    }
    const gathered = this.#takeGathered()
    this.#socket.writeBoth(gathered, () => this.#settleMessages(gathered), frame, taken)
  }

  pauseReading(): void {
    this.#isPaused = true
    this.#socket.pause()
  }

  resumeReading(): void {
    this.#isPaused = false
    if (this.#decoder !== undefined) this.#socket.resume()
  }

  setTorrent(pieceCount: number, blockMemory: Uint8Array): void {
    this.#torrent = { pieceCount, blockMemory }
    this.#decoder?.setTorrent(pieceCount, blockMemory)
  }

  close(reason: string): void {
    if (this.#closeReason !== undefined) return
    // What was said last is still handed to the network: the peer may count on a have or a reject.
    if (this.#encoder.gatheredBytes > 0) this.#writeGathered()
    this.#end(reason)
  }

  /** The socket brought bytes; they are held back, and reading stops, until a handler is attached. */
  onBytes(chunk: Buffer, start: number, end: number): void {
    if (this.#closeReason !== undefined || start === end) return
    if (this.#decoder === undefined) {
      this.#held = Buffer.concat([...(this.#held === undefined ? [] : [this.#held]), chunk.subarray(start, end)])
      this.#socket.pause()
      return
    }
    const fault = this.#decoder.decode(chunk, start, end)
    if (fault !== undefined) this.#end(`the peer broke the protocol: ${fault}`)
    else if (this.#closeReason === undefined) this.#handler?.onReceived(end - start)
  }

  /** The socket is gone. */
  onGone(reason: string): void {
    this.#end(reason)
  }

  #startDelivery(handler: LinkHandler): void {
    if (this.#closeReason !== undefined) return
    this.#decoder = new MessageDecoder(handler, this.peer)
    if (this.#torrent !== undefined) this.#decoder.setTorrent(this.#torrent.pieceCount, this.#torrent.blockMemory)
    const held = this.#held
    this.#held = undefined
    if (held !== undefined) this.onBytes(held, 0, held.length)
    if (!this.#isPaused) this.#socket.resume()
  }

  #bare(id: number): void {
    if (this.#mayGather()) this.#encoder.bare(id)
  }

  /** Plans the flush that a message about to be gathered needs; false when nothing may be sent any more. */
  #mayGather(): boolean {
    if (this.#closeReason !== undefined) return false
    if (!this.#isFlushPlanned) {
      this.#isFlushPlanned = true
      queueMicrotask(() => this.#flush())
    }
    return true
  }

  #flush(): void {
    this.#isFlushPlanned = false
    if (this.#closeReason !== undefined || this.#encoder.gatheredBytes === 0) return
    // While the network has not taken the last ones, the next ones gather on: one write then takes them all.
    if (this.#messageBytesOnTheWay === 0) this.#writeGathered()
    else if (this.#messageBytesOnTheWay + this.#encoder.gatheredBytes > maxUnreadMessageBytes) this.#end('the peer does not read')
  }

  #writeGathered(): void {
    const gathered = this.#takeGathered()
    this.#socket.write(gathered, () => this.#settleMessages(gathered))
  }

  #takeGathered(): Buffer {
    const gathered = this.#encoder.take()
    this.#messageBytesOnTheWay += gathered.length
    return gathered
  }

  #settleMessages(gathered: Buffer): void {
    if (this.#closeReason !== undefined) return
    this.#messageBytesOnTheWay -= gathered.length
    this.#encoder.giveBack(gathered)
    this.#handler?.onSent(gathered.length)
    this.#flush()
  }

  #settleBatch(bytes: number): void {
    if (this.#closeReason !== undefined) return
    this.#batchBytesOnTheWay -= bytes
    const onSent = this.#unsettled.shift()
    this.#handler?.onSent(bytes)
    onSent?.()
  }

  #end(reason: string): void {
    if (this.#closeReason !== undefined) return
    this.#closeReason = reason
    this.#decoder?.stop()
    this.#held = undefined
    this.#socket.destroy()
    for (const onSent of this.#unsettled.splice(0)) onSent()
    this.#handler?.onClose(reason)
  }
}
