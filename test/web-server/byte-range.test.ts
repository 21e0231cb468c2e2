import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseByteRange } from '../../src/web-server/byte-range.ts'

describe('a Range header', () => {
  test.each([
    ['bytes=0-0', 10, { start: 0, lengthBytes: 1 }],
    ['bytes=0-9', 10, { start: 0, lengthBytes: 10 }],
    ['bytes=3-', 10, { start: 3, lengthBytes: 7 }],
    ['bytes=3-99', 10, { start: 3, lengthBytes: 7 }],
    ['bytes=3-99999999999999999999999', 10, { start: 3, lengthBytes: 7 }],
    ['bytes=-4', 10, { start: 6, lengthBytes: 4 }],
    ['bytes=-40', 10, { start: 0, lengthBytes: 10 }],
    ['BYTES=1-2', 10, { start: 1, lengthBytes: 2 }],
    ['bytes= 1-2 ', 10, { start: 1, lengthBytes: 2 }],
    ['bytes=,1-2,,', 10, { start: 1, lengthBytes: 2 }],
    ['bytes=9007199254740990-', 2 ** 53, { start: 9_007_199_254_740_990, lengthBytes: 2 }],
    ['bytes=10-', 10, 'unsatisfiable'],
    ['bytes=10-12', 10, 'unsatisfiable'],
    ['bytes=-0', 10, 'unsatisfiable'],
    ['bytes=0-', 0, 'unsatisfiable'],
    [`bytes=${'9'.repeat(400)}-`, 10, 'unsatisfiable'],
    [undefined, 10, 'whole'],
    ['bytes=-5', 0, 'whole'],
    ['bytes=0-1,4-5', 10, 'whole'],
    ['bytes=5-4', 10, 'whole'],
    ['bytes=-', 10, 'whole'],
    ['bytes=', 10, 'whole'],
    ['bytes', 10, 'whole'],
    ['bytes 0-1', 10, 'whole'],
    ['bytes=a-b', 10, 'whole'],
    ['bytes=0x1-2', 10, 'whole'],
    ['bytes=--1', 10, 'whole'],
    ['bytes=1-2-3', 10, 'whole'],
    ['bytes=+1-2', 10, 'whole'],
    ['bytes=1.5-2', 10, 'whole'],
    ['bytes=1 -2', 10, 'whole'],
    ['items=0-1', 10, 'whole'],
  ] as const)('that says %s of %i bytes is read right', (header, lengthBytes, expected) => {
    expect(parseByteRange(header, lengthBytes)).toEqual(expected)
  })

  test('names bytes of the file, and those that it says', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.nat(200), fc.nat(100), (first, last, lengthBytes) => {
        const bytes = Array.from({ length: lengthBytes }, (_, index) => index)
        const expected = last < first ? bytes : bytes.slice(first, last + 1)
        const range = parseByteRange(`bytes=${first}-${last}`, lengthBytes)
        if (range === 'unsatisfiable') expect(first).toBeGreaterThanOrEqual(lengthBytes)
        else expect(range === 'whole' ? bytes : bytes.slice(range.start, range.start + range.lengthBytes)).toEqual(expected)
      }),
    )
  })

  test('never names what is not there, whatever it says', () => {
    const unit = fc.constantFrom('bytes', '=', '-', ',', ' ', '0', '1', '9', '5', 'x', '\t')
    const headers = fc.oneof(
      fc.string(),
      fc.array(unit, { maxLength: 12 }).map((parts) => `bytes=${parts.join('')}`),
    )
    fc.assert(
      fc.property(headers, fc.nat(100), (header, lengthBytes) => {
        const range = parseByteRange(header, lengthBytes)
        if (typeof range === 'string') return
        expect(range.start).toBeGreaterThanOrEqual(0)
        expect(range.lengthBytes).toBeGreaterThan(0)
        expect(range.start + range.lengthBytes).toBeLessThanOrEqual(lengthBytes)
      }),
      { numRuns: 1_000 },
    )
  })
})
