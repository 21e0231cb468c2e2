import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MiB } from '../../src/base/units.ts'
import { PieceSlots } from '../../src/store/piece-slots.ts'

describe('PieceSlots', () => {
  it('holds as many slots as the budget has room for', () => {
    const slots = new PieceSlots({ largestPieceBytes: MiB, pieceCount: 1_000 }, 40 * MiB)
    expect(slots.count).toBe(40)
    expect(slots.memory.length).toBe(40 * MiB)
    expect(slots.memory.buffer).toBeInstanceOf(SharedArrayBuffer)
  })

  it('has two slots however large a piece is', () => {
    expect(new PieceSlots({ largestPieceBytes: 16 * MiB, pieceCount: 9 }, MiB).count).toBe(2)
  })

  it('has no more slots than there are pieces', () => {
    expect(new PieceSlots({ largestPieceBytes: 10, pieceCount: 1 }).count).toBe(1)
    const none = new PieceSlots({ largestPieceBytes: 0, pieceCount: 0 })
    expect(none.count).toBe(0)
    expect(none.acquire()).toBe(-1)
  })

  it('gives out again first what came back last', () => {
    const slots = new PieceSlots({ largestPieceBytes: 16, pieceCount: 100 }, 64)
    const [first, second] = [slots.acquire(), slots.acquire()]
    slots.release(first)
    slots.release(second)
    expect(slots.acquire()).toBe(second)
  })

  it('takes a slot back only once', () => {
    const slots = new PieceSlots({ largestPieceBytes: 16, pieceCount: 100 }, 32)
    const slot = slots.acquire()
    slots.release(slot)
    slots.release(slot)
    slots.release(99)
    expect(slots.freeCount).toBe(2)
  })

  it('never gives one slot to two holders and always has what came back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.array(fc.boolean(), { maxLength: 200 }), (pieceCount, steps) => {
        const slots = new PieceSlots({ largestPieceBytes: 8, pieceCount }, 64)
        const held: number[] = []
        for (const takes of steps) {
          if (takes) {
            const slot = slots.acquire()
            if (slot === -1) expect(held).toHaveLength(slots.count)
            else {
              expect(held).not.toContain(slot)
              expect(slots.offsetOf(slot) + slots.slotBytes).toBeLessThanOrEqual(slots.memory.length)
              held.push(slot)
            }
          } else slots.release(held.pop() ?? -1)
          expect(slots.freeCount).toBe(slots.count - held.length)
        }
      }),
    )
  })
})
