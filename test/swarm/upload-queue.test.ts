import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UploadQueue } from '../../src/swarm/upload-queue.ts'

describe('UploadQueue', () => {
  it('agrees with a plain list after any sequence of requests, cancels and answers', () => {
    const step = fc.record({ kind: fc.constantFrom('push', 'push', 'push', 'cancel', 'drain'), piece: fc.nat(5), count: fc.nat(9) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300, size: 'max' }), fc.constantFrom(7, 16, 50), (steps, limit) => {
        const queue = new UploadQueue(limit)
        // A cancelled request keeps its place until it is reached: that is what bounds the work of a cancel.
        let list: { piece: number; isCancelled: boolean }[] = []
        for (const { kind, piece, count } of steps) {
          if (kind === 'push') {
            expect(queue.push(piece, piece * 2, 10)).toBe(list.length < limit)
            if (list.length < limit) list.push({ piece, isCancelled: false })
          } else if (kind === 'cancel') {
            const found = list.find((one) => one.piece === piece && !one.isCancelled)
            expect(queue.cancel(piece, piece * 2, 10)).toBe(found !== undefined)
            expect(queue.cancel(piece, piece * 2, 11)).toBe(false)
            if (found !== undefined) found.isCancelled = true
          } else {
            const taken: number[] = []
            queue.drain((one, begin, length) => {
              expect([begin, length]).toEqual([one * 2, 10])
              if (taken.length === count) return false
              taken.push(one)
              return true
            })
            const expected: number[] = []
            while (list.length > 0 && (list[0]?.isCancelled === true || expected.length < count)) {
              const first = list.shift()
              if (first?.isCancelled === false) expected.push(first.piece)
            }
            expect(taken).toEqual(expected)
          }
          expect(queue.size).toBe(list.length)
        }
        list = []
      }),
    )
  })
})
