import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CheckProgress } from '../../src/store/check-progress.ts'

describe('the progress of a look at the disk', () => {
  it('is one figure that rises through all steps, of the bytes of the steps that began, and is whole only at the end', () => {
    const steps = fc.array(fc.array(fc.integer({ min: 1, max: 2 ** 30 }), { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(steps, (batches) => {
        const told: [number, number][] = []
        const expected: [number, number][] = []
        const progress = new CheckProgress((done, total) => told.push([done, total]))
        let earlier = 0
        for (const step of batches) {
          const total = sumOf(step)
          let done = 0
          for (const bytes of step) {
            done += bytes
            progress.note(done, total)
            if (done < total) expected.push([earlier + done, earlier + total])
          }
          earlier += total
        }
        progress.end()
        expect(told).toEqual([...expected, [earlier, earlier]])
      }),
      { examples: [[[[19], [10, 569, 1], [1]]]], numRuns: 1_000 },
    )
  })

  it('counts of a step that ended early what it read', () => {
    const told: [number, number][] = []
    const progress = new CheckProgress((done, total) => told.push([done, total]))
    progress.note(10, 100)
    progress.note(5, 20)
    progress.end()
    expect(told).toEqual([
      [10, 100],
      [15, 30],
      [15, 15],
    ])
  })

  it('says nothing where nothing was read', () => {
    const told: number[] = []
    const progress = new CheckProgress((done) => told.push(done))
    progress.note(0, 0)
    progress.end()
    expect(told).toEqual([])
  })
})

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0)
}
