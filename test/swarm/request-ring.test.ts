import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RequestRing } from '../../src/swarm/request-ring.ts'

describe('RequestRing', () => {
  it('agrees with a plain list after any sequence of requests and answers', () => {
    const step = fc.record({ kind: fc.constantFrom('push', 'push', 'push', 'take', 'oldest'), piece: fc.nat(4), block: fc.nat(4) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200, size: 'max' }), fc.constantFrom(8, 16), (steps, limit) => {
        const ring = new RequestRing(limit)
        const list: { piece: number; block: number; sentMs: number }[] = []
        for (const [nowMs, { kind, piece, block }] of steps.entries()) {
          const index = list.findIndex((one) => one.piece === piece && one.block === block)
          for (const [position, one] of list.entries())
            expect([ring.pieceAt(position), ring.blockAt(position)]).toEqual([one.piece, one.block])
          if (kind === 'push' && !ring.isFull && index < 0) {
            ring.push(piece, block, nowMs)
            list.push({ piece, block, sentMs: nowMs })
          } else if (kind === 'take') {
            expect(ring.take(piece, block)).toBe(index < 0 ? -1 : list.splice(index, 1)[0]?.sentMs)
          } else if (kind === 'oldest' && list[0] !== undefined) {
            const { piece: first, block: firstBlock, sentMs } = list.shift() ?? { piece: 0, block: 0, sentMs: 0 }
            expect(ring.take(first, firstBlock)).toBe(sentMs)
          }
          expect(ring.size).toBe(list.length)
          expect(ring.isFull).toBe(list.length === limit)
          expect(ring.oldestMs).toBe(list[0]?.sentMs ?? Number.POSITIVE_INFINITY)
        }
        const drained: string[] = []
        ring.drain((piece, block) => drained.push(`${piece}:${block}`))
        expect(drained).toEqual(list.map(({ piece, block }) => `${piece}:${block}`))
        expect(ring.size).toBe(0)
      }),
    )
  })
})
