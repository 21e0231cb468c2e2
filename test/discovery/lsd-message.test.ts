import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toHex } from '../../src/base/bytes.ts'
import { decodeLsdMessage, encodeLsdMessage, MAX_LSD_BYTES } from '../../src/discovery/lsd-message.ts'

const group = '239.192.152.143:6771'
const hash = '0123456789abcdef0123456789abcdef01234567'

describe('an announcement on the local network', () => {
  test('is read as it was written', () => {
    const infoHash = fc.uint8Array({ minLength: 20, maxLength: 20 })
    const cookie = fc.stringMatching(/^[0-9a-z]{1,64}$/)
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 65_535 }),
        fc.uniqueArray(infoHash, { minLength: 1, maxLength: 20, selector: toHex }),
        cookie,
        (port, hashes, sent) => {
          const bytes = encodeLsdMessage(group, port, hashes, sent)
          expect(bytes.length).toBeLessThanOrEqual(MAX_LSD_BYTES)
          expect(decodeLsdMessage(bytes)).toEqual({ ok: true, value: { group, port, infoHashes: hashes.map(toHex), cookie: sent } })
        },
      ),
    )
  })

  test('is read from clients that write it a little differently', () => {
    const text = `BT-SEARCH * HTTP/1.1\r\nhost:${group}\r\nPORT:  6881\r\nX-Other: anything at all\r\nInfohash: ${hash.toUpperCase()}\r\n\r\n\r\n`
    expect(decodeLsdMessage(Buffer.from(text))).toEqual({ ok: true, value: { group, port: 6881, infoHashes: [hash], cookie: undefined } })
  })

  test('names each info-hash once', () => {
    const read = decodeLsdMessage(message({ 'Infohash ': '' }, `Infohash: ${hash}\r\nInfohash: ${hash.toUpperCase()}\r\n`))
    expect(read).toMatchObject({ ok: false })
    expect(decodeLsdMessage(message({}, `Infohash: ${hash.toUpperCase()}\r\n`))).toMatchObject({ ok: true, value: { infoHashes: [hash] } })
  })

  test.each([
    ['another request line', 'BT-SEARCH * HTTP/1.0\r\n\r\n'],
    ['another method', `M-SEARCH * HTTP/1.1\r\nHost: ${group}\r\nPort: 1\r\nInfohash: ${hash}\r\n\r\n`],
    ['line feeds alone', `BT-SEARCH * HTTP/1.1\nHost: ${group}\nPort: 1\nInfohash: ${hash}\n\n`],
    ['no empty line', `BT-SEARCH * HTTP/1.1\r\nHost: ${group}\r\nPort: 1\r\nInfohash: ${hash}\r\n`],
    ['nothing', ''],
  ])('with %s is refused', (_, text) => {
    expect(decodeLsdMessage(Buffer.from(text)).ok).toBe(false)
  })

  test.each(['0', '65536', '-1', '1.5', '01', '', ' ', '6881x', '99999999999'])('with the port %j is refused', (port) => {
    expect(decodeLsdMessage(message({ Port: port })).ok).toBe(false)
  })

  test.each(['', hash.slice(1), `${hash}0`, `${hash.slice(1)}g`, `${hash.slice(1)}é`])('with the info-hash %j is refused', (infoHash) => {
    expect(decodeLsdMessage(message({ Infohash: infoHash })).ok).toBe(false)
  })

  test.each(['Host', 'Port', 'Infohash'])('without %s is refused', (name) => {
    expect(decodeLsdMessage(message({ [name]: undefined })).ok).toBe(false)
  })

  test.each([
    'Host: other',
    'Port: 2',
    'cookie: one\r\ncookie: two',
    `cookie: ${'x'.repeat(65)}`,
    'no colon',
    'Bad Name: x',
    'X: \u0001',
    ': x',
  ])('with the line %j beside the others is refused', (line) => {
    expect(decodeLsdMessage(message({}, `${line}\r\n`)).ok).toBe(false)
  })

  test('with 33 info-hashes, or longer than a datagram may be, is refused', () => {
    const more = Array.from({ length: 32 }, () => `Infohash: ${hash}\r\n`).join('')
    expect(decodeLsdMessage(message({}, more)).ok).toBe(false)
    expect(decodeLsdMessage(message({ 'X-Padding': 'x'.repeat(1_400) })).ok).toBe(false)
  })

  test('that is anything else is refused without an exception', () => {
    const mutated = fc.tuple(fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 5 }), fc.nat(250)).map(([changes, length]) => {
      const bytes = Uint8Array.from(message({}))
      for (const [place, value] of changes) bytes[place % bytes.length] = value
      return bytes.subarray(0, Math.max(1, length))
    })
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 300 })), (bytes) => {
        const read = decodeLsdMessage(bytes)
        if (read.ok) expect(read.value.infoHashes.every((infoHash) => /^[0-9a-f]{40}$/.test(infoHash))).toBe(true)
      }),
      { numRuns: 1_000 },
    )
  })
})

/** A sound announcement with some headers replaced or, if undefined, left out, and more lines behind them. */
function message(headers: Readonly<Record<string, string | undefined>>, more = ''): Uint8Array {
  const lines = Object.entries({ Host: group, Port: '6881', Infohash: hash, ...headers })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`BT-SEARCH * HTTP/1.1\r\n${lines.join('')}${more}\r\n`, 'latin1')
}
