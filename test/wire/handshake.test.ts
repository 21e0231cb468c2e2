import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeHandshake, encodeHandshake, HANDSHAKE_BYTES, startsLikeHandshake } from '../../src/wire/handshake.ts'

const twentyBytes = fc.uint8Array({ minLength: 20, maxLength: 20 })

test('decoding an encoded handshake gives it back', () => {
  fc.assert(
    fc.property(twentyBytes, twentyBytes, fc.boolean(), fc.boolean(), (infoHash, peerId, supportsDht, supportsV2) => {
      const bytes = encodeHandshake({ infoHash, peerId, supportsDht, infoHashV2: supportsV2 ? new Uint8Array(32) : undefined })
      expect(bytes.length).toBe(HANDSHAKE_BYTES)
      expect(decodeHandshake(bytes)).toEqual({
        ok: true,
        value: { infoHash, peerId, supportsDht, supportsV2, supportsFast: true, supportsExtensions: true },
      })
    }),
  )
})

test('the bytes are laid out as BEP 3 has them', () => {
  const bytes = encodeHandshake({ infoHash: new Uint8Array(20).fill(1), peerId: new Uint8Array(20).fill(2), supportsDht: true })
  expect(Buffer.from(bytes).toString('hex')).toBe(
    `13${Buffer.from('BitTorrent protocol').toString('hex')}0000000000100005${'01'.repeat(20)}${'02'.repeat(20)}`,
  )
})

describe('the reserved bits', () => {
  const withReserved = (reserved: string): Uint8Array => {
    const bytes = encodeHandshake({ infoHash: new Uint8Array(20), peerId: new Uint8Array(20), supportsDht: false })
    bytes.set(Buffer.from(reserved, 'hex'), 20)
    return bytes
  }

  test.each([
    ['0000000000000000', { supportsFast: false, supportsExtensions: false, supportsDht: false }],
    ['0000000000100000', { supportsFast: false, supportsExtensions: true, supportsDht: false }],
    ['0000000000000004', { supportsFast: true, supportsExtensions: false, supportsDht: false }],
    ['0000000000000001', { supportsFast: false, supportsExtensions: false, supportsDht: true }],
    ['ffffffffffffffff', { supportsFast: true, supportsExtensions: true, supportsDht: true }],
    // The bit of BEP 52.
    ['0000000000000010', { supportsFast: false, supportsExtensions: false, supportsDht: false, supportsV2: true }],
    ['ffffffffffffffef', { supportsV2: false }],
  ])('%s says %o', (reserved, expected) => {
    expect(decodeHandshake(withReserved(reserved))).toMatchObject({ ok: true, value: expected })
  })
})

test('a handshake of another length or protocol is refused', () => {
  const bytes = encodeHandshake({ infoHash: new Uint8Array(20), peerId: new Uint8Array(20), supportsDht: false })
  expect(decodeHandshake(bytes.subarray(0, 67))).toEqual({ ok: false, fault: 'a handshake of 67 bytes instead of 68' })
  bytes[19] = 0x4c
  expect(decodeHandshake(bytes)).toEqual({ ok: false, fault: 'not the BitTorrent protocol' })
})

test('the values are copies, because the bytes are those of a shared buffer', () => {
  const bytes = encodeHandshake({ infoHash: new Uint8Array(20).fill(1), peerId: new Uint8Array(20).fill(2), supportsDht: false })
  const handshake = decodeHandshake(bytes)
  bytes.fill(0)
  expect(handshake).toMatchObject({ value: { infoHash: new Uint8Array(20).fill(1), peerId: new Uint8Array(20).fill(2) } })
})

test('the first wrong byte tells that no handshake will come', () => {
  const bytes = Buffer.from(encodeHandshake({ infoHash: new Uint8Array(20), peerId: new Uint8Array(20), supportsDht: false }))
  for (let length = 0; length <= bytes.length; length++) expect(startsLikeHandshake(bytes, length)).toBe(true)
  expect(startsLikeHandshake(Buffer.from('GET / HTTP/1.1'), 1)).toBe(false)
  expect(startsLikeHandshake(Buffer.from('\x13BitTorrent Protocol'), 13)).toBe(false)
})
