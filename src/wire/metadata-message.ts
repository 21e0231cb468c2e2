import { concatBytes } from '../base/bytes.ts'
import { type Decoded, decoded, undecodable } from '../base/decoded.ts'
import { asDictionary, asInteger, type Bencodable, decodeBencodePrefix, encodeBencode } from '../torrent/bencode.ts'
import type { MetadataMessage } from './extension-messages.ts'
import { MAX_METADATA_BYTES, METADATA_PIECE_BYTES } from './wire-limits.ts'

const messageTypes = { request: 0, data: 1, reject: 2 } as const

/** The payload of a ut_metadata message (BEP 9): a dictionary, and behind it the bytes of a data message. */
export function encodeMetadataMessage(message: MetadataMessage): Uint8Array {
  const fields = new Map<string, Bencodable>([
    ['msg_type', messageTypes[message.kind]],
    ['piece', message.piece],
  ])
  if (message.kind !== 'data') return encodeBencode(fields)
  fields.set('total_size', message.totalBytes)
  return concatBytes([encodeBencode(fields), message.bytes])
}

/** Reads a ut_metadata message; the bytes of a data message are a copy. BEP 9 wants unknown kinds to be ignored, so they are no fault. */
export function decodeMetadataMessage(payload: Uint8Array): Decoded<MetadataMessage | { readonly kind: 'unknown' }> {
  const prefix = decodeBencodePrefix(payload, { canonical: false, maxDepth: 8 })
  if (!prefix.ok) return prefix
  const fields = asDictionary(prefix.value.value)
  if (fields === undefined) return undecodable('not a dictionary')
  const type = asInteger(fields.get('msg_type'))
  if (type === undefined || type < 0) return undecodable('no msg_type')
  if (type > messageTypes.reject) return decoded({ kind: 'unknown' })
  const piece = asInteger(fields.get('piece'))
  if (piece === undefined || piece < 0 || piece * METADATA_PIECE_BYTES >= MAX_METADATA_BYTES) return undecodable('piece is out of range')
  const bytes = payload.subarray(prefix.value.length)
  if (type === messageTypes.data) return decodeData(piece, asInteger(fields.get('total_size')), bytes)
  if (bytes.length > 0) return undecodable(`${bytes.length} bytes behind a message that has none`)
  return decoded({ kind: type === messageTypes.request ? 'request' : 'reject', piece })
}

/** Every piece is 16 KiB but the last, so the total tells how long each must be. */
function decodeData(piece: number, totalBytes: number | undefined, bytes: Uint8Array): Decoded<MetadataMessage> {
  if (totalBytes === undefined || totalBytes < 1 || totalBytes > MAX_METADATA_BYTES) return undecodable('total_size is out of range')
  const expected = Math.min(METADATA_PIECE_BYTES, totalBytes - piece * METADATA_PIECE_BYTES)
  if (expected <= 0) return undecodable(`piece ${piece} of ${totalBytes} bytes`)
  if (bytes.length !== expected) return undecodable(`a piece of ${bytes.length} bytes instead of ${expected}`)
  return decoded({ kind: 'data', piece, totalBytes, bytes: Uint8Array.from(bytes) })
}
