import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BLOCK_BYTES, GiB, KiB, MiB } from '../../src/base/units.ts'
import { PieceGeometry, type TorrentLayout } from '../../src/torrent/piece-geometry.ts'

/** A layout of files that follow each other; a negative length means padding. */
function layoutOf(pieceLengthBytes: number, lengths: readonly number[]): TorrentLayout {
  let offsetBytes = 0
  const files = lengths.map((length) => {
    const file = { lengthBytes: Math.abs(length), offsetBytes, kind: length < 0 ? ('padding' as const) : ('file' as const) }
    offsetBytes += file.lengthBytes
    return file
  })
  return { pieceLengthBytes, files }
}

/** The same files, each starting a new piece as in v2. */
function aligned(layout: TorrentLayout): TorrentLayout {
  let offsetBytes = 0
  const files = layout.files.map((file) => {
    const moved = { ...file, offsetBytes }
    offsetBytes += Math.ceil(file.lengthBytes / layout.pieceLengthBytes) * layout.pieceLengthBytes
    return moved
  })
  return { ...layout, files }
}

const anyLayout = fc
  .tuple(
    fc.constantFrom(16, 32, 64),
    fc.array(fc.oneof(fc.constant(0), fc.integer({ min: -40, max: 200 })), { minLength: 1, maxLength: 30 }),
  )
  .map(([pieceLength, lengths]) =>
    layoutOf(
      pieceLength * KiB,
      lengths.map((length) => length * 1_000),
    ),
  )

describe('PieceGeometry', () => {
  it('counts and measures pieces and blocks', () => {
    const geometry = new PieceGeometry(layoutOf(32 * KiB, [100_000]))
    expect(geometry).toMatchObject({ totalBytes: 100_000, pieceCount: 4, largestPieceBytes: 32 * KiB })
    expect([0, 1, 2, 3].map((piece) => geometry.pieceBytes(piece))).toEqual([32_768, 32_768, 32_768, 1_696])
    expect([0, 3].map((piece) => geometry.blockCount(piece))).toEqual([2, 1])
    expect(geometry.blockBytes(0, 1)).toBe(BLOCK_BYTES)
    expect(geometry.blockBytes(3, 0)).toBe(1_696)
    expect(geometry.pieceOffset(3)).toBe(98_304)
    expect(geometry.pieceAt(98_303)).toBe(2)
  })

  it('knows that a torrent smaller than its piece length needs little memory', () => {
    expect(new PieceGeometry(layoutOf(512 * MiB, [425]))).toMatchObject({ pieceCount: 1, largestPieceBytes: 425 })
  })

  it('knows the first file of a piece, and asks of each piece of a file until one will do', () => {
    fc.assert(
      fc.property(anyLayout, fc.boolean(), fc.nat(), (layout, isAligned, some) => {
        const geometry = new PieceGeometry(isAligned ? aligned(layout) : layout)
        const chosen = some % Math.max(1, geometry.pieceCount)
        for (let file = 0; file < layout.files.length; file++) {
          const { first, end } = geometry.filePieces(file)
          const asked: number[] = []
          const isThere = geometry.somePiece(file, (piece) => asked.push(piece) > 0 && piece === chosen)
          expect(isThere).toBe(first <= chosen && chosen < end)
          expect(asked).toEqual(Array.from({ length: (isThere ? chosen + 1 : end) - first }, (_, index) => first + index))
        }
        for (let piece = 0; piece < geometry.pieceCount; piece++) {
          const { first, end } = geometry.filePieces(geometry.fileOf(piece))
          expect(first <= piece && piece < end).toBe(true)
        }
        expect(geometry.fileOf(geometry.pieceCount)).toBe(-1)
      }),
    )
  })

  it('has no pieces where there is no content', () => {
    const geometry = new PieceGeometry(layoutOf(16 * KiB, [0, 0]))
    expect(geometry).toMatchObject({ totalBytes: 0, pieceCount: 0, largestPieceBytes: 0 })
    expect(geometry.fileSpans(0, 0)).toEqual([])
    expect(geometry.filePieces(0)).toEqual({ first: 0, end: 0 })
  })

  it('counts in bytes beyond 2^32', () => {
    const geometry = new PieceGeometry(layoutOf(4 * MiB, [700 * GiB, 5]))
    expect(geometry.pieceCount).toBe(179_201)
    expect(geometry.pieceBytes(179_200)).toBe(5)
    expect(geometry.fileSpans(700 * GiB - 1, 3)).toEqual([
      { fileIndex: 0, kind: 'file', fileOffsetBytes: 700 * GiB - 1, lengthBytes: 1 },
      { fileIndex: 1, kind: 'file', fileOffsetBytes: 0, lengthBytes: 2 },
    ])
  })

  it('names the files under a range and steps over empty ones', () => {
    const geometry = new PieceGeometry(layoutOf(16 * KiB, [0, 10, 0, 0, 20, -30, 0, 40]))
    expect(geometry.fileSpans(5, 60)).toEqual([
      { fileIndex: 1, kind: 'file', fileOffsetBytes: 5, lengthBytes: 5 },
      { fileIndex: 4, kind: 'file', fileOffsetBytes: 0, lengthBytes: 20 },
      { fileIndex: 5, kind: 'padding', fileOffsetBytes: 0, lengthBytes: 30 },
      { fileIndex: 7, kind: 'file', fileOffsetBytes: 0, lengthBytes: 5 },
    ])
    expect(geometry.fileSpans(10, 0)).toEqual([])
    expect(geometry.fileSpans(99, 50)).toEqual([{ fileIndex: 7, kind: 'file', fileOffsetBytes: 39, lengthBytes: 1 }])
    expect(geometry.fileSpans(100, 5)).toEqual([])
  })

  it('names the pieces of a file', () => {
    const geometry = new PieceGeometry(layoutOf(16 * KiB, [16_384, 1, 40_000]))
    expect(geometry.filePieces(0)).toEqual({ first: 0, end: 1 })
    expect(geometry.filePieces(1)).toEqual({ first: 1, end: 2 })
    expect(geometry.filePieces(2)).toEqual({ first: 1, end: 4 })
    expect(geometry.filePieces(3)).toEqual({ first: 0, end: 0 })
  })

  it('covers every byte of every file once, whether pieces are taken whole or in blocks', () => {
    fc.assert(
      fc.property(anyLayout, fc.boolean(), (continuous, isAligned) => {
        const layout = isAligned ? aligned(continuous) : continuous
        const geometry = new PieceGeometry(layout)
        const covered = layout.files.map(() => 0)
        for (let piece = 0; piece < geometry.pieceCount; piece++) {
          let blockOffset = 0
          for (let block = 0; block < geometry.blockCount(piece); block++) {
            const length = geometry.blockBytes(piece, block)
            expect(length).toBeGreaterThan(0)
            let left = length
            for (const span of geometry.fileSpans(geometry.pieceOffset(piece) + blockOffset, length)) {
              expect(span.fileOffsetBytes).toBe(covered[span.fileIndex])
              expect(span.kind).toBe(layout.files[span.fileIndex]?.kind)
              covered[span.fileIndex] = (covered[span.fileIndex] as number) + span.lengthBytes
              left -= span.lengthBytes
            }
            expect(left).toBe(0)
            blockOffset += length
          }
          expect(blockOffset).toBe(geometry.pieceBytes(piece))
        }
        expect(covered).toEqual(layout.files.map((file) => file.lengthBytes))
      }),
    )
  })

  it('finds the same spans as a walk over all files', () => {
    fc.assert(
      fc.property(anyLayout, fc.nat(4_000_000), fc.nat(300_000), (layout, offset, length) => {
        const walked = layout.files.flatMap((file, fileIndex) => {
          const start = Math.max(offset, file.offsetBytes)
          const end = Math.min(offset + length, file.offsetBytes + file.lengthBytes)
          return start < end ? [{ fileIndex, kind: file.kind, fileOffsetBytes: start - file.offsetBytes, lengthBytes: end - start }] : []
        })
        expect(new PieceGeometry(layout).fileSpans(offset, length)).toEqual(walked)
      }),
    )
  })

  it('gives every piece of a file back when asked for its pieces', () => {
    fc.assert(
      fc.property(anyLayout, fc.boolean(), (continuous, isAligned) => {
        const layout = isAligned ? aligned(continuous) : continuous
        const geometry = new PieceGeometry(layout)
        const holders = layout.files.map(() => new Set<number>())
        for (let piece = 0; piece < geometry.pieceCount; piece++) {
          const spans = geometry.fileSpans(geometry.pieceOffset(piece), geometry.pieceBytes(piece))
          for (const span of spans) holders[span.fileIndex]?.add(piece)
        }
        for (const [index, pieces] of holders.entries()) {
          const { first, end } = geometry.filePieces(index)
          expect([...pieces]).toEqual(Array.from({ length: end - first }, (_, step) => first + step))
        }
      }),
    )
  })

  it('takes the padding of a hybrid for a gap, which others may ask for all the same', () => {
    fc.assert(
      fc.property(anyLayout, fc.boolean(), (continuous, isTailPadded) => {
        const { pieceLengthBytes, files } = aligned({
          ...continuous,
          files: continuous.files.map((file) => ({ ...file, kind: 'file' as const })),
        })
        const padded = files.flatMap((file, index) => {
          const end = file.offsetBytes + file.lengthBytes
          const next = files[index + 1]?.offsetBytes ?? (isTailPadded ? Math.ceil(end / pieceLengthBytes) * pieceLengthBytes : end)
          return [file, { kind: 'padding' as const, offsetBytes: end, lengthBytes: next - end }]
        })
        const gaps = new PieceGeometry({ pieceLengthBytes, files, isAligned: true })
        const hybrid = new PieceGeometry({ pieceLengthBytes, files: padded, isAligned: true })
        const v1 = new PieceGeometry({ pieceLengthBytes, files: padded })
        expect(hybrid).toMatchObject({ pieceCount: gaps.pieceCount, totalBytes: gaps.totalBytes, usualPieceBytes: gaps.usualPieceBytes })
        let contentBytes = 0
        let largestPieceBytes = 0
        for (let piece = 0; piece < gaps.pieceCount; piece++) {
          expect(hybrid.pieceBytes(piece)).toBe(gaps.pieceBytes(piece))
          expect(hybrid.paddedBytes(piece)).toBe(v1.pieceBytes(piece))
          expect([hybrid, gaps].map((aligned) => aligned.servedBytes(piece))).toEqual([pieceLengthBytes, pieceLengthBytes])
          expect(v1.servedBytes(piece)).toBe(v1.pieceBytes(piece))
          const spans = hybrid.fileSpans(hybrid.pieceOffset(piece), hybrid.pieceLengthBytes)
          expect(spans.map(({ kind, lengthBytes }) => ({ kind, lengthBytes }))).toEqual([
            { kind: 'file', lengthBytes: hybrid.pieceBytes(piece) },
          ])
          contentBytes += hybrid.pieceBytes(piece)
          largestPieceBytes = Math.max(largestPieceBytes, hybrid.pieceBytes(piece))
        }
        expect(contentBytes).toBe(files.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0))
        expect(hybrid.largestPieceBytes).toBe(largestPieceBytes)
      }),
    )
  })

  it('finds spans among 200,000 files without walking over them', () => {
    const geometry = new PieceGeometry(layoutOf(256 * KiB, new Array<number>(200_000).fill(300)))
    let parts = 0
    for (let piece = 0; piece < geometry.pieceCount; piece++) {
      parts += geometry.fileSpans(geometry.pieceOffset(piece), geometry.pieceBytes(piece)).length
    }
    expect(parts).toBeGreaterThanOrEqual(200_000)
    expect(parts).toBeLessThanOrEqual(200_000 + geometry.pieceCount)
  })
})
