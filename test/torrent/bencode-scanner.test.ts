import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { utf8Bytes } from '../../src/base/bytes.ts'
import { decodeBencodePrefix } from '../../src/torrent/bencode.ts'
import { BencodeScanner, type ScanLimits } from '../../src/torrent/bencode-scanner.ts'

function skipped(text: string, limits?: ScanLimits): number | string {
  const scanner = new BencodeScanner(Buffer.from(text, 'latin1'))
  return scanner.skip(limits) ? scanner.position : scanner.fault
}

/** Pieces of bencode, put together at random: sound often enough, and broken in every way. */
const scraps = fc
  .array(fc.constantFrom('d', 'l', 'e', 'i1e', 'i-0e', 'i01e', '0:', '1:a', '1:b', '2:aa', '3:a', '01:a', 'ie', '-', '9'), {
    maxLength: 14,
  })
  .map((parts) => parts.join(''))

describe('BencodeScanner', () => {
  it.each([
    ['i-7e', 4],
    ['0:rest', 2],
    ['le', 2],
    ['d1:ai1e1:bl2:xxeei9e', 17],
    ['d1:bi1e1:ai2ee', 'a key out of order at byte 7'],
    ['d1:ai1e1:ai2ee', 'a duplicate key at byte 7'],
    ['d1:ae', 'a key without a value before byte 4'],
    ['l1:a', 'the data ends at byte 4, inside a value'],
    ['', 'the data ends at byte 0, inside a value'],
  ])('passes over the value at the start of %j, or says what is wrong', (text, expected) => {
    expect(skipped(text)).toBe(expected)
  })

  it('agrees with the decoder about every input, to the word', () => {
    fc.assert(
      fc.property(scraps, fc.constantFrom(1, 3, 100), fc.constantFrom(2, 5, 100), (text, maxDepth, maxTokens) => {
        const limits = { maxDepth, maxTokens }
        const decoded = decodeBencodePrefix(Buffer.from(text, 'latin1'), limits)
        expect(skipped(text, limits)).toBe(decoded.ok ? decoded.value.length : decoded.fault)
      }),
      { numRuns: 2_000 },
    )
  })

  it('lets keys be out of order when asked to, and still refuses neighbours that are the same', () => {
    expect(skipped('d1:bi1e1:ai2ee', { canonical: false })).toBe(14)
    expect(skipped('d1:bi1e1:bi2ee', { canonical: false })).toBe('a duplicate key at byte 7')
  })

  it('keeps to its limits without using the call stack', () => {
    expect(skipped('l'.repeat(1_000_000))).toBe('nesting deeper than 100 at byte 100')
    expect(skipped('llee', { maxDepth: 1 })).toBe('nesting deeper than 1 at byte 1')
    expect(skipped('i1e', { maxDepth: 0 })).toBe(3)
    expect(skipped('li1ei2ee', { maxTokens: 2 })).toBe('more than 2 values, the last at byte 4')
  })

  it('reads step by step, and tells where strings stand', () => {
    const scanner = new BencodeScanner(utf8Bytes('d3:keyi-5e4:morelee'))
    expect(scanner.isAtDictionary).toBe(true)
    scanner.position++
    expect(scanner.readKey(-1, -1)).toBe(true)
    expect([scanner.start, scanner.end, scanner.isAtInteger]).toEqual([3, 6, true])
    expect(scanner.readInteger()).toBe(true)
    expect(scanner.integer).toBe(-5)
    expect(scanner.readKey(3, 6)).toBe(true)
    expect(scanner.isAtList).toBe(true)
    expect(scanner.readInteger()).toBe(false)
    expect(scanner.fault).toBe('no integer at byte 16')
  })
})
