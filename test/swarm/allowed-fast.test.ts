import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allowedFastSet } from '../../src/swarm/allowed-fast.ts'

const infoHash = new Uint8Array(20).fill(0xaa)

describe('allowedFastSet', () => {
  it('gives the sets that BEP 6 prints', () => {
    expect(allowedFastSet('80.4.4.200', infoHash, 1313, 7)).toEqual([1059, 431, 808, 1217, 287, 376, 1188])
    expect(allowedFastSet('80.4.4.200', infoHash, 1313, 9)).toEqual([1059, 431, 808, 1217, 287, 376, 1188, 353, 508])
  })

  it('is the same for all hosts of a /24', () => {
    expect(allowedFastSet('80.4.4.1', infoHash, 1313, 7)).toEqual(allowedFastSet('80.4.4.254', infoHash, 1313, 7))
  })

  it('gives distinct pieces of the torrent, all of them if there are too few', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.integer({ min: 0, max: 50 }), fc.nat(20), (host, pieceCount, count) => {
        const pieces = allowedFastSet(host, infoHash, pieceCount, count)
        expect(new Set(pieces).size).toBe(Math.min(count, pieceCount))
        expect(pieces.every((piece) => piece >= 0 && piece < pieceCount)).toBe(true)
      }),
    )
  })

  it('gives none to an IPv6 address, for which the BEP defines nothing', () => {
    expect(allowedFastSet('2001:db8::1', infoHash, 1313, 7)).toEqual([])
  })
})
