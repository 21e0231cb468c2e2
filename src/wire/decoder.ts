import { BLOCK_BYTES } from '../base/units.ts'
import { maxExtendedBytes, receiveExtended } from './extension-protocol.ts'
import { hashMessageFault, receiveHashMessage } from './hash-message.ts'
import type { LinkHandler, PeerHandshake } from './link.ts'
import { MESSAGE_HEADER_BYTES, MESSAGE_ID } from './message-ids.ts'
import { MAX_LATER_BITFIELDS, MAX_MESSAGE_BYTES, MAX_PIECES, MAX_REQUEST_BYTES, MAX_UNKNOWN_MESSAGES } from './wire-limits.ts'

// The longest part of a message that is read as fixed fields: a request.
const maxHeaderBytes = 17

const blockHeaderBytes = 13

/** What becomes of the bytes after a header. */
type Body = 'block' | 'bitfield' | 'extended' | 'hashes' | 'skipped'

/**
 * Turns the byte stream of one peer into calls. It walks each chunk in place: only headers that straddle two chunks and the bodies
 * of bitfields, hashes and extended messages are gathered, each bounded by its kind before its first byte is kept. The bytes of a block go
 * straight to the place that the handler names, which is their only copy.
 */
export class MessageDecoder {
  readonly #handler: LinkHandler
  readonly #peer: Pick<PeerHandshake, 'supportsFast' | 'supportsExtensions'>
  #pieceCount = 0
  #blockMemory: Buffer = Buffer.alloc(0)
  #fault: string | undefined
  #isStopped = false
  #isOpening = true
  #laterBitfields = 0
  #isIntroduced = false
  #unknownMessages = 0

  // The header under way when it straddles chunks.
  readonly #scratch: Buffer = Buffer.alloc(maxHeaderBytes)
  #scratchBytes = 0

  // The body under way.
  #body: Body = 'skipped'
  #bodyBytes = 0
  #bodyLeft = 0
  #gathered: Buffer | undefined
  /** Of the extended message or the message about hashes. */
  #bodyId = 0

  // The block under way; its destination is -1 when its bytes are thrown away.
  #piece = 0
  #begin = 0
  #destination = -1

  constructor(handler: LinkHandler, peer: Pick<PeerHandshake, 'supportsFast' | 'supportsExtensions'>) {
    this.#handler = handler
    this.#peer = peer
  }

  /** From now on indexes and bitfields are checked against `pieceCount`, and blocks go into `blockMemory`; a block under way is thrown away. */
  setTorrent(pieceCount: number, blockMemory: Uint8Array): void {
    this.#pieceCount = pieceCount
    this.#blockMemory = Buffer.from(blockMemory.buffer, blockMemory.byteOffset, blockMemory.length)
    this.#destination = -1
  }

  /** No more calls to the handler, not even for the rest of the chunk that is being decoded. */
  stop(): void {
    this.#isStopped = true
    this.#gathered = undefined
  }

  /** Decodes the bytes of `chunk` from `start` up to `end`; they are not kept. Returns what breaks the protocol, once: then the link must end. */
  decode(chunk: Buffer, start: number, end: number): string | undefined {
    let offset = start
    while (offset < end && !this.#isStopped && this.#fault === undefined) {
      offset = this.#bodyLeft > 0 ? this.#readBody(chunk, offset, end) : this.#readHeader(chunk, offset, end)
    }
    return this.#isStopped ? undefined : this.#fault
  }

  #readHeader(chunk: Buffer, start: number, end: number): number {
    if (this.#scratchBytes === 0 && end - start >= maxHeaderBytes) {
      const headerBytes = this.#headerBytes(chunk, start, maxHeaderBytes)
      if (this.#fault === undefined) this.#receive(chunk, start)
      return start + headerBytes
    }
    let offset = start
    for (;;) {
      const headerBytes = this.#headerBytes(this.#scratch, 0, this.#scratchBytes)
      if (this.#fault !== undefined) return end
      if (headerBytes === this.#scratchBytes) break
      if (offset === end) return end
      const taken = Math.min(headerBytes - this.#scratchBytes, end - offset)
      chunk.copy(this.#scratch, this.#scratchBytes, offset, offset + taken)
      this.#scratchBytes += taken
      offset += taken
    }
    this.#scratchBytes = 0
    this.#receive(this.#scratch, 0)
    return offset
  }

  /** How many bytes from `at` on are to be read as fixed fields, as far as the first `available` of them tell. Checks all that they tell. */
  #headerBytes(source: Buffer, at: number, available: number): number {
    if (available < 4) return 4
    const length = source.readUInt32BE(at)
    if (length === 0) return 4
    if (length > MAX_MESSAGE_BYTES) return this.#break(`a message of ${length} bytes`)
    if (available < MESSAGE_HEADER_BYTES) return MESSAGE_HEADER_BYTES
    const id = source[at + 4] as number
    switch (id) {
      case MESSAGE_ID.choke:
      case MESSAGE_ID.unchoke:
      case MESSAGE_ID.interested:
      case MESSAGE_ID.notInterested:
      case MESSAGE_ID.haveAll:
      case MESSAGE_ID.haveNone:
        return this.#exactly(id, length, 1)
      case MESSAGE_ID.have:
      case MESSAGE_ID.suggest:
      case MESSAGE_ID.allowedFast:
        return this.#exactly(id, length, 5)
      case MESSAGE_ID.port:
        return this.#exactly(id, length, 3)
      case MESSAGE_ID.request:
      case MESSAGE_ID.cancel:
      case MESSAGE_ID.reject:
        return this.#exactly(id, length, 13)
      case MESSAGE_ID.piece:
        return length > 9 ? blockHeaderBytes : this.#break(`a piece message of ${length} bytes`)
      case MESSAGE_ID.extended:
        return length > 1 ? MESSAGE_HEADER_BYTES + 1 : this.#break('an extended message without its id')
      default:
        return MESSAGE_HEADER_BYTES
    }
  }

  #exactly(id: number, length: number, expected: number): number {
    return length === expected ? 4 + expected : this.#break(`message ${id} with ${length} bytes instead of ${expected}`)
  }

  #receive(source: Buffer, at: number): void {
    const length = source.readUInt32BE(at)
    if (length === 0) return
    const id = source[at + 4] as number
    const handler = this.#handler
    if (id >= MESSAGE_ID.suggest && id <= MESSAGE_ID.allowedFast && !this.#peer.supportsFast) {
      this.#break(`message ${id} of the fast extension, which the peer did not offer`)
      return
    }
    switch (id) {
      case MESSAGE_ID.choke:
        handler.onChoke()
        break
      case MESSAGE_ID.unchoke:
        handler.onUnchoke()
        break
      case MESSAGE_ID.interested:
        handler.onInterested()
        break
      case MESSAGE_ID.notInterested:
        handler.onNotInterested()
        break
      case MESSAGE_ID.have:
        if (this.#pieceAt(source, at)) handler.onHave(this.#piece)
        break
      case MESSAGE_ID.bitfield:
        this.#startBitfield(length - 1)
        break
      case MESSAGE_ID.request:
        if (this.#blockAt(source, at)) handler.onRequest(this.#piece, this.#begin, source.readUInt32BE(at + 13))
        break
      case MESSAGE_ID.piece:
        this.#startBlock(source, at, length - 9)
        break
      case MESSAGE_ID.cancel:
        if (this.#blockAt(source, at)) handler.onCancel(this.#piece, this.#begin, source.readUInt32BE(at + 13))
        break
      case MESSAGE_ID.port:
        handler.onPort(source.readUInt16BE(at + 5))
        break
      case MESSAGE_ID.suggest:
        if (this.#pieceAt(source, at)) handler.onSuggest(this.#piece)
        break
      case MESSAGE_ID.haveAll:
        if (this.#opens('have-all')) handler.onHaveAll()
        break
      case MESSAGE_ID.haveNone:
        if (this.#opens('have-none')) handler.onHaveNone()
        break
      case MESSAGE_ID.reject:
        if (this.#blockAt(source, at)) handler.onReject(this.#piece, this.#begin, source.readUInt32BE(at + 13))
        break
      case MESSAGE_ID.allowedFast:
        if (this.#pieceAt(source, at)) handler.onAllowedFast(this.#piece)
        break
      case MESSAGE_ID.extended:
        this.#startExtended(source[at + 5] as number, length - 2)
        break
      case MESSAGE_ID.hashRequest:
      case MESSAGE_ID.hashes:
      case MESSAGE_ID.hashReject:
        this.#fault = hashMessageFault(id, length - 1)
        this.#bodyId = id
        this.#startBody('hashes', length - 1)
        break
      default:
        this.#skipUnknown(length - 1)
        break
    }
  }

  /** Reads the piece index after the id. Messages that name a piece end the opening, in which alone a bitfield may come. */
  #pieceAt(source: Buffer, at: number): boolean {
    this.#isOpening = false
    this.#piece = source.readUInt32BE(at + 5)
    if (this.#piece < (this.#pieceCount > 0 ? this.#pieceCount : MAX_PIECES)) return true
    this.#break(`piece ${this.#piece} of ${this.#pieceCount > 0 ? this.#pieceCount : MAX_PIECES}`)
    return false
  }

  #blockAt(source: Buffer, at: number): boolean {
    if (!this.#pieceAt(source, at)) return false
    this.#begin = source.readUInt32BE(at + 9)
    const length = source.readUInt32BE(at + 13)
    if (length > 0 && length <= MAX_REQUEST_BYTES) return true
    this.#break(`a block of ${length} bytes asked for`)
    return false
  }

  /**
   * BEP 3 and 6 want bitfield, have-all and have-none first. Peers in use send their extended handshake, port and interest before it,
   * and one that fetches the metadata first sends it late: so what counts is that it comes before any message that names a piece.
   */
  #opens(name: string): boolean {
    if (this.#isOpening) {
      this.#isOpening = false
      return true
    }
    this.#break(`a ${name} that is not the first message`)
    return false
  }

  #startBitfield(bytes: number): void {
    // Some clients (aria2) send their bitfield again in place of many haves.
    if (!this.#isOpening && ++this.#laterBitfields > MAX_LATER_BITFIELDS) {
      this.#break(`more than ${MAX_LATER_BITFIELDS} bitfields`)
      return
    }
    this.#isOpening = false
    const expected = (this.#pieceCount + 7) >> 3
    if (this.#pieceCount > 0 ? bytes !== expected : bytes === 0 || bytes > (MAX_PIECES + 7) >> 3) {
      this.#break(`a bitfield of ${bytes} bytes${this.#pieceCount > 0 ? ` instead of ${expected}` : ''}`)
      return
    }
    this.#startBody('bitfield', bytes)
  }

  #startBlock(source: Buffer, at: number, bytes: number): void {
    if (!this.#pieceAt(source, at)) return
    this.#begin = source.readUInt32BE(at + 9)
    this.#startBody('block', bytes)
    this.#destination = -1
    const destination = this.#handler.onBlockStart(this.#piece, this.#begin, bytes)
    // We never ask for more than a block, so a longer one has no place whatever the handler says.
    if (bytes <= BLOCK_BYTES && destination + bytes <= this.#blockMemory.length) this.#destination = destination
  }

  #startExtended(id: number, bytes: number): void {
    const limit = this.#peer.supportsExtensions ? maxExtendedBytes(id) : undefined
    if (limit === undefined) {
      this.#skipUnknown(bytes)
      return
    }
    if (bytes > limit) {
      this.#break(`an extended message of ${bytes} bytes`)
      return
    }
    if (id === 0) this.#isIntroduced = true
    else if (!this.#isIntroduced) {
      this.#break('an extended message before the extended handshake')
      return
    }
    this.#bodyId = id
    this.#startBody('extended', bytes)
    if (bytes === 0) this.#endGathered(Buffer.alloc(0))
  }

  #skipUnknown(bytes: number): void {
    if (++this.#unknownMessages > MAX_UNKNOWN_MESSAGES) this.#break('too many messages of unknown kinds')
    else this.#startBody('skipped', bytes)
  }

  #startBody(body: Body, bytes: number): void {
    this.#body = body
    this.#bodyBytes = bytes
    this.#bodyLeft = bytes
  }

  #readBody(chunk: Buffer, start: number, end: number): number {
    const taken = Math.min(this.#bodyLeft, end - start)
    const stop = start + taken
    if (this.#body === 'block') this.#readBlock(chunk, start, stop)
    else if (this.#body === 'skipped') this.#bodyLeft -= taken
    else if (taken === this.#bodyBytes) {
      this.#bodyLeft = 0
      this.#endGathered(chunk.subarray(start, stop))
    } else this.#gather(chunk, start, stop)
    return stop
  }

  #readBlock(chunk: Buffer, start: number, stop: number): void {
    const taken = stop - start
    if (this.#destination >= 0) {
      const target = this.#destination + this.#bodyBytes - this.#bodyLeft
      // `fill` and not `set`: into shared memory, `set` copies byte by byte unless both sides are aligned alike (8 times slower).
      this.#blockMemory.fill(chunk.subarray(start, stop), target, target + taken)
    }
    this.#bodyLeft -= taken
    if (this.#bodyLeft === 0) this.#handler.onBlockEnd(this.#piece, this.#begin, this.#bodyBytes)
  }

  #gather(chunk: Buffer, start: number, stop: number): void {
    this.#gathered ??= Buffer.allocUnsafeSlow(this.#bodyBytes)
    chunk.copy(this.#gathered, this.#bodyBytes - this.#bodyLeft, start, stop)
    this.#bodyLeft -= stop - start
    if (this.#bodyLeft > 0) return
    const whole = this.#gathered
    this.#gathered = undefined
    this.#endGathered(whole)
  }

  #endGathered(payload: Buffer): void {
    if (this.#body === 'extended') {
      this.#fault = receiveExtended(this.#bodyId, payload, this.#pieceCount, this.#handler)
      return
    }
    if (this.#body === 'hashes') {
      this.#fault = receiveHashMessage(this.#bodyId, payload, this.#handler)
      return
    }
    const spareBits = this.#pieceCount > 0 ? payload.length * 8 - this.#pieceCount : 0
    if (((payload[payload.length - 1] as number) & ((1 << spareBits) - 1)) === 0) this.#handler.onBitfield(payload)
    else this.#break('a bitfield with bits beyond the last piece')
  }

  #break(fault: string): number {
    this.#fault = fault
    return 0
  }
}
