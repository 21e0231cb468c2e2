import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type HashRequest, MOST_HASHES, uncleCount } from '../../src/torrent/hash-request.ts'
import { decodeHashMessage, encodeHashMessage, type HashMessage, hashMessageFault, idOfHashMessage } from '../../src/wire/hash-message.ts'

const word = fc.nat(0xffff_ffff)
const root = fc.uint8Array({ minLength: 32, maxLength: 32 })
const request: fc.Arbitrary<HashRequest> = fc.record({ root, baseLayer: word, index: word, length: word, proofLayers: word })
const message: fc.Arbitrary<HashMessage> = fc.oneof(
  fc.record({ kind: fc.constantFrom('request' as const, 'reject' as const), request }),
  fc.tuple(root, word, word, fc.nat(6), fc.nat(32)).map(([bytes, baseLayer, index, levels, proofLayers]): HashMessage => {
    const asked = { root: bytes, baseLayer, index, length: 2 ** levels, proofLayers }
    return { kind: 'hashes', request: asked, hashes: new Uint8Array((asked.length + uncleCount(asked)) * 32).fill(levels) }
  }),
)

test('a message that is written is read as it was', () => {
  fc.assert(
    fc.property(message, (sent) => {
      const payload = Buffer.from(encodeHashMessage(sent))
      const id = idOfHashMessage(sent)
      expect(hashMessageFault(id, payload.length)).toBeUndefined()
      const read = decodeHashMessage(id, payload)
      // The bytes are those of a shared buffer, so the values must be copies.
      payload.fill(0xee)
      expect(read).toEqual({ ok: true, value: sent })
    }),
  )
})

test('the bytes are laid out as BEP 52 has them', () => {
  const asked = { root: new Uint8Array(32).fill(1), baseLayer: 2, index: 3, length: 4, proofLayers: 5 }
  const sent: HashMessage = { kind: 'hashes', request: asked, hashes: new Uint8Array(8 * 32).fill(6) }
  const expected = `${'01'.repeat(32)}00000002000000030000000400000005${'06'.repeat(256)}`
  expect(Buffer.from(encodeHashMessage(sent)).toString('hex')).toBe(expected)
  const ids = (['request', 'hashes', 'reject'] as const).map((kind) => idOfHashMessage({ ...sent, kind }))
  expect(ids).toEqual([21, 22, 23])
})

test('what was asked for reads the same, whatever it asks for', () => {
  const asked = { root: new Uint8Array(32), baseLayer: 0, index: 1, length: 0, proofLayers: 4_294_967_295 }
  const payload = Buffer.from(encodeHashMessage({ kind: 'request', request: asked }))
  expect(decodeHashMessage(21, payload)).toEqual({ ok: true, value: { kind: 'request', request: asked } })
})

test('hashes are never more than can be asked for', () => {
  fc.assert(
    fc.property(word, word, fc.integer({ min: 1, max: 40 }), (length, proofLayers, count) => {
      const asked = { root: new Uint8Array(32), baseLayer: 0, index: 0, length, proofLayers }
      const read = decodeHashMessage(
        22,
        Buffer.from(encodeHashMessage({ kind: 'hashes', request: asked, hashes: new Uint8Array(count * 32) })),
      )
      if (read.ok) expect(length <= MOST_HASHES && proofLayers <= 32 && count === length + uncleCount(asked)).toBe(true)
    }),
  )
})
