import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toHex } from '../../src/base/bytes.ts'
import { parseIdentifier } from '../../src/torrent/identifier.ts'
import { parseInfoHash } from '../../src/torrent/info-hash.ts'

const HEX = '0123456789abcdef0123456789abcdef01234567'
const BASE32 = 'AERUKZ4JVPG66AJDIVTYTK6N54ASGRLH'
const HASH_V2 = HEX.slice(0, 32).repeat(2)

describe('parseIdentifier', () => {
  it.each([`magnet:?xt=urn:btih:${HEX}`, ` "MAGNET:?xt=urn:btih:${BASE32}"`, `stream-magnet:?xt=urn:btih:${HEX}\n`])(
    'takes %j for a magnet',
    (text) => {
      const id = parseIdentifier(text)
      expect(id.kind === 'magnet' && toHex(id.magnet.infoHash ?? new Uint8Array())).toBe(HEX)
    },
  )

  it.each([HEX, HEX.toUpperCase(), BASE32, BASE32.toLowerCase(), `${HEX}\n`])('takes %j for an info-hash', (text) => {
    const id = parseIdentifier(text)
    expect(id.kind === 'info-hash' && toHex(id.infoHash)).toBe(HEX)
  })

  it.each([HASH_V2, HASH_V2.toUpperCase(), `1220${HASH_V2}`, ` 1220${HASH_V2}\n`])('takes %j for a v2 info-hash', (text) => {
    const id = parseIdentifier(text)
    expect(id.kind === 'v2-info-hash' && toHex(id.infoHashV2)).toBe(HASH_V2)
  })

  it.each([
    ['http://x.example/a.torrent', 'http://x.example/a.torrent'],
    ['HTTPS://X.example:8443/a b', 'https://x.example:8443/a%20b'],
  ])('takes %j for a URL', (text, url) => {
    expect(parseIdentifier(text)).toEqual({ kind: 'url', url })
  })

  it.each([
    'a.torrent',
    './-x',
    '/tmp/a b.torrent',
    `./${HEX}`,
    `${HEX}.torrent`,
    'C:\\x.torrent',
    'dir/magnet:?',
    ' leading',
    'http',
    'deadbeef',
  ])('takes %j for a path, as it is', (text) => {
    expect(parseIdentifier(text)).toEqual({ kind: 'path', path: text })
  })

  it.each([
    ['', 'USAGE'],
    ['  ', 'USAGE'],
    ['-', 'USAGE'],
    ['--help', 'USAGE'],
    ['a\0b', 'USAGE'],
    ['ftp://x.example/a.torrent', 'USAGE'],
    ['file:///etc/passwd', 'USAGE'],
    ['http://', 'USAGE'],
    ['http://[x', 'USAGE'],
    ['magnet:?dn=x', 'MAGNET_INVALID'],
    [HEX.slice(1), 'MAGNET_INVALID'],
    [`${HEX}0`, 'MAGNET_INVALID'],
    ['z'.repeat(40), 'MAGNET_INVALID'],
    [`${BASE32.slice(1)}1`, 'MAGNET_INVALID'],
    ['magnet:?'.padEnd(70_000, 'x'), 'LIMIT_EXCEEDED'],
  ])('refuses %j', (text, code) => {
    expect(() => parseIdentifier(text)).toThrow(expect.objectContaining({ code }))
  })
})

describe('parseInfoHash', () => {
  it('reads back every hash in both spellings', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), (bytes) => {
        expect(parseInfoHash(toHex(bytes))).toEqual(bytes)
        const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
        const base32 = (bits.match(/.{5}/g) ?? []).map((five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(five, 2)]).join('')
        expect(parseInfoHash(base32)).toEqual(bytes)
        expect(parseInfoHash(base32.toLowerCase())).toEqual(bytes)
      }),
    )
  })

  it('reads nothing else', () => {
    const sha256 = createHash('sha256').update('x').digest('hex')
    for (const text of ['', HEX.slice(1), `${HEX}0`, `${HEX.slice(1)}g`, BASE32.slice(1), `${BASE32.slice(1)}0`, sha256]) {
      expect(parseInfoHash(text)).toBeUndefined()
    }
  })
})
