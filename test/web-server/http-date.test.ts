import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatHttpDate, parseHttpDate } from '../../src/web-server/http-date.ts'

describe('a date of HTTP', () => {
  test.each(['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994'])('%s is read', (text) => {
    expect(parseHttpDate(text)).toBe(784_111_777_000)
  })

  test.each([
    '',
    '1994',
    '1994-11-06T08:49:37Z',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Nov 1994 08:49:37 +0100',
    'Sun, 6 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 25:49:37 GMT',
    '06 Nov 1994 08:49:37 GMT',
    'Sun, 06 Xyz 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 08:49:37 GMT; length=5',
  ])('%j is none', (text) => {
    expect(parseHttpDate(text)).toBeUndefined()
  })

  test('of two digits is less than fifty years ahead', () => {
    const inTenYears = String((new Date().getUTCFullYear() + 10) % 100).padStart(2, '0')
    expect(new Date(parseHttpDate(`Sunday, 06-Nov-${inTenYears} 08:49:37 GMT`) ?? 0).getUTCFullYear()).toBe(
      new Date().getUTCFullYear() + 10,
    )
  })

  test('is read back as what was written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799 }), (seconds) => {
        expect(parseHttpDate(formatHttpDate(seconds * 1_000, Number.POSITIVE_INFINITY) ?? '')).toBe(seconds * 1_000)
      }),
    )
  })

  test('is not written for a time that is still to come, before 1970 or after 9999', () => {
    expect(formatHttpDate(2_000, 1_999)).toBeUndefined()
    expect(formatHttpDate(-1_000, 0)).toBeUndefined()
    expect(formatHttpDate(253_402_300_800_000, Number.POSITIVE_INFINITY)).toBeUndefined()
  })
})
