import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatSize, parseSize } from '../../bench/harness/sizes.ts'

describe('sizes', () => {
  test.each([
    ['512', 512],
    ['256K', 262_144],
    ['1M', 1_048_576],
    ['20G', 21_474_836_480],
    ['2g', 2_147_483_648],
  ])('"%s" is read as %i bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes)
  })

  test.each(['', '0', '-1M', '1.5G', '1T', 'M', '1 M', '9999999999999'])('"%s" is refused with a sentence and a hint', (text) => {
    expect(() => parseSize(text)).toThrowError(expect.objectContaining({ code: 'USAGE', hint: 'write it as 128M or 20G' }))
  })

  test('every size is read back from how it is written', () => {
    const sizes = fc.integer({ min: 1, max: 2 ** 39 })
    fc.assert(
      fc.property(sizes, (bytes) => {
        expect(parseSize(formatSize(bytes))).toBe(bytes)
      }),
    )
  })
})
