import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Bitfield } from '../../src/base/bitfield.ts'
import { EarlyPieces } from '../../src/swarm/early-pieces.ts'

describe('EarlyPieces', () => {
  it('resolves to what was said, once the number of pieces is known', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(99)), fc.option(fc.array(fc.nat(99))), fc.boolean(), (haves, field, everything) => {
        const early = new EarlyPieces()
        const expected = new Set(haves)
        if (field !== null) {
          const bits = new Bitfield(100)
          for (const piece of field) {
            bits.add(piece)
            expected.add(piece)
          }
          early.bitfield(bits.bytes)
        }
        for (const piece of haves) early.have(piece)
        if (everything) early.haveAll()
        const pieces = early.resolve(100)
        expect(pieces?.count).toBe(everything ? 100 : expected.size)
        for (const piece of expected) expect(pieces?.has(piece)).toBe(true)
      }),
    )
  })

  it('does not resolve when the torrent has no such pieces', () => {
    const withHave = new EarlyPieces()
    withHave.have(100)
    expect(withHave.resolve(100)).toBe(undefined)
    expect(withHave.resolve(101)?.has(100)).toBe(true)
    const withBits = new EarlyPieces()
    withBits.bitfield(Uint8Array.of(255, 255))
    expect(withBits.resolve(17)).toBe(undefined)
    expect(withBits.resolve(15)).toBe(undefined)
    expect(withBits.resolve(16)?.isComplete).toBe(true)
  })

  it('keeps a copy of the bitfield, whose bytes are valid during the call only', () => {
    const early = new EarlyPieces()
    const bytes = Uint8Array.of(128)
    early.bitfield(bytes)
    bytes[0] = 0
    expect(early.resolve(8)?.has(0)).toBe(true)
  })
})
