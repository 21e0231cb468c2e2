import { MESSAGE_HEADER_BYTES, MESSAGE_ID } from './message-ids.ts'

const firstBufferBytes = 512
const keptBufferBytes = 64 * 1_024

/**
 * Gathers small messages in one buffer, so that they leave in one write. The buffer grows as needed and serves again once the
 * network took its bytes; two take turns, because the next messages gather while the last ones are on their way.
 */
export class MessageEncoder {
  #buffer: Buffer | undefined
  #spare: Buffer | undefined
  #length = 0

  /** Bytes gathered since the last `take`. */
  get gatheredBytes(): number {
    return this.#length
  }

  /** The gathered bytes, which stay untouched until they are given back. */
  take(): Buffer {
    const gathered = this.#buffer === undefined ? Buffer.alloc(0) : this.#buffer.subarray(0, this.#length)
    this.#buffer = this.#spare
    this.#spare = undefined
    this.#length = 0
    return gathered
  }

  /** Hands bytes back that `take` gave, for their memory to be used again. */
  giveBack(gathered: Buffer): void {
    const capacity = gathered.buffer.byteLength
    if (capacity > 0 && capacity <= keptBufferBytes) this.#spare = Buffer.from(gathered.buffer)
  }

  /** Bytes as they are: the handshake, which has no length prefix. */
  raw(bytes: Uint8Array): void {
    const at = this.#grow(bytes.length)
    this.#bytes.set(bytes, at)
  }

  /** The message of no bytes (BEP 3). */
  keepAlive(): void {
    const at = this.#grow(4)
    this.#bytes.writeUInt32BE(0, at)
  }

  /** A message that is only an id: choke, unchoke, interested, not interested, have-all, have-none. */
  bare(id: number): void {
    this.#start(id, 0)
  }

  /** A message with a piece index: have, allowed-fast. */
  index(id: number, piece: number): void {
    const at = this.#start(id, 4)
    this.#bytes.writeUInt32BE(piece, at)
  }

  /** A message about one block: request, cancel, reject. */
  block(id: number, piece: number, begin: number, length: number): void {
    const at = this.#start(id, 12)
    const bytes = this.#bytes
    bytes.writeUInt32BE(piece, at)
    bytes.writeUInt32BE(begin, at + 4)
    bytes.writeUInt32BE(length, at + 8)
  }

  /** The DHT port (BEP 5). */
  port(port: number): void {
    const at = this.#start(MESSAGE_ID.port, 2)
    this.#bytes.writeUInt16BE(port, at)
  }

  /** A message with `payload` behind its id. */
  message(id: number, payload: Uint8Array): void {
    const at = this.#start(id, payload.length)
    this.#bytes.set(payload, at)
  }

  /** A message of the extension protocol (BEP 10) under the id that its receiver chose. */
  extended(id: number, payload: Uint8Array): void {
    const at = this.#start(MESSAGE_ID.extended, 1 + payload.length)
    this.#bytes[at] = id
    this.#bytes.set(payload, at + 1)
  }

  get #bytes(): Buffer {
    return this.#buffer as Buffer
  }

  #start(id: number, payloadBytes: number): number {
    const at = this.#grow(MESSAGE_HEADER_BYTES + payloadBytes)
    this.#bytes.writeUInt32BE(1 + payloadBytes, at)
    this.#bytes[at + 4] = id
    return at + MESSAGE_HEADER_BYTES
  }

  #grow(bytes: number): number {
    const at = this.#length
    const needed = at + bytes
    if (this.#buffer === undefined || needed > this.#buffer.length) {
      // Not from the pool of Buffer.allocUnsafe, whose slabs many buffers share: giveBack could not tell whose memory it is.
      const grown = Buffer.alloc(Math.max(firstBufferBytes, 2 ** Math.ceil(Math.log2(needed))))
      if (this.#buffer !== undefined) grown.set(this.#buffer.subarray(0, at))
      this.#buffer = grown
    }
    this.#length = needed
    return at
  }
}
