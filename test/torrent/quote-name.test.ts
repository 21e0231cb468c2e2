import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quoteName } from '../../src/torrent/quote-name.ts'

describe('quoteName', () => {
  it.each([
    ['plain', '"plain"'],
    ['日本 语', '"日本 语"'],
    ['a"b\\c', '"a\\"b\\\\c"'],
    ['\x1b\x07\n', '"\\u{1b}\\u{7}\\u{a}"'],
    ['\u202e\u200b\ud800', '"\\u{202e}\\u{200b}\\u{d800}"'],
    ['x'.repeat(80), `"${'x'.repeat(80)}"`],
    ['x'.repeat(81), `"${'x'.repeat(80)}..."`],
    ['👍'.repeat(80), `"${'👍'.repeat(80)}"`],
    ['👍'.repeat(81), `"${'👍'.repeat(80)}..."`],
  ])('shows %j', (name, shown) => {
    expect(quoteName(name)).toBe(shown)
  })

  it('never lets through what a terminal could act on, and stays short', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (name) => {
        const shown = quoteName(name)
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)
        expect(shown.length).toBeLessThanOrEqual(80 * 10 + 5)
      }),
    )
  })
})
