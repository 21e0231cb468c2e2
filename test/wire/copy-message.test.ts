import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isHostName } from '../../src/base/host-name.ts'
import { isZoneName } from '../../src/base/zone-name.ts'
import { type Bencodable, encodeBencode } from '../../src/torrent/bencode.ts'
import { hostFromBytes, hostToBytes } from '../../src/wire/compact-address.ts'
import { decodeCopyMessage, encodeCopyMessage } from '../../src/wire/copy-message.ts'
import { MAX_COPY_AGE_MS, MAX_COPY_MESSAGE_BYTES } from '../../src/wire/wire-limits.ts'

const hostIds = fc.uint8Array({ minLength: 16, maxLength: 16 })
const hostNames = fc.string({ unit: 'binary', minLength: 1, maxLength: 64 }).filter(isHostName)
const zones = fc.stringMatching(/^[A-Za-z0-9._:/-]{1,64}$/).filter(isZoneName)
const addresses = fc.record({
  host: fc.oneof(
    fc.ipV4(),
    fc.ipV6().map((host) => hostFromBytes(hostToBytes(host) ?? new Uint8Array(16)) ?? '::'),
  ),
  port: fc.integer({ min: 1, max: 65_535 }),
})
const hostId = new Uint8Array(16).fill(0x41)

function decodeFields(fields: Record<string, Bencodable>): ReturnType<typeof decodeCopyMessage> {
  return decodeCopyMessage(encodeBencode(new Map(Object.entries(fields))))
}

test('decoding an encoded message gives it back, and it fits into its limit', () => {
  const messages = fc.record(
    {
      hostId: hostIds,
      hostName: hostNames,
      zone: zones,
      isRelayed: fc.constant(true),
      address: addresses,
      ageMs: fc.integer({ min: 0, max: MAX_COPY_AGE_MS }),
    },
    { requiredKeys: ['hostId'] },
  )
  fc.assert(
    fc.property(messages, (message) => {
      const bytes = encodeCopyMessage(message)
      expect(bytes.length).toBeLessThanOrEqual(MAX_COPY_MESSAGE_BYTES)
      expect(decodeCopyMessage(bytes)).toEqual({ ok: true, value: message })
    }),
  )
})

test('whatever comes is refused, or has an id and at most a name that can be shown', () => {
  const near = fc
    .record({ host: hostIds, name: fc.uint8Array({ maxLength: 80 }) })
    .map((fields) => encodeBencode(new Map(Object.entries(fields))))
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), near), (bytes) => {
      const message = decodeCopyMessage(bytes)
      if (!message.ok) return
      expect(message.value.hostId).toHaveLength(16)
      if (message.value.hostName !== undefined) expect(isHostName(message.value.hostName)).toBe(true)
    }),
  )
})

test('the names on the wire stay what they are', () => {
  const bytes = encodeCopyMessage({ hostId, hostName: 'web-7' })
  expect(Buffer.from(bytes).toString('latin1')).toBe('d4:host16:AAAAAAAAAAAAAAAA4:name5:web-7e')
  const relayed = encodeCopyMessage({ hostId, hostName: 'web-7', zone: 'rack-7', isRelayed: true })
  expect(Buffer.from(relayed).toString('latin1')).toBe('d4:host16:AAAAAAAAAAAAAAAA4:name5:web-75:relayi1e4:zone6:rack-7e')
  const told = encodeCopyMessage({ hostId, isRelayed: true, address: { host: '65.66.67.68', port: 0x4546 }, ageMs: 1_500 })
  expect(Buffer.from(told).toString('latin1')).toBe('d7:address6:ABCDEF3:agei1500e4:host16:AAAAAAAAAAAAAAAA5:relayi1ee')
})

test.each([
  ['an address of five bytes', { address: new Uint8Array(5).fill(1) }],
  ['an empty address', { address: new Uint8Array(0) }],
  ['an address that is a number', { address: 7 }],
  ['port 0', { address: Uint8Array.of(192, 0, 2, 1, 0, 0) }],
  ['a time to come', { age: -1 }],
  ['an age of more than ten years', { age: MAX_COPY_AGE_MS + 1 }],
] satisfies [string, Record<string, Bencodable>][])('%s is not believed, and the copy is', (_title, fields) => {
  expect(decodeFields({ ...fields, host: hostId })).toEqual({ ok: true, value: { hostId } })
})

test('keys that nobody knows yet are not looked at', () => {
  expect(decodeFields({ host: hostId, sig: new Uint8Array(64), zz: 1 })).toEqual({ ok: true, value: { hostId } })
})

test('the id is a copy: the buffer that it came in may be used again', () => {
  const bytes = encodeCopyMessage({ hostId })
  const message = decodeCopyMessage(bytes)
  bytes.fill(0)
  expect(message).toEqual({ ok: true, value: { hostId } })
})

test.each([
  ['no id', {}, 'host is not 16 bytes'],
  ['an id that is short', { host: new Uint8Array(15) }, 'host is not 16 bytes'],
  ['an id that is a number', { host: 7 }, 'host is not 16 bytes'],
  ['a name that is a number', { host: hostId, name: 7 }, 'name is not the name of a host'],
  ['an empty name', { host: hostId, name: new Uint8Array(0) }, 'name is not the name of a host'],
  ['a name that is not UTF-8', { host: hostId, name: Uint8Array.of(0xff) }, 'name is not the name of a host'],
  ['a name that moves the cursor', { host: hostId, name: Buffer.from('\u001b[2J') }, 'name is not the name of a host'],
  ['a name that begins with a byte order mark', { host: hostId, name: Buffer.from('\ufeffweb') }, 'name is not the name of a host'],
  ['a name of 65 characters', { host: hostId, name: Buffer.from('x'.repeat(65)) }, 'name is not the name of a host'],
] satisfies [string, Record<string, Bencodable>, string][])('%s is refused', (_title, fields, fault) => {
  expect(decodeFields(fields)).toEqual({ ok: false, fault })
})

test('keys out of order, and anything behind the dictionary, are refused', () => {
  for (const text of ['d4:name1:x4:host16:AAAAAAAAAAAAAAAAe', 'd4:host16:AAAAAAAAAAAAAAAAe0:', 'le', '']) {
    expect(decodeCopyMessage(Buffer.from(text)).ok).toBe(false)
  }
})
