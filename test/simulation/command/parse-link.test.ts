import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseLink } from './parse-link.ts'

describe('the capacity of a link', () => {
  test.each([
    ['100M', 12_500_000],
    ['1G', 125_000_000],
    ['20Mbit/s', 2_500_000],
    ['20 mbit', 2_500_000],
    ['2.5g', 312_500_000],
    ['8k', 1_000],
    ['8000', 1_000],
    [' 64k ', 8_000],
  ])('%j is %i bytes a second', (text, bytesPerSecond) => {
    expect(parseLink(text)).toBe(bytesPerSecond)
  })

  test.each(['', 'M', '0', '7k', '100MB', '100M/s', '-1M', '1e9', '1,5G', '0x10M', '100T', 'fast', '1..5M', '1.2345M'])(
    '%j is none',
    (text) => {
      expect(parseLink(text)).toBeUndefined()
    },
  )

  test('is what it says, in powers of 1000, whatever the size of the letter', () => {
    const unit = fc.constantFrom(['k', 1e3], ['K', 1e3], ['m', 1e6], ['M', 1e6], ['g', 1e9], ['G', 1e9]) as fc.Arbitrary<[string, number]>
    fc.assert(
      fc.property(fc.integer({ min: 8, max: 999_999_999 }), unit, fc.constantFrom('', 'bit', 'bit/s'), (count, [letter, factor], end) => {
        expect(parseLink(`${count}${letter}${end}`)).toBe((count * factor) / 8)
      }),
    )
  })

  test('is never less than a kilobyte a second, nor anything that is no number', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const bytesPerSecond = parseLink(text)
        expect(bytesPerSecond === undefined || (Number.isFinite(bytesPerSecond) && bytesPerSecond >= 1_000)).toBe(true)
      }),
    )
  })
})
