import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { escapedJson, escapeName, escapeText } from '../../src/cli/escape-text.ts'

describe('escapeText', () => {
  it.each([
    ['plain name-1.2_(x).txt', 'plain name-1.2_(x).txt'],
    ['grüße 日本 🎉', 'grüße 日本 🎉'],
    ['a\u001b[2Jb', 'a\\x1b[2Jb'],
    ['a\r\nb\tc\0', 'a\\x0d\\x0ab\\x09c\\x00'],
    ['c1 \u009b31m', 'c1 \\x9b31m'],
    ['\u202egpj.exe', '\\u202egpj.exe'],
    ['zero\u200bwidth\ufeff', 'zero\\u200bwidth\\ufeff'],
    ['tag\u{e0041}', 'tag\\u{e0041}'],
    ['half \ud800 pair', 'half \\ud800 pair'],
    ['line\u2028end', 'line\\u2028end'],
  ])('writes %j as %j', (text, escaped) => {
    expect(escapeText(text)).toBe(escaped)
  })

  it('leaves nothing that a terminal obeys, and changes nothing that is escaped already', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const escaped = escapeText(text)
        expect(escaped).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
        expect(escaped).not.toMatch(/\p{Cs}/u)
        expect(escapeText(escaped)).toBe(escaped)
      }),
    )
  })
})

describe('escapeName', () => {
  it('writes no two names as one', () => {
    expect(escapeName('new\nline')).toBe('new\\x0aline')
    expect(escapeName('new\\x0aline')).toBe('new\\\\x0aline')
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const written = escapeName(name)
        const read = written.replace(/\\(?:\\|x(..)|u\{(.+?)\}|u(....))/g, (_, ...digits) => {
          const code = digits.slice(0, 3).find((found) => found !== undefined) as string | undefined
          return code === undefined ? '\\' : String.fromCodePoint(Number.parseInt(code, 16))
        })
        expect(read).toBe(name)
      }),
    )
  })
})

describe('escapedJson', () => {
  it('writes one harmless line that reads back as the same value', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })), (value) => {
        const line = escapedJson(value)
        expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)
        expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })
})
