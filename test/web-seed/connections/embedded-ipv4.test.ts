import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { firstRules, mayAsk, reachOf } from '../../../src/web-seed/connections/address-rules.ts'
import { meanings } from '../../../src/web-seed/connections/embedded-ipv4.ts'

/** Addresses of all kinds, those with rules of their own often. */
const ipv4 = fc.oneof(
  fc.ipV4(),
  fc.constantFrom('169.254.169.254', '168.63.129.16', '127.0.0.1', '10.1.2.3', '192.168.0.1', '8.8.8.8', '0.0.0.0', '224.0.0.1'),
)

const forms: readonly (readonly [string, (address: string) => string])[] = [
  ['IPv4-mapped', (address) => `::ffff:${address}`],
  ['IPv4-translated', (address) => `::ffff:0:${address}`],
  ['NAT64', (address) => `64:ff9b::${address}`],
  ['NAT64 of our own network', (address) => `64:ff9b:1::${address}`],
  ['NAT64 of our own network, another prefix', (address) => `64:ff9b:1:fffe::${address}`],
  ['6to4', (address) => `2002:${hexOf(address).replace(/^(....)/, '$1:')}::1`],
  ['Teredo', (address) => `2001:0:4136:e378:8000:63bf:${hexOf(address, 0xff).replace(/^(....)/, '$1:')}`],
  ['Teredo server', (address) => `2001:0:${hexOf(address).replace(/^(....)/, '$1:')}:8000:63bf:f7f7:f7f7`],
  ['ISATAP', (address) => `2a00:1450::5efe:${address}`],
  ['ISATAP, unique', (address) => `2a00:1450::200:5efe:${address}`],
]

const everyRules = [
  firstRules(new URL('http://host.example/'), 'operator'),
  firstRules(new URL('http://169.254.169.254/'), 'operator'),
  firstRules(new URL('http://host.example/?x'), 'torrent'),
  { scope: 'private', typedHost: undefined, because: undefined } as const,
]

describe.each(forms)('an IPv4 address in IPv6 (%s)', (_name, embed) => {
  test('is judged as the IPv4 address is', () => {
    fc.assert(
      fc.property(ipv4, (address) => {
        expect(reachOf(embed(address))).toBe(reachOf(address))
        for (const rules of everyRules) expect(mayAsk(embed(address), rules)).toBe(mayAsk(address, rules))
      }),
    )
  })
})

test.each([
  [48, [6, 7, 9, 10]],
  [56, [7, 9, 10, 11]],
  [64, [9, 10, 11, 12]],
  [96, [12, 13, 14, 15]],
] as const)(
  'an address behind a prefix of %i bits of our own network is never asked where it may not be, whatever fills the rest',
  (_bits, places) => {
    const filling = fc.uint8Array({ minLength: 16, maxLength: 16 })
    fc.assert(
      fc.property(
        ipv4.filter((address) => reachOf(address) !== 'public' && !/^0|^2[2-5]\d\./.test(address)),
        filling,
        (address, rest) => {
          rest.set([0x00, 0x64, 0xff, 0x9b, 0x00, 0x01])
          address.split('.').forEach((part, index) => {
            rest[places[index] ?? 0] = Number(part)
          })
          const text = Array.from({ length: 8 }, (_, group) => Buffer.from(rest).toString('hex', group * 2, group * 2 + 2)).join(':')
          expect(mayAsk(text, { scope: 'public', typedHost: undefined, because: undefined })).toBe(false)
        },
      ),
    )
  },
)

test('an address of our own or of this link stays one when there is an IPv4 address in it', () => {
  expect(reachOf('fd00::5efe:8.8.8.8')).toBe('private')
  expect(mayAsk('fe80::5efe:8.8.8.8', firstRules(new URL('http://host.example/'), 'operator'))).toBe(false)
})

test('every address means something', () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.uint8Array({ minLength: 4, maxLength: 4 })), (bytes) => {
      for (const meaning of meanings(bytes)) expect([4, 16]).toContain(meaning.length)
    }),
  )
})

function hexOf(address: string, mask = 0): string {
  return Buffer.from(address.split('.').map((part) => Number(part) ^ mask)).toString('hex')
}
