import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Bencodable, encodeBencode } from '../../src/torrent/bencode.ts'
import { decodePartQuestion, decodePartSums, encodePartQuestion, encodePartSums } from '../../src/wire/part-message.ts'
import { MAX_PART_BLOCKS, MAX_PART_QUESTION_BYTES, MAX_PART_SUMS_BYTES, MAX_PIECES } from '../../src/wire/wire-limits.ts'

const blockLists = fc
  .uniqueArray(fc.nat(65_535), { minLength: 1, maxLength: MAX_PART_BLOCKS, size: 'max' })
  .map((blocks) => blocks.sort((left, right) => left - right))
const questions = fc.record({ piece: fc.nat(MAX_PIECES - 1), blocks: blockLists })

const one = Uint8Array.of(0, 1)

test('decoding an encoded question gives it back, and it fits into its limit', () => {
  fc.assert(
    fc.property(questions, (question) => {
      const bytes = encodePartQuestion(question)
      expect(bytes.length).toBeLessThanOrEqual(MAX_PART_QUESTION_BYTES)
      expect(decodePartQuestion(bytes, MAX_PIECES)).toEqual({ ok: true, value: question })
    }),
  )
})

test('decoding an encoded answer gives it back, with sums or without, and it fits into its limit', () => {
  const sums = fc.uint8Array({ minLength: 1, maxLength: 32 * MAX_PART_BLOCKS }).map((bytes) => new Uint8Array(4 * bytes.length).fill(7))
  fc.assert(
    fc.property(questions, fc.option(sums, { nil: undefined }), (question, told) => {
      const answer = told === undefined ? question : { ...question, sums: told }
      const bytes = encodePartSums(answer)
      expect(bytes.length).toBeLessThanOrEqual(MAX_PART_SUMS_BYTES)
      expect(decodePartSums(bytes, MAX_PIECES)).toEqual({ ok: true, value: answer })
    }),
  )
})

test('the names on the wire stay what they are', () => {
  const question = { piece: 7, blocks: [0x4142, 0x4344] }
  expect(Buffer.from(encodePartQuestion(question)).toString('latin1')).toBe('d6:blocks4:ABCD5:piecei7ee')
  const answer = { ...question, sums: Buffer.from('12345678') }
  expect(Buffer.from(encodePartSums(answer)).toString('latin1')).toBe('d6:blocks4:ABCD5:piecei7e4:sums8:12345678e')
})

test('whatever comes is refused, or is within its bounds', () => {
  const near = fc
    .record({ piece: fc.integer({ min: -2, max: 12 }), blocks: fc.uint8Array({ maxLength: 20 }), sums: fc.uint8Array({ maxLength: 9 }) })
    .map((fields) => encodeBencode(new Map<string, Bencodable>(Object.entries(fields))))
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 100 }), near), (bytes) => {
      const answer = decodePartSums(bytes, 10)
      if (!answer.ok) return
      const { piece, blocks, sums } = answer.value
      expect(piece).toBeLessThan(10)
      expect(blocks.length).toBeGreaterThan(0)
      expect([...new Set(blocks)].sort((left, right) => left - right)).toEqual(blocks)
      if (sums !== undefined) expect(sums.length % 4).toBe(0)
    }),
  )
})

test.each([
  ['no piece', { blocks: one }, 'piece is not 0 to 9'],
  ['a piece that there is not', { blocks: one, piece: 10 }, 'piece is not 0 to 9'],
  ['a piece below all others', { blocks: one, piece: -1 }, 'piece is not 0 to 9'],
  ['no blocks', { piece: 1 }, 'blocks are not 1 to 256 numbers'],
  ['an empty list of blocks', { piece: 1, blocks: new Uint8Array(0) }, 'blocks are not 1 to 256 numbers'],
  ['half a block', { piece: 1, blocks: new Uint8Array(3) }, 'blocks are not 1 to 256 numbers'],
  ['too many blocks', { piece: 1, blocks: new Uint8Array(2 * MAX_PART_BLOCKS + 2) }, 'blocks are not 1 to 256 numbers'],
  ['a block twice', { piece: 1, blocks: Uint8Array.of(0, 3, 0, 3) }, 'blocks are not in ascending order'],
  ['a block out of order', { piece: 1, blocks: Uint8Array.of(0, 3, 0, 2) }, 'blocks are not in ascending order'],
] satisfies [string, Record<string, Bencodable>, string][])('%s is refused', (_title, fields, fault) => {
  const bytes = encodeBencode(new Map(Object.entries(fields)))
  expect(decodePartQuestion(bytes, 10)).toEqual({ ok: false, fault })
  expect(decodePartSums(bytes, 10)).toEqual({ ok: false, fault })
})

test.each([
  ['no bytes', new Uint8Array(0)],
  ['half a sum', new Uint8Array(6)],
  ['a number', 4],
])('sums that are %s are refused', (_title, sums) => {
  const bytes = encodeBencode(new Map<string, Bencodable>(Object.entries({ blocks: one, piece: 1, sums })))
  expect(decodePartSums(bytes, 10)).toEqual({ ok: false, fault: 'sums that are none' })
})

test('keys that nobody knows yet are not looked at', () => {
  const bytes = encodeBencode(new Map<string, Bencodable>(Object.entries({ blocks: one, length: 512, piece: 1, zz: 1 })))
  expect(decodePartQuestion(bytes, 10)).toEqual({ ok: true, value: { piece: 1, blocks: [1] } })
})

test('the sums are a copy: the buffer that they came in may be used again', () => {
  const bytes = encodePartSums({ piece: 0, blocks: [0], sums: Uint8Array.of(1, 2, 3, 4) })
  const answer = decodePartSums(bytes, 1)
  bytes.fill(0)
  expect(answer).toEqual({ ok: true, value: { piece: 0, blocks: [0], sums: Uint8Array.of(1, 2, 3, 4) } })
})

test('what is no dictionary is refused', () => {
  for (const text of ['le', 'i1e', '', 'd6:blocks2:AB5:piecei1ee0:']) expect(decodePartQuestion(Buffer.from(text), 10).ok).toBe(false)
})
