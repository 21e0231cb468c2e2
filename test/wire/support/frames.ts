import { type Bencodable, encodeBencode } from '../../../src/torrent/bencode.ts'

/** A message of the peer protocol: length prefix, id, payload. */
export function frame(id: number, ...payload: (Uint8Array | number[])[]): Buffer {
  const body = Buffer.concat(payload.map((part) => Buffer.from(part)))
  const head = Buffer.alloc(5)
  head.writeUInt32BE(1 + body.length)
  head[4] = id
  return Buffer.concat([head, body])
}

/** Numbers as the wire writes them: 32 bits, high byte first. */
export function words(...numbers: number[]): Buffer {
  const bytes = Buffer.alloc(numbers.length * 4)
  for (const [index, number] of numbers.entries()) bytes.writeUInt32BE(number >>> 0, index * 4)
  return bytes
}

/** Just a length prefix. */
export function prefix(length: number): Buffer {
  return words(length)
}

/** An extended message (BEP 10). */
export function extended(id: number, payload: Uint8Array | string): Buffer {
  return frame(20, [id], typeof payload === 'string' ? Buffer.from(payload, 'latin1') : payload)
}

/** An extended handshake with these fields. */
export function introduction(fields: Record<string, Bencodable> = {}): Buffer {
  return extended(0, encodeBencode(new Map(Object.entries(fields))))
}

/** A block on its way. */
export function piece(index: number, begin: number, payload: Uint8Array): Buffer {
  return frame(7, words(index, begin), payload)
}
