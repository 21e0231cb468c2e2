import { isIPv6 } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ipBytes, ipText } from '../../src/base/ip-address.ts'

describe('ipBytes and ipText', () => {
  test.each([
    ['2001:db8::1', '2001:db8::1'],
    ['2001:0DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
    ['1:0:3:4:5:6:7:8', '1:0:3:4:5:6:7:8'],
    ['::ffff:10.1.2.3', '::ffff:a01:203'],
    ['127.0.0.1', '127.0.0.1'],
  ])('reads %s and writes it as %s', (host, shortest) => {
    expect(ipText(ipBytes(host) ?? new Uint8Array())).toBe(shortest)
  })

  test.each(['', 'localhost', '1.2.3', '1.2.3.256', ':::', 'fe80::1%eth0', '[::1]'])('refuses %s', (host) => {
    expect(ipBytes(host)).toBeUndefined()
  })

  test('are inverse to each other for every address', () => {
    fc.assert(
      fc.property(fc.oneof(sparse(16), fc.uint8Array({ minLength: 4, maxLength: 4 })), (bytes) => {
        const text = ipText(bytes)
        expect(bytes.length === 4 || isIPv6(text)).toBe(true)
        expect(ipBytes(text)).toEqual(bytes)
      }),
    )
  })
})

/** Bytes with many zeros, so that the shortened forms come up. */
function sparse(length: number): fc.Arbitrary<Uint8Array> {
  const byte = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(255))
  return fc.array(byte, { minLength: length, maxLength: length }).map((bytes) => Uint8Array.from(bytes))
}
