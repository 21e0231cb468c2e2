import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hostFromBytes, hostToBytes, isLoopback, plainHost } from '../../src/wire/compact-address.ts'

describe('the text of an address', () => {
  test.each([
    ['7f000001', '127.0.0.1'],
    ['c0a80001', '192.168.0.1'],
    ['00000000000000000000000000000000', '::'],
    ['00000000000000000000000000000001', '::1'],
    ['20010db8000000000000000000000001', '2001:db8::1'],
    ['20010db8000000010001000100010001', '2001:db8:0:1:1:1:1:1'],
    ['20010000000000010000000000000001', '2001:0:0:1::1'],
    ['fe800000000000000000000000000000', 'fe80::'],
    ['00000000000000000000ffff7f000001', '127.0.0.1'],
  ])('%s is %s', (hex, host) => {
    expect(hostFromBytes(Buffer.from(hex, 'hex'))).toBe(host)
  })

  test('any other length is none', () => {
    for (const length of [0, 3, 5, 15, 17]) expect(hostFromBytes(new Uint8Array(length))).toBeUndefined()
  })
})

describe('the bytes of an address', () => {
  test.each([
    ['10.1.2.3', '0a010203'],
    ['::1', '00000000000000000000000000000001'],
    ['fe80::1%eth0', 'fe800000000000000000000000000001'],
    ['2001:db8:1:2:3:4:5:6', '20010db8000100020003000400050006'],
    ['64:ff9b::192.0.2.33', '0064ff9b0000000000000000c0000221'],
  ])('%s is %s', (host, hex) => {
    expect(Buffer.from(hostToBytes(host) ?? []).toString('hex')).toBe(hex)
  })

  test.each(['', 'localhost', '1.2.3', '1.2.3.4.5', '1::2::3', '256.1.1.1'])('%o has none', (host) => {
    expect(hostToBytes(host)).toBeUndefined()
  })

  test('reading back what was written gives the same address', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (host) => {
        const bytes = hostToBytes(host) as Uint8Array
        const shortest = hostFromBytes(bytes) as string
        const isMapped = bytes.length === 16 && !shortest.includes(':')
        expect(hostToBytes(shortest)).toEqual(isMapped ? bytes.subarray(12) : bytes)
      }),
    )
  })

  test('the shortest form is the one that URLs use', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        const host = hostFromBytes(bytes) as string
        fc.pre(host.includes(':'))
        expect(new URL(`http://[${host}]/`).hostname).toBe(`[${host}]`)
      }),
    )
  })
})

test('an IPv4 address inside an IPv6 one is shown as IPv4', () => {
  expect(plainHost('::ffff:10.0.0.1')).toBe('10.0.0.1')
  expect(plainHost('::FFFF:10.0.0.1')).toBe('10.0.0.1')
  expect(plainHost('2001:db8::1')).toBe('2001:db8::1')
  expect(plainHost('10.0.0.1')).toBe('10.0.0.1')
})

test('loopback is 127.0.0.0/8 and ::1', () => {
  expect(['127.0.0.1', '127.8.9.10', '::1'].every(isLoopback)).toBe(true)
  expect(['128.0.0.1', '::2', '10.127.0.1'].some(isLoopback)).toBe(false)
})
