import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { equalBytes } from '../../src/base/bytes.ts'
import type { MetadataMessage } from '../../src/wire/extension-messages.ts'
import { decodeMetadataMessage, encodeMetadataMessage } from '../../src/wire/metadata-message.ts'

const pieceBytes = 16_384

/** A data message whose piece has the length that the total asks for. */
function data(piece: number, totalBytes: number): MetadataMessage {
  const bytes = new Uint8Array(Math.min(pieceBytes, totalBytes - piece * pieceBytes)).fill(piece + 1)
  return { kind: 'data', piece, totalBytes, bytes }
}

test('decoding an encoded request or reject gives it back', () => {
  fc.assert(
    fc.property(fc.constantFrom('request' as const, 'reject' as const), fc.integer({ min: 0, max: 610 }), (kind, piece) => {
      expect(decodeMetadataMessage(encodeMetadataMessage({ kind, piece }))).toEqual({ ok: true, value: { kind, piece } })
    }),
  )
})

test('decoding encoded data gives it back, short last piece included', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (totalBytes, where) => {
      const piece = Math.floor((Math.ceil(totalBytes / pieceBytes) - 1) * where)
      const { bytes, ...rest } = data(piece, totalBytes) as MetadataMessage & { kind: 'data' }
      const decoded = decodeMetadataMessage(encodeMetadataMessage({ ...rest, bytes })) as { value: MetadataMessage & { kind: 'data' } }
      expect(decoded).toMatchObject({ ok: true, value: rest })
      expect(equalBytes(decoded.value.bytes, bytes)).toBe(true)
    }),
    { numRuns: 50 },
  )
})

test('the bytes on the wire are those of BEP 9', () => {
  expect(Buffer.from(encodeMetadataMessage({ kind: 'request', piece: 0 })).toString()).toBe('d8:msg_typei0e5:piecei0ee')
  expect(Buffer.from(encodeMetadataMessage({ kind: 'reject', piece: 7 })).toString()).toBe('d8:msg_typei2e5:piecei7ee')
  const message: MetadataMessage = { kind: 'data', piece: 0, totalBytes: 3, bytes: Buffer.from('abc') }
  expect(Buffer.from(encodeMetadataMessage(message)).toString()).toBe('d8:msg_typei1e5:piecei0e10:total_sizei3eeabc')
})

test('the bytes of a piece are a copy', () => {
  const payload = encodeMetadataMessage(data(0, 100))
  const message = decodeMetadataMessage(payload)
  payload.fill(0)
  expect(message).toEqual({ ok: true, value: data(0, 100) })
})

test('a kind that nobody knows yet is no fault', () => {
  expect(decodeMetadataMessage(Buffer.from('d8:msg_typei9e3:fooi1ee'))).toEqual({ ok: true, value: { kind: 'unknown' } })
})

describe('a message is refused when', () => {
  test.each([
    ['it is empty', ''],
    ['it is no dictionary', 'i1e'],
    ['it has no msg_type', 'd5:piecei0ee'],
    ['msg_type is a string', 'd8:msg_type1:05:piecei0ee'],
    ['msg_type is negative', 'd8:msg_typei-1e5:piecei0ee'],
    ['it has no piece', 'd8:msg_typei0ee'],
    ['the piece is negative', 'd8:msg_typei0e5:piecei-1ee'],
    ['the piece lies beyond 10,000,000 bytes', 'd8:msg_typei0e5:piecei99999ee'],
    ['the piece is the first beyond 10,000,000 bytes', 'd8:msg_typei0e5:piecei611ee'],
    ['bytes follow a request', 'd8:msg_typei0e5:piecei0eexyz'],
    ['data has no total_size', 'd8:msg_typei1e5:piecei0eeabc'],
    ['total_size is 0', 'd8:msg_typei1e5:piecei0e10:total_sizei0eeabc'],
    ['total_size is above 10,000,000', 'd8:msg_typei1e5:piecei0e10:total_sizei10000001eeabc'],
    ['total_size has room for less', 'd8:msg_typei1e5:piecei0e10:total_sizei2eeabc'],
    ['the last piece is too short', 'd8:msg_typei1e5:piecei0e10:total_sizei4eeabc'],
    ['the piece lies behind the end', 'd8:msg_typei1e5:piecei1e10:total_sizei3eeabc'],
    ['a string has a negative length', 'l-3:'],
  ])('%s', (_title, text) => {
    expect(decodeMetadataMessage(Buffer.from(text)).ok).toBe(false)
  })

  test('a piece is longer than 16 KiB', () => {
    const head = Buffer.from('d8:msg_typei1e5:piecei0e10:total_sizei40000ee')
    expect(decodeMetadataMessage(Buffer.concat([head, Buffer.alloc(pieceBytes)])).ok).toBe(true)
    expect(decodeMetadataMessage(Buffer.concat([head, Buffer.alloc(pieceBytes + 1)])).ok).toBe(false)
  })
})

test('no bytes at all make the decoder throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      decodeMetadataMessage(bytes)
      decodeMetadataMessage(Buffer.concat([Buffer.from('d8:msg_typei1e'), bytes]))
    }),
  )
})
