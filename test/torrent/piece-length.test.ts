import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GiB, KiB, MiB } from '../../src/base/units.ts'
import { automaticPieceLength, checkPieceLength } from '../../src/torrent/piece-length.ts'

const TiB = 1_024 * GiB

describe('automaticPieceLength', () => {
  it.each([
    [0, 32 * KiB],
    [1, 32 * KiB],
    [64 * MiB - 1, 32 * KiB],
    [64 * MiB, 64 * KiB],
    [128 * MiB, 128 * KiB],
    [256 * MiB, 256 * KiB],
    [2 * GiB - 1, 256 * KiB],
    [2 * GiB, 512 * KiB],
    [4 * GiB, MiB],
    [32 * GiB, 8 * MiB],
    [1.5 * TiB, 8 * MiB],
    [1.6 * TiB, 16 * MiB],
    [3 * TiB, 16 * MiB],
    [20 * TiB, 64 * MiB],
  ])('gives %d bytes pieces of %d', (totalBytes, pieceLength) => {
    expect(automaticPieceLength(totalBytes)).toBe(pieceLength)
  })

  it('is always valid, never shrinks as content grows, and keeps between a thousand and 200,000 pieces', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 43, noNaN: true }), fc.nat(1_000_000), (exponent, more) => {
        const totalBytes = Math.floor(2 ** exponent)
        const pieceLength = automaticPieceLength(totalBytes)
        expect(() => checkPieceLength(pieceLength)).not.toThrow()
        expect(automaticPieceLength(totalBytes + more)).toBeGreaterThanOrEqual(pieceLength)
        expect(totalBytes / pieceLength).toBeLessThanOrEqual(200_000)
        if (totalBytes >= 32 * MiB) expect(totalBytes / pieceLength).toBeGreaterThanOrEqual(1_024)
        if (pieceLength > 256 * KiB) expect(totalBytes / pieceLength).toBeGreaterThanOrEqual(4_096)
      }),
    )
  })
})

describe('checkPieceLength', () => {
  it.each([16 * KiB, 32 * KiB, MiB, 64 * MiB])('takes %d', (pieceLength) => {
    expect(() => checkPieceLength(pieceLength)).not.toThrow()
  })

  it.each([0, 1, -16_384, 8 * KiB, 128 * MiB, 20_000, 48 * KiB, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d', (pieceLength) => {
    expect(() => checkPieceLength(pieceLength)).toThrow(expect.objectContaining({ code: 'USAGE' }))
  })
})
