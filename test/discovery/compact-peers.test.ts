import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ipBytes } from '../../src/base/ip-address.ts'
import { decodeCompactPeers } from '../../src/discovery/compact-peers.ts'

describe('decodeCompactPeers', () => {
  test('reads six bytes a peer', () => {
    const bytes = Uint8Array.of(10, 0, 0, 1, 0x1a, 0xe1, 192, 168, 1, 2, 0, 80)
    expect(decodeCompactPeers(bytes, 4, 10)).toEqual({
      ok: true,
      value: [
        { host: '10.0.0.1', port: 6881 },
        { host: '192.168.1.2', port: 80 },
      ],
    })
  })

  test('reads eighteen bytes a peer', () => {
    const bytes = Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x1a, 0xe1)
    expect(decodeCompactPeers(bytes, 16, 10)).toEqual({ ok: true, value: [{ host: '2001:db8::1', port: 6881 }] })
  })

  test('leaves out port 0', () => {
    expect(decodeCompactPeers(Uint8Array.of(10, 0, 0, 1, 0, 0), 4, 10)).toEqual({ ok: true, value: [] })
  })

  test('refuses what is not a multiple', () => {
    expect(decodeCompactPeers(new Uint8Array(7), 4, 10)).toEqual({ ok: false, fault: '7 bytes of peers, not a multiple of 6' })
    expect(decodeCompactPeers(new Uint8Array(6), 16, 10).ok).toBe(false)
  })

  test('reads as many as it is told to and each of them as it was written', () => {
    const peer = fc.record({ address: fc.uint8Array({ minLength: 16, maxLength: 16 }), port: fc.integer({ min: 1, max: 65_535 }) })
    fc.assert(
      fc.property(fc.array(peer, { maxLength: 30 }), fc.constantFrom(4 as const, 16 as const), fc.nat(30), (peers, addressBytes, limit) => {
        const bytes = Uint8Array.from(peers.flatMap(({ address, port }) => [...address.subarray(0, addressBytes), port >> 8, port & 255]))
        const read = decodeCompactPeers(bytes, addressBytes, limit)
        const expected = peers.slice(0, limit).map(({ address, port }) => ({ bytes: address.slice(0, addressBytes), port }))
        expect(read.ok && read.value.map(({ host, port }) => ({ bytes: ipBytes(host), port }))).toEqual(expected)
      }),
    )
  })
})
