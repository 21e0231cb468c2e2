import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseContentRange } from '../../../src/web-seed/answers/content-range.ts'

describe('a Content-Range', () => {
  test.each([
    ['bytes 0-9/10', { first: 0, last: 9, fileBytes: 10 }],
    ['Bytes 5-5/123456789012345', { first: 5, last: 5, fileBytes: 123_456_789_012_345 }],
    ['bytes 0-9/*', { first: 0, last: 9, fileBytes: undefined }],
    ['bytes */10', { first: undefined, last: undefined, fileBytes: 10 }],
  ])('%s is read', (text, value) => {
    expect(parseContentRange(text)).toEqual({ ok: true, value })
  })

  test.each([
    undefined,
    '',
    'bytes',
    'bytes 0-9',
    'bytes 9-0/10',
    'bytes -1-9/10',
    'items 0-9/10',
    'bytes 0-9/10, bytes 0-9/10',
    'bytes 0-1e3/10',
    'bytes 0-1234567890123456/1',
  ])('%s is refused', (text) => {
    expect(parseContentRange(text)).toMatchObject({ ok: false })
  })

  test('of any numbers comes back as it was written', () => {
    const number = fc.integer({ min: 0, max: 999_999_999_999_999 })
    fc.assert(
      fc.property(number, number, number, (left, right, fileBytes) => {
        const [first, last] = [Math.min(left, right), Math.max(left, right)]
        expect(parseContentRange(`bytes ${first}-${last}/${fileBytes}`)).toEqual({ ok: true, value: { first, last, fileBytes } })
      }),
    )
  })

  test('of any text is read or refused, and never thrown at', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseContentRange(text)))
  })
})
