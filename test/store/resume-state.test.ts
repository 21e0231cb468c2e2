import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Bitfield } from '../../src/base/bitfield.ts'
import { decodeResumeState, encodeResumeState, type ResumeState } from '../../src/store/resume-state.ts'

const states = fc
  .record({
    infoHash: fc.uint8Array({ minLength: 20, maxLength: 20 }),
    pieces: fc.array(fc.boolean(), { maxLength: 100 }),
    stamps: fc.array(
      fc.record({
        lengthBytes: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
        mtimeNs: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        ctimeNs: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        inode: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      }),
      { maxLength: 5 },
    ),
  })
  .map(({ infoHash, pieces, stamps }): ResumeState => {
    const verified = new Bitfield(pieces.length)
    for (const [piece, has] of pieces.entries()) if (has) verified.add(piece)
    return { infoHash, verified, stamps: new Map(stamps.map((stamp, index) => [index * 3, stamp])) }
  })

describe('the resume state', () => {
  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(states, (state) => {
        const read = decodeResumeState(encodeResumeState(state), state.infoHash, state.verified.length)
        expect(read.ok && read.value.stamps).toEqual(state.stamps)
        expect(read.ok && [...read.value.verified.bytes]).toEqual([...state.verified.bytes])
        expect(read.ok && read.value.verified.count).toBe(state.verified.count)
      }),
    )
  })

  it('refuses every single flipped bit and every cut', () => {
    const verified = new Bitfield(11)
    verified.add(3)
    const infoHash = new Uint8Array(20).fill(7)
    const stamps = new Map([[2, { lengthBytes: 5, mtimeNs: 6n, ctimeNs: 7n, inode: 8n }]])
    const bytes = encodeResumeState({ infoHash, verified, stamps })
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = bytes.slice()
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(decodeResumeState(flipped, infoHash, 11).ok).toBe(false)
    }
    for (let length = 0; length < bytes.length; length++) expect(decodeResumeState(bytes.subarray(0, length), infoHash, 11).ok).toBe(false)
    expect(decodeResumeState(bytes, infoHash, 11).ok).toBe(true)
  })

  it('refuses the state of another torrent and of another number of pieces', () => {
    const state = { infoHash: new Uint8Array(20), verified: new Bitfield(8), stamps: new Map() }
    const bytes = encodeResumeState(state)
    expect(decodeResumeState(bytes, new Uint8Array(20).fill(1), 8)).toEqual({ ok: false, fault: 'for another torrent' })
    expect(decodeResumeState(bytes, state.infoHash, 9)).toEqual({ ok: false, fault: 'for 8 pieces instead of 9' })
  })

  it('refuses any other bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(decodeResumeState(bytes, new Uint8Array(20), 5).ok).toBe(false)
      }),
    )
  })
})
