import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Bencodable, encodeBencode } from '../../src/torrent/bencode.ts'
import { hostFromBytes } from '../../src/wire/compact-address.ts'
import type { ExchangedPeer, PeerExchangeMessage } from '../../src/wire/extension-messages.ts'
import { decodePeerExchange, encodePeerExchange } from '../../src/wire/peer-exchange-message.ts'

const port = fc.integer({ min: 1, max: 65_535 })
const hostV4 = fc.tuple(fc.integer({ min: 1, max: 223 }), fc.nat(255), fc.nat(255), fc.nat(255)).map((bytes) => bytes.join('.'))
const hostV6 = fc.uint8Array({ minLength: 14, maxLength: 14 }).map((rest) => hostFromBytes(Uint8Array.of(0x20, 0x01, ...rest)) as string)
const listOf = (host: fc.Arbitrary<string>): fc.Arbitrary<ExchangedPeer[]> =>
  fc.array(fc.record({ host, port, isSeed: fc.boolean() }), { maxLength: 50 })

function peers(count: number, host = (index: number): string => `10.0.${index >> 8}.${index & 255}`): ExchangedPeer[] {
  return Array.from({ length: count }, (_, index) => ({ host: host(index), port: 1_000 + index, isSeed: index % 2 === 1 }))
}

function decodeFields(fields: Record<string, Bencodable>): ReturnType<typeof decodePeerExchange> {
  return decodePeerExchange(encodeBencode(new Map(Object.entries(fields))))
}

test('decoding an encoded message gives it back, IPv4 first', () => {
  fc.assert(
    fc.property(listOf(hostV4), listOf(hostV6), listOf(hostV4), listOf(hostV6), (four, six, droppedFour, droppedSix) => {
      const dropped = [...droppedFour, ...droppedSix].map(({ host, port }) => ({ host, port }))
      const message: PeerExchangeMessage = { added: [...four, ...six], dropped }
      expect(decodePeerExchange(encodePeerExchange(message))).toEqual({ ok: true, value: message })
    }),
    { numRuns: 50 },
  )
})

test('the bytes on the wire are those of BEP 11', () => {
  const message: PeerExchangeMessage = { added: [{ host: '1.2.3.4', port: 0x1a2b, isSeed: true }], dropped: [] }
  expect(Buffer.from(encodePeerExchange(message)).toString('latin1')).toBe(
    'd5:added6:\x01\x02\x03\x04\x1a\x2b7:added.f1:\x026:added60:8:added6.f0:7:dropped0:8:dropped60:e',
  )
})

test('names are left out and at most fifty addresses of each family are sent', () => {
  const added = [
    { host: 'example.org', port: 1, isSeed: false },
    ...peers(60),
    ...peers(60, (index) => `2001:db8::${(index + 1).toString(16)}`),
  ]
  const decoded = decodePeerExchange(encodePeerExchange({ added, dropped: peers(60) })) as { value: PeerExchangeMessage }
  expect(decoded.value.added.filter((peer) => peer.host.includes(':')).length).toBe(50)
  expect(decoded.value.added.length).toBe(100)
  expect(decoded.value.dropped.length).toBe(50)
})

test('of a longer list the first fifty are kept', () => {
  const list = Buffer.concat(Array.from({ length: 200 }, (_, index) => Buffer.from([10, 0, 0, index, 0x1a, 0xe1])))
  const decoded = decodeFields({ added: list, dropped: list }) as { value: PeerExchangeMessage }
  expect(decoded.value.added.map((peer) => peer.host)).toEqual(Array.from({ length: 50 }, (_, index) => `10.0.0.${index}`))
  expect(decoded.value.dropped.length).toBe(50)
})

test.each([
  ['port 0', [10, 0, 0, 1, 0, 0]],
  ['the unspecified address', [0, 0, 0, 0, 0, 80]],
  ['a multicast address', [224, 0, 0, 251, 0, 80]],
  ['the broadcast address', [255, 255, 255, 255, 0, 80]],
])('an entry with %s is left out, and flags stay with their peers', (_title, entry) => {
  const added = Uint8Array.from([...entry, 10, 0, 0, 2, 0, 80])
  expect(decodeFields({ added, 'added.f': Uint8Array.of(0, 2) })).toEqual({
    ok: true,
    value: { added: [{ host: '10.0.0.2', port: 80, isSeed: true }], dropped: [] },
  })
})

test('IPv6 entries that can be no peer are left out, and mapped ones become IPv4', () => {
  const entry = (host: string): number[] => [...Buffer.from(host, 'hex'), 0, 80]
  const added6 = Uint8Array.from([
    ...entry('0'.repeat(32)),
    ...entry(`ff02${'0'.repeat(28)}`),
    ...entry('00000000000000000000ffff0a000001'),
  ])
  expect(decodeFields({ added6 })).toEqual({
    ok: true,
    value: { added: [{ host: '10.0.0.1', port: 80, isSeed: false }], dropped: [] },
  })
})

test('missing lists are empty ones and missing flags are none', () => {
  expect(decodeFields({})).toEqual({ ok: true, value: { added: [], dropped: [] } })
  expect(decodeFields({ added: Uint8Array.of(10, 0, 0, 1, 0, 80), 'added.f': new Uint8Array(0) })).toMatchObject({
    value: { added: [{ isSeed: false }] },
  })
})

describe('a message is refused when', () => {
  test.each<[string, Record<string, Bencodable>]>([
    ['a list is no multiple of 6 bytes', { added: new Uint8Array(7) }],
    ['a list is no multiple of 18 bytes', { dropped6: new Uint8Array(17) }],
    ['a list is an integer', { added: 6 }],
    ['a list is a list', { dropped: [1] }],
  ])('%s', (_title, fields) => {
    expect(decodeFields(fields).ok).toBe(false)
  })

  test.each(['', 'i1e', 'l-3:', 'd5:added'])('it is %o', (text) => {
    expect(decodePeerExchange(Buffer.from(text)).ok).toBe(false)
  })
})

test('no bytes at all make the decoder throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      decodePeerExchange(bytes)
      decodePeerExchange(
        encodeBencode(
          new Map([
            ['added', bytes],
            ['added6', bytes],
          ]),
        ),
      )
    }),
  )
})
