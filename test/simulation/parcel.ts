import { BLOCK_BYTES } from '../../src/base/units.ts'
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
import type { LinkHandler } from '../../src/wire/link.ts'
import type { Happening } from './event-queue.ts'
import type { Freight } from './line.ts'

/** Messages in the form in which parcels carry them: the number of the message, then its numbers. */
export const Message = {
  choke: 0,
  unchoke: 1,
  interested: 2,
  notInterested: 3,
  have: 4,
  request: 6,
  cancel: 8,
  suggest: 13,
  haveAll: 14,
  haveNone: 15,
  reject: 16,
  allowedFast: 17,
  port: 9,
  keepAlive: 20,
  dontHave: 21,
  /** Ends the link. */
  close: 22,
  /** What has more than numbers in it is a call. */
  call: 23,
} as const

type Call = (handler: LinkHandler) => void

const FIRST_CAPACITY = 16
const NO_BLOCKS: readonly number[] = []

/** What carries a parcel. */
export interface Carrier {
  onArrival(parcel: Parcel): void
}

/** What leaves in one write: a batch of blocks, or small messages, or blocks with the messages that were said while they were under way. */
export class Parcel implements Freight, Happening {
  /** On the wire. */
  bytes = 0
  /** When it left; -1 for one that waits in line. */
  sentMs = -1
  /** Whom it comes to when the time is over that the distance takes. */
  carrier: Carrier | undefined
  onSent: (() => void) | undefined
  /** Bytes of blocks that its way has been given up to its end. */
  endsAtBytes = 0
  /** Piece, begin and length of each block. */
  #blocks: number[] | undefined
  #falseMark = 0
  #blockLengthBytes = BLOCK_BYTES
  #messages = new Int32Array(FIRST_CAPACITY)
  #length = 0
  #calls: Call[] | undefined

  get hasBlocks(): boolean {
    return this.#blocks !== undefined
  }

  happen(): void {
    this.carrier?.onArrival(this)
  }

  /** Empties it, so that it can be used again. */
  clear(): void {
    this.bytes = 0
    this.sentMs = -1
    this.carrier = undefined
    this.onSent = undefined
    this.#blocks = undefined
    this.#length = 0
    this.#calls = undefined
  }

  /** Takes the blocks of `batch`, which may be used again at once; all of them are marked with `falseMark`, and each is as long as `scale` real ones. */
  addBlocks(batch: BlockBatch, falseMark: number, scale = 1): void {
    this.bytes += batch.payloadBytes + scale * (batch.frameBytes - batch.payloadBytes)
    this.#blockLengthBytes = scale * BLOCK_BYTES
    this.#falseMark = falseMark
    this.#blocks ??= []
    for (let index = 0; index < batch.count; index++) {
      this.#blocks.push(batch.pieces[index] as number, batch.begins[index] as number, batch.lengths[index] as number)
    }
  }

  /** Carries `bytes` of something that is no block of a peer's, such as a part of an HTTP response. */
  addBytes(bytes: number): void {
    this.bytes += bytes
    this.#blocks ??= []
  }

  addMessage(kind: number): void {
    this.#reserve()[this.#length++] = kind
  }

  addPieceMessage(kind: number, piece: number): void {
    const messages = this.#reserve()
    messages[this.#length++] = kind
    messages[this.#length++] = piece
  }

  addBlockMessage(kind: number, piece: number, begin: number, length: number): void {
    const messages = this.#reserve()
    messages[this.#length++] = kind
    messages[this.#length++] = piece
    messages[this.#length++] = begin
    messages[this.#length++] = length
  }

  addCall(call: Call): void {
    this.#calls ??= []
    this.#calls.push(call)
    this.addMessage(Message.call)
  }

  /** The messages, with room for one more. */
  #reserve(): Int32Array {
    if (this.#length + 4 <= this.#messages.length) return this.#messages
    const grown = new Int32Array(this.#messages.length * 2)
    grown.set(this.#messages)
    this.#messages = grown
    return grown
  }

  /** Gives `handler` the blocks, unless `isOver`; the mark of each goes where its bytes would. */
  openBlocks(handler: LinkHandler, isOver: () => boolean, marks: Uint8Array): void {
    const blocks = this.#blocks ?? NO_BLOCKS
    for (let index = 0; index < blocks.length && !isOver(); index += 3) {
      const [piece, begin, length] = [blocks[index] as number, blocks[index + 1] as number, blocks[index + 2] as number]
      const offset = handler.onBlockStart(piece, begin, length)
      if (offset >= 0) marks[offset / this.#blockLengthBytes] = this.#falseMark
      if (!isOver()) handler.onBlockEnd(piece, begin, length)
    }
  }

  /** Tells `handler` what the messages say, unless `isOver`; `onClose` is called when the link ends with them. */
  openMessages(handler: LinkHandler, isOver: () => boolean, onClose: () => void): void {
    const messages = this.#messages
    const length = this.#length
    let call = 0
    for (let index = 0; index < length && !isOver(); ) {
      const kind = messages[index++] as number
      if (kind === Message.have) handler.onHave(messages[index++] as number)
      else if (kind === Message.request || kind === Message.cancel || kind === Message.reject) {
        tellOfBlock(handler, kind, messages[index++] as number, messages[index++] as number, messages[index++] as number)
      } else if (kind === Message.suggest) handler.onSuggest(messages[index++] as number)
      else if (kind === Message.allowedFast) handler.onAllowedFast(messages[index++] as number)
      else if (kind === Message.port) handler.onPort(messages[index++] as number)
      else if (kind === Message.dontHave) handler.onDontHave(messages[index++] as number)
      else if (kind === Message.call) this.#calls?.[call++]?.(handler)
      else if (kind === Message.close) onClose()
      else tell(handler, kind)
    }
  }
}

function tellOfBlock(handler: LinkHandler, kind: number, piece: number, begin: number, length: number): void {
  if (kind === Message.request) handler.onRequest(piece, begin, length)
  else if (kind === Message.cancel) handler.onCancel(piece, begin, length)
  else handler.onReject(piece, begin, length)
}

function tell(handler: LinkHandler, kind: number): void {
  if (kind === Message.choke) handler.onChoke()
  else if (kind === Message.unchoke) handler.onUnchoke()
  else if (kind === Message.interested) handler.onInterested()
  else if (kind === Message.notInterested) handler.onNotInterested()
  else if (kind === Message.haveAll) handler.onHaveAll()
  else if (kind === Message.haveNone) handler.onHaveNone()
}

/** Messages with more than numbers in them, as calls that may be made later. */
export const calls = {
  bitfield(bytes: Uint8Array): Call {
    const copy = bytes.slice()
    return (handler) => handler.onBitfield(copy)
  },
  extensionHandshake: (handshake: ExtensionHandshake): Call => {
    return (handler) => handler.onExtensionHandshake(handshake)
  },
  metadata(message: MetadataMessage): Call {
    const copy = message.kind === 'data' ? { ...message, bytes: message.bytes.slice() } : message
    return (handler) => handler.onMetadata(copy)
  },
  peerExchange: (message: PeerExchangeMessage): Call => {
    return (handler) => handler.onPeerExchange(message)
  },
  copy: (message: CopyMessage): Call => {
    return (handler) => handler.onCopy(message)
  },
  copyHeard: (message: CopyMessage): Call => {
    return (handler) => handler.onCopyHeard(message)
  },
  partQuestion: (message: PartQuestion): Call => {
    return (handler) => handler.onPartQuestion(message)
  },
  partSums: (message: PartSums): Call => {
    return (handler) => handler.onPartSums(message)
  },
  hashMessage: (message: HashMessage): Call => {
    return (handler) => handler.onHashMessage(message)
  },
}
