import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CheckProgress } from '../../src/store/check-progress.ts'

describe('the progress of a look at the disk', () => {
  it('is one figure that rises through all steps and is whole only at the end', () => {
    const steps = fc.array(fc.array(fc.integer({ min: 1, max: 2 ** 30 }), { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(steps, (batches) => {
        const told: [number, number][] = []
        const progress = new CheckProgress((done, total) => told.push([done, total]))
        for (const step of batches) {
          const total = step.reduce((sum, bytes) => sum + bytes, 0)
          let done = 0
          for (const bytes of step) {
            done += bytes
            progress.note(done, total)
          }
        }
        expect(told.every(([done, total]) => done < total)).toBe(true)
        progress.end()
        const all = batches.flat().reduce((sum, bytes) => sum + bytes, 0)
        expect(told.at(-1)).toEqual([all, all])
        for (const [index, [done, total]] of told.entries()) {
          const [doneBefore, totalBefore] = told[index - 1] ?? [0, 1]
          expect(done).toBeGreaterThanOrEqual(doneBefore)
          expect(done / total).toBeGreaterThanOrEqual((doneBefore / totalBefore) * (1 - Number.EPSILON))
        }
      }),
      { examples: [[[[19], [10, 569, 1], [1]]]], numRuns: 1_000 },
    )
  })

  it('says nothing where nothing was read', () => {
    const told: number[] = []
    const progress = new CheckProgress((done) => told.push(done))
    progress.note(0, 0)
    progress.end()
    expect(told).toEqual([])
  })
})
