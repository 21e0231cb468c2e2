import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isHostName } from '../../src/base/host-name.ts'
import { isZoneName } from '../../src/base/zone-name.ts'
import { type Bencodable, encodeBencode } from '../../src/torrent/bencode.ts'
import { decodeExtensionHandshake, encodeExtensionHandshake } from '../../src/wire/extension-handshake.ts'
import type { ExtensionHandshake } from '../../src/wire/extension-messages.ts'

const id = fc.option(fc.integer({ min: 1, max: 255 }), { nil: undefined })
const handshakes = fc
  .record(
    {
      extensions: fc.record({ metadata: id, peerExchange: id, dontHave: id, copy: id, copyHeard: id, parts: id, partSums: id }),
      client: fc.stringMatching(/^[a-zA-Z0-9 .µ-]{1,64}$/),
      listenPort: fc.integer({ min: 1, max: 65_535 }),
      requestQueueLimit: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
      yourAddress: fc.oneof(fc.ipV4(), fc.constant('2001:db8::1')),
      metadataSizeBytes: fc.integer({ min: 1, max: 10_000_000 }),
      isUploadOnly: fc.boolean(),
      zone: fc.stringMatching(/^[A-Za-z0-9._:/-]{1,64}$/).filter(isZoneName),
      gathersCopies: fc.boolean(),
      hostName: fc.string({ unit: 'binary', minLength: 1, maxLength: 64 }).filter(isHostName),
    },
    { requiredKeys: ['extensions'] },
  )
  .map((handshake) => handshake as ExtensionHandshake)

/** Decodes a dictionary with these entries. */
function decodeFields(fields: Record<string, Bencodable>): ReturnType<typeof decodeExtensionHandshake> {
  return decodeExtensionHandshake(encodeBencode(new Map(Object.entries(fields))))
}

test('decoding an encoded handshake gives it back', () => {
  fc.assert(
    fc.property(handshakes, (handshake) => {
      expect(decodeExtensionHandshake(encodeExtensionHandshake(handshake))).toEqual({ ok: true, value: handshake })
    }),
  )
})

test('the names on the wire are those of the BEPs, and ours', () => {
  const bytes = encodeExtensionHandshake({
    extensions: { metadata: 1, peerExchange: 2, dontHave: 3, copy: 4, copyHeard: 5, parts: 6, partSums: 7 },
    client: 'distro 1',
    listenPort: 6881,
    requestQueueLimit: 500,
    yourAddress: '10.0.0.1',
    metadataSizeBytes: 1234,
    isUploadOnly: true,
    zone: 'rack-7',
    hostName: 'web-7',
    gathersCopies: true,
  })
  expect(Buffer.from(bytes).toString('latin1')).toBe(
    'd14:distro_gathersi1e11:distro_host5:web-711:distro_zone6:rack-71:md11:distro_copyi4e17:distro_copy_heardi5e16:distro_part_sumsi7e12:distro_partsi6e11:lt_donthavei3e11:ut_metadatai1e6:ut_pexi2ee13:metadata_sizei1234e1:pi6881e4:reqqi500e11:upload_onlyi1e1:v8:distro 16:yourip4:\x0a\x00\x00\x01e',
  )
})

test('an empty dictionary is a handshake that offers nothing', () => {
  expect(decodeFields({})).toEqual({ ok: true, value: { extensions: {} } })
})

test('keys out of order and keys that we do not know are taken as they come', () => {
  const bytes = Buffer.from('d1:v3:abc1:md6:ut_pexi5e7:foo_bari9ee1:eli1e3:xyzee')
  expect(decodeExtensionHandshake(bytes)).toEqual({ ok: true, value: { extensions: { peerExchange: 5 }, client: 'abc' } })
})

test('id 0 turns an extension off, however often it is used', () => {
  const m = new Map(['ut_metadata', 'ut_pex', 'lt_donthave', 'other'].map((name) => [name, 0]))
  expect(decodeFields({ m })).toEqual({ ok: true, value: { extensions: {} } })
})

test('a number of 0 means the same as none', () => {
  expect(decodeFields({ p: 0, reqq: 0, metadata_size: 0 })).toEqual({ ok: true, value: { extensions: {} } })
})

test('an address of a strange length is left out', () => {
  expect(decodeFields({ yourip: new Uint8Array(5) })).toEqual({ ok: true, value: { extensions: {} } })
})

test('sixty-four extensions are taken and sixty-five are not', () => {
  const m = (count: number): Bencodable => new Map(Array.from({ length: count }, (_, index) => [`x${index}`, index]))
  expect(decodeFields({ m: m(64) }).ok).toBe(true)
  expect(decodeFields({ m: m(65) })).toEqual({ ok: false, fault: 'm has 65 entries' })
})

describe('a client name', () => {
  test('loses what could move a cursor or turn the writing direction', () => {
    expect(decodeFields({ v: 'a\u001b[2Jb\u202ec\nd\u0000' })).toMatchObject({ value: { client: 'a?[2Jb?c?d?' } })
  })

  test('keeps letters of other scripts', () => {
    expect(decodeFields({ v: 'µTorrent 3.5 日本' })).toMatchObject({ value: { client: 'µTorrent 3.5 日本' } })
  })

  test('is cut to 64 characters', () => {
    const name = (decodeFields({ v: '💾'.repeat(5_000) }) as { value: ExtensionHandshake }).value.client as string
    expect([...name].length).toBe(64)
  })

  test('that is not UTF-8 is shown with replacement characters', () => {
    expect(decodeFields({ v: Uint8Array.of(0xff, 0x41) })).toMatchObject({ value: { client: '\ufffdA' } })
  })
})

describe('a zone', () => {
  test.each(['a', 'rack-7', 'eu.west/row:3_b', 'Z'.repeat(64)])('is taken: %s', (zone) => {
    expect(decodeFields({ distro_zone: zone })).toEqual({ ok: true, value: { extensions: {}, zone } })
  })

  test.each<[string, Bencodable]>([
    ['it is empty', ''],
    ['it is longer than 64 characters', 'a'.repeat(65)],
    ['it has a space', 'rack 7'],
    ['it has a letter of another script', 'r\u00e4ck'],
    ['it could move a cursor', 'a\u001b[2J'],
    ['it is one of the words that mean something else', 'unknown'],
    ['it is the word for subnets', 'subnet'],
    ['it is a number', 7],
    ['it is a list', ['rack-7']],
  ])('counts as none when %s', (_title, zone) => {
    expect(decodeFields({ distro_zone: zone })).toEqual({ ok: true, value: { extensions: {} } })
  })
})

describe('the name of a host', () => {
  test.each(['web-7', 'wëb.example', 'x'.repeat(64)])('is taken: %s', (hostName) => {
    expect(decodeFields({ distro_host: Buffer.from(hostName) })).toEqual({ ok: true, value: { extensions: {}, hostName } })
  })

  test.each<[string, Bencodable]>([
    ['it is empty', ''],
    ['it is longer than 64 characters', 'x'.repeat(65)],
    ['it moves the cursor', 'a\u001b[2J'],
    ['it is not UTF-8', Uint8Array.of(0xff)],
    ['it is a number', 7],
  ])('counts as none when %s', (_title, hostName) => {
    expect(decodeFields({ distro_host: hostName })).toEqual({ ok: true, value: { extensions: {} } })
  })
})

describe('a handshake is refused when', () => {
  test.each<[string, Record<string, Bencodable>]>([
    ['metadata_size is negative', { metadata_size: -1 }],
    ['metadata_size is a string', { metadata_size: '1000' }],
    ['metadata_size is above 10,000,000', { metadata_size: 10_000_001 }],
    ['metadata_size is 2^31', { metadata_size: 2 ** 31 }],
    ['the port is above 65,535', { p: 65_536 }],
    ['the port is a list', { p: [1] }],
    ['reqq is negative', { reqq: -5 }],
    ['upload_only is a string', { upload_only: 'yes' }],
    ['m is a list', { m: ['ut_pex'] }],
    ['an id is a string', { m: new Map([['ut_pex', '1']]) }],
    ['an id of an extension that we do not know is a list', { m: new Map([['other', [1]]]) }],
    ['an id is negative', { m: new Map([['ut_pex', -1]]) }],
    ['an id is above 255', { m: new Map([['ut_pex', 256]]) }],
  ])('%s', (_title, fields) => {
    expect(decodeFields(fields).ok).toBe(false)
  })

  test.each([
    ['it is empty', ''],
    ['it is a list', 'le'],
    ['a string has a negative length', 'd1:ml-3:ee'],
    ['it is cut off', 'd1:md6:ut_pexi1e'],
    ['bytes follow it', 'dexx'],
    ['a key comes twice', 'd1:pi1e1:pi2ee'],
    ['an integer has a leading zero', 'd1:pi007ee'],
    ['it nests deeply', `d1:e${'l'.repeat(1_000)}${'e'.repeat(1_000)}e`],
  ])('%s', (_title, text) => {
    expect(decodeExtensionHandshake(Buffer.from(text)).ok).toBe(false)
  })
})

test('no bytes at all make the decoder throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      decodeExtensionHandshake(bytes)
      decodeExtensionHandshake(Buffer.concat([Buffer.from('d'), bytes, Buffer.from('e')]))
    }),
  )
})
