import fc from 'fast-check'
import parseTorrent from 'parse-torrent'
import { describe, expect, it } from 'vitest'
import { toHex } from '../../src/base/bytes.ts'
import { DistroError, type ErrorCode } from '../../src/base/errors.ts'
import { formatMagnet, type MagnetFields, parseMagnet } from '../../src/torrent/magnet.ts'

const HEX = '0123456789abcdef0123456789abcdef01234567'
const BASE32 = 'AERUKZ4JVPG66AJDIVTYTK6N54ASGRLH'
const XT = `magnet:?xt=urn:btih:${HEX}`
const HASH_V2 = HEX.slice(0, 32).repeat(2)
const XT2 = `magnet:?xt=urn:btmh:1220${HASH_V2}`
const hexOf = (bytes: Uint8Array | undefined): string | undefined => (bytes === undefined ? undefined : toHex(bytes))

function failure(text: string): { code: ErrorCode; message: string } {
  try {
    parseMagnet(text)
  } catch (error) {
    if (error instanceof DistroError) return error
    throw error
  }
  return expect.fail('the magnet is read')
}

describe('parseMagnet', () => {
  it('reads every parameter that it knows', () => {
    const magnet = parseMagnet(
      `${XT}&dn=My+App%20%2B+1&tr=http%3A%2F%2Fa.example%2Fannounce%3Fkey%3D1&tr=udp://b.example:1337` +
        '&x.pe=10.0.0.1:6881&x.pe=%5B2001:db8::1%5D:51413&x.pe=seed.example:1&ws=https://w.example/a%2520b&so=7,0-2,4',
    )
    expect(hexOf(magnet.infoHash)).toBe(HEX)
    expect(magnet).toMatchObject({
      name: 'My App + 1',
      trackers: ['http://a.example/announce?key=1', 'udp://b.example:1337'],
      peers: [
        { host: '10.0.0.1', port: 6881 },
        { host: '2001:db8::1', port: 51413 },
        { host: 'seed.example', port: 1 },
      ],
      webSeeds: ['https://w.example/a%20b'],
      selectedFiles: [
        { first: 0, last: 2 },
        { first: 4, last: 4 },
        { first: 7, last: 7 },
      ],
      warnings: [],
    })
  })

  it('reads a magnet of nothing but its info-hash', () => {
    const magnet = parseMagnet(XT)
    expect(magnet).toEqual({
      infoHash: magnet.infoHash,
      infoHashV2: undefined,
      name: undefined,
      trackers: [],
      peers: [],
      webSeeds: [],
      selectedFiles: [],
      warnings: [],
    })
  })

  it.each([
    ['an upper-case scheme', XT.replace('magnet', 'MAGNET')],
    ['stream-magnet', `stream-${XT}`],
    ['white space around it', `  ${XT}\r\n`],
    ['double quotes', `"${XT}"\n`],
    ['single quotes', `'${XT}'`],
    ['upper-case hexadecimal', XT.replace(HEX, HEX.toUpperCase())],
    ['base32', XT.replace(HEX, BASE32)],
    ['lower-case base32', XT.replace(HEX, BASE32.toLowerCase())],
    ['an upper-case key and URN', XT.replace('xt=urn:btih', 'XT=URN:BTIH')],
    ['an escaped URN', XT.replace('urn:btih:', 'urn%3Abtih%3A')],
    ['a numbered topic', XT.replace('xt=', 'xt.1=')],
    ['the same topic twice', `${XT}&xt=urn:btih:${BASE32}`],
    ['topics of other networks', `${XT}&xt=urn:sha1:YNCKHTQCWBTRNJIV4WNAE52SJUQCZO5C&xt=urn:btmh:1220${'a'.repeat(64)}`],
    ['empty and unknown parameters', `${XT}&&x&=y&foo=bar&__proto__=x&toString=1&kt=a+b&xl=5`],
  ])('accepts %s', (_, text) => {
    expect(hexOf(parseMagnet(text).infoHash)).toBe(HEX)
  })

  it.each([
    ['v2 only', XT2, undefined],
    ['upper case', XT2.toUpperCase(), undefined],
    ['both of a hybrid', `${XT}&${XT2.slice('magnet:?'.length)}`, HEX],
    ['both in the other order', `${XT2}&xt=urn:btih:${HEX}`, HEX],
    ['the same topic twice', `${XT2}&xt.2=urn:btmh:1220${HASH_V2.toUpperCase()}`, undefined],
  ])('reads the v2 info-hash: %s', (_, text, v1) => {
    const { infoHash, infoHashV2 } = parseMagnet(text)
    expect([hexOf(infoHash), hexOf(infoHashV2)]).toEqual([v1, HASH_V2])
  })

  it.each<[string, string, ErrorCode, string]>([
    ['no magnet', 'http://x.example', 'MAGNET_INVALID', 'does not start with "magnet:?"'],
    ['an empty text', '', 'MAGNET_INVALID', 'does not start with'],
    ['nothing after the scheme', 'magnet:?', 'MAGNET_INVALID', 'no BitTorrent info-hash'],
    ['no topic', 'magnet:?dn=x', 'MAGNET_INVALID', 'no BitTorrent info-hash'],
    ['a topic of another network', 'magnet:?xt=urn:ed2k:31D6CFE0D16AE931B73C59D7E0C089C0', 'MAGNET_INVALID', 'no BitTorrent info-hash'],
    ['39 characters', XT.slice(0, -1), 'MAGNET_INVALID', 'must be 40 hexadecimal or 32 base32'],
    ['41 characters', `${XT}0`, 'MAGNET_INVALID', 'must be 40 hexadecimal or 32 base32'],
    ['40 characters that are not hexadecimal', `magnet:?xt=urn:btih:${'z'.repeat(40)}`, 'MAGNET_INVALID', 'must be 40 hexadecimal'],
    ['base32 with an 8', `magnet:?xt=urn:btih:${BASE32.slice(1)}8`, 'MAGNET_INVALID', 'must be 40 hexadecimal'],
    ['an empty info-hash', 'magnet:?xt=urn:btih:', 'MAGNET_INVALID', 'must be 40 hexadecimal'],
    ['two info-hashes', `${XT}&xt=urn:btih:${'f'.repeat(40)}`, 'MAGNET_INVALID', 'two different info-hashes'],
    ['a bad percent escape', `${XT}&dn=a%2`, 'MAGNET_INVALID', `at character ${XT.length + 6}`],
    ['another bad percent escape', `${XT}&tr=%zz`, 'MAGNET_INVALID', `at character ${XT.length + 5}`],
    ['escapes that are not UTF-8', `${XT}&dn=%ff`, 'MAGNET_INVALID', 'not UTF-8 after character'],
    ['63 characters', XT2.slice(0, -1), 'MAGNET_INVALID', 'must be 1220 and 64 hexadecimal'],
    ['65 characters', `${XT2}0`, 'MAGNET_INVALID', 'must be 1220 and 64 hexadecimal'],
    ['another hash function', XT2.replace(':1220', ':1420'), 'MAGNET_INVALID', 'must be 1220 and 64 hexadecimal'],
    ['a v2 info-hash without its tag', XT2.replace(':1220', ':'), 'MAGNET_INVALID', 'must be 1220 and 64 hexadecimal'],
    ['a malformed v2 info-hash beside a sound one', `${XT}&xt=urn:btmh:1220`, 'MAGNET_INVALID', 'must be 1220 and 64 hexadecimal'],
    ['two v2 info-hashes', `${XT2}&xt=urn:btmh:1220${'f'.repeat(64)}`, 'MAGNET_INVALID', 'two different info-hashes'],
    ['a public key', `magnet:?xs=urn:btpk:${'a'.repeat(64)}`, 'TORRENT_UNSUPPORTED', 'public key'],
    ['a selection that is no list', `${XT}&so=a`, 'MAGNET_INVALID', 'file selection (so)'],
    ['a selection that runs backwards', `${XT}&so=5-3`, 'MAGNET_INVALID', 'file selection (so)'],
    ['a selection with a gap', `${XT}&so=1,,2`, 'MAGNET_INVALID', 'file selection (so)'],
    ['a huge selection', `${XT}&so=0-1000000000`, 'LIMIT_EXCEEDED', 'selects file 1000000000'],
    ['more than 64 KiB', `${XT}&dn=${'x'.repeat(65_536)}`, 'LIMIT_EXCEEDED', 'more than 65536'],
    ['200,000 trackers', `${XT}${'&tr=udp://x:1'.repeat(200_000)}`, 'LIMIT_EXCEEDED', 'more than 65536'],
    ['2,001 parameters', `${XT}${'&a=b'.repeat(2_000)}`, 'LIMIT_EXCEEDED', 'more than 2000 parameters'],
  ])('refuses %s', (_, text, code, message) => {
    expect(failure(text)).toMatchObject({ code, message: expect.stringContaining(message) })
  })

  it.each([
    ['tr', ['javascript:x', 'file:///etc/passwd', 'x', '', 'ftp://a.example/', 'udp://a.example:0', 'http://a.example/%0ax']],
    ['ws', ['udp://a.example:1', 'file:///etc', 'http://']],
    [
      'x.pe',
      [
        '10.0.0.1',
        '10.0.0.1:0',
        '10.0.0.1:99999',
        '[fe80::1%25eth0]:1',
        '::1:5',
        '[::g]:5',
        'a b:1',
        '-a:1',
        '1.2.3:5',
        '0x7f.1:5',
        '1.2.3.256:1',
        '01.2.3.4:1',
        ':5',
        'a..b:1',
      ],
    ],
  ])('leaves out what is not a sound %s, and says so once', (key, values) => {
    const magnet = parseMagnet(`${XT}${values.map((value) => `&${key}=${value}`).join('')}`)
    expect(magnet).toMatchObject({ trackers: [], webSeeds: [], peers: [] })
    expect(magnet.warnings).toEqual([expect.stringContaining(`${values.length} of the magnet's`)])
  })

  it('keeps at most 100 of a kind, each once', () => {
    const magnet = parseMagnet(`${XT}${Array.from({ length: 300 }, (_, index) => `&tr=udp://${index % 150}:1`).join('')}`)
    expect(new Set(magnet.trackers).size).toBe(100)
    expect(magnet.trackers).toHaveLength(100)
    expect(magnet.warnings).toEqual([expect.stringContaining('100 of the magnet')])
  })

  it('gives addresses in their shortest form', () => {
    const { peers } = parseMagnet(`${XT}&x.pe=[2001:0DB8:0:0:0:0:0:1]:5&x.pe=[2001:db8::1]:5&x.pe=HOST.example:5`)
    expect(peers).toEqual([
      { host: '2001:db8::1', port: 5 },
      { host: 'host.example', port: 5 },
    ])
  })

  it('keeps a hostile name as it is, but short', () => {
    expect(parseMagnet(`${XT}&dn=..%2F%1b%5b31m%E2%80%AE`).name).toBe('../\x1b[31m\u202e')
    expect(parseMagnet(`${XT}&dn=${'x'.repeat(10_000)}`).name).toHaveLength(1_000)
  })

  it('joins ranges that touch or overlap and never expands them', () => {
    expect(parseMagnet(`${XT}&so=5-199999,3,0-1,2,4-6`).selectedFiles).toEqual([{ first: 0, last: 199_999 }])
    expect(parseMagnet(`${XT}&so=9&so=1-2`).selectedFiles).toEqual([
      { first: 1, last: 2 },
      { first: 9, last: 9 },
    ])
  })

  it('ends with a magnet or a named error, whatever it is given', () => {
    const piece = fc.oneof(
      fc.constantFrom(XT, '&', '=', '%', 'tr', 'dn', 'x.pe', 'so', '1-2', '%41', ':', '[::1]:5', 'urn:btih:', '+'),
      fc.string(),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        for (const text of [pieces.join(''), `${XT}&${pieces.join('')}`]) {
          try {
            parseMagnet(text)
          } catch (error) {
            expect(error).toBeInstanceOf(DistroError)
          }
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('formatMagnet', () => {
  it('writes the parameters in their order, each encoded once', () => {
    const text = formatMagnet({
      infoHash: parseMagnet(XT).infoHash,
      name: "It's a + & \u202e(1)",
      trackers: ['http://a.example/announce?key=1%20'],
      peers: [
        { host: '10.0.0.1', port: 6881 },
        { host: '2001:db8::1', port: 51413 },
      ],
      webSeeds: ['https://w.example/a%20b/'],
    })
    expect(text).toBe(
      `${XT}&dn=It%27s%20a%20%2B%20%26%20%E2%80%AE%281%29&tr=http%3A%2F%2Fa.example%2Fannounce%3Fkey%3D1%2520` +
        '&x.pe=10.0.0.1:6881&x.pe=[2001:db8::1]:51413&ws=https%3A%2F%2Fw.example%2Fa%2520b%2F',
    )
  })

  it('writes only what there is', () => {
    expect(formatMagnet({ infoHash: parseMagnet(XT).infoHash })).toBe(XT)
    expect(formatMagnet({ infoHash: parseMagnet(XT).infoHash, name: undefined, trackers: [] })).toBe(XT)
  })

  it('replaces half characters, which have no encoding', () => {
    expect(formatMagnet({ infoHash: parseMagnet(XT).infoHash, name: 'a\ud800' })).toBe(`${XT}&dn=a%EF%BF%BD`)
  })

  const host = fc.oneof(fc.ipV4(), fc.constantFrom('2001:db8::1', '::1', 'seed.example', 'a-b.example'))
  const url = fc
    .tuple(fc.constantFrom('http', 'https'), fc.stringMatching(/^[a-z%&=?+,;#'() -]{0,20}$/))
    .map(([scheme, path]) => `${scheme}://h.example/${path}`.trim())
  const fields: fc.Arbitrary<MagnetFields> = fc.record({
    infoHash: fc.uint8Array({ minLength: 20, maxLength: 20 }),
    name: fc.option(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), { nil: undefined }),
    trackers: fc.uniqueArray(url, { maxLength: 5 }),
    peers: fc.uniqueArray(fc.record({ host, port: fc.integer({ min: 1, max: 65_535 }) }), {
      maxLength: 5,
      selector: (peer) => JSON.stringify(peer),
    }),
    webSeeds: fc.uniqueArray(url, { maxLength: 5 }),
  })

  it('writes what parseMagnet reads back', () => {
    fc.assert(
      fc.property(fields, (magnet) => {
        expect(parseMagnet(formatMagnet(magnet))).toEqual({ ...magnet, infoHashV2: undefined, selectedFiles: [], warnings: [] })
      }),
    )
  })

  it('writes the info-hashes of v2 and hybrid torrents as parseMagnet reads them', () => {
    const hash = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
    fc.assert(
      fc.property(fc.option(hash(20), { nil: undefined }), hash(32), (infoHash, infoHashV2) => {
        expect(parseMagnet(formatMagnet({ infoHash, infoHashV2 }))).toMatchObject({ infoHash, infoHashV2 })
      }),
    )
  })

  it('writes what the parse-torrent package reads in the same way', async () => {
    await fc.assert(
      fc.asyncProperty(fields, async (magnet) => {
        // The package turns a decoded plus into a space.
        fc.pre(magnet.name?.includes('+') !== true)
        const theirs = await parseTorrent(formatMagnet(magnet))
        expect(theirs.infoHash).toBe(hexOf(magnet.infoHash))
        expect(theirs.name).toBe(magnet.name)
        expect(theirs.announce).toEqual(magnet.trackers)
        expect(theirs.urlList).toEqual(magnet.webSeeds)
        expect(theirs.peerAddresses).toHaveLength(magnet.peers?.length ?? 0)
      }),
    )
  })
})

describe('the parse-torrent package', () => {
  it.each([
    XT,
    XT.replace(HEX, BASE32),
    `stream-${XT}&dn=A+b%20c`,
    `${XT}&tr=udp%3A%2F%2Fa.example%3A1&tr=http%3A%2F%2Fb.example%2Fx&ws=http%3A%2F%2Fw.example%2F&so=0,2,4-6&x.pe=10.0.0.1:5`,
  ])('reads the same from %s', async (text) => {
    const theirs = await parseTorrent(text)
    const ours = parseMagnet(text)
    expect(hexOf(ours.infoHash)).toBe(theirs.infoHash)
    expect(ours.name).toBe(theirs.name)
    expect(ours.trackers).toEqual(theirs.announce)
    expect(ours.webSeeds).toEqual(theirs.urlList)
    expect(ours.peers.map(({ host, port }) => `${host}:${port}`)).toEqual(theirs.peerAddresses)
    const files = ours.selectedFiles.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, step) => first + step))
    expect(files).toEqual(theirs.so ?? [])
  })
})
