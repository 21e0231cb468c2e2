import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PieceGeometry } from '../../src/torrent/piece-geometry.ts'
import { fileSteps, pieceSteps } from '../../src/web-seed/read-steps.ts'
import { folder, type SampleFile } from './support/sample-content.ts'

const anyFile: fc.Arbitrary<SampleFile> = fc.tuple(fc.constantFrom('f', undefined), fc.integer({ min: 0, max: 50_000 }))
const anyRange = fc
  .array(anyFile, { minLength: 1, maxLength: 12 })
  .map((files) => folder('t', files))
  .filter(({ bytes }) => bytes.length > 0)
  .chain((sample) =>
    fc
      .tuple(fc.constant(sample), fc.nat(sample.bytes.length - 1), fc.integer({ min: 1, max: sample.bytes.length }))
      .map(([one, begin, length]) => ({
        ...one,
        range: { begin, lengthBytes: Math.min(length, one.bytes.length - begin) },
      })),
  )

describe('a range as steps', () => {
  test('through files gives exactly its bytes, in order', () => {
    fc.assert(
      fc.property(anyRange, ({ content, bytes, range }) => {
        const parts = fileSteps(content, new PieceGeometry(content.info), range).map((step) => {
          if (step.kind === 'padding') return Buffer.alloc(step.lengthBytes)
          const start = (content.info.files[step.fileIndex]?.offsetBytes ?? 0) + step.fileOffsetBytes
          return bytes.subarray(start, start + step.lengthBytes)
        })
        expect(Buffer.concat(parts).equals(bytes.subarray(range.begin, range.begin + range.lengthBytes))).toBe(true)
      }),
    )
  })

  test('through pieces gives exactly its bytes, and asks for each piece without padding at most once in a row', () => {
    fc.assert(
      fc.property(anyRange, ({ content, bytes, range }) => {
        const steps = pieceSteps(content, new PieceGeometry(content.info), range)
        const parts = steps.map((step) => {
          if (step.kind === 'padding') return Buffer.alloc(step.lengthBytes)
          const start = step.piece * content.info.pieceLengthBytes + step.pieceOffsetBytes
          expect(step.pieceOffsetBytes + step.lengthBytes).toBeLessThanOrEqual(content.info.pieceLengthBytes)
          return bytes.subarray(start, start + step.lengthBytes)
        })
        expect(Buffer.concat(parts).equals(bytes.subarray(range.begin, range.begin + range.lengthBytes))).toBe(true)
        const neighbours = steps.filter((step, place) => step.kind === 'piece' && isSamePiece(step.piece, steps[place + 1]))
        expect(neighbours).toEqual([])
      }),
    )
  })

  test('fills what belongs to no file with zeros (BEP 52)', () => {
    const { content } = folder('t', [
      ['a', 10],
      ['b', 10],
    ])
    const files = content.info.files.map((file, index) => ({ ...file, offsetBytes: index * 16_384 }))
    const spread = { ...content, info: { ...content.info, files } }
    expect(fileSteps(spread, new PieceGeometry(spread.info), { begin: 5, lengthBytes: 16_384 })).toEqual([
      { kind: 'file', fileIndex: 0, fileOffsetBytes: 5, lengthBytes: 5 },
      { kind: 'padding', lengthBytes: 16_374 },
      { kind: 'file', fileIndex: 1, fileOffsetBytes: 0, lengthBytes: 5 },
    ])
  })
})

function isSamePiece(piece: number, next: { readonly kind: string; readonly piece?: number } | undefined): boolean {
  return next?.kind === 'piece' && next.piece === piece
}
