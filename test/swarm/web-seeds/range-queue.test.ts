import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BLOCK_BYTES, MiB } from '../../../src/base/units.ts'
import { type AskedBlock, RangeQueue } from '../../../src/swarm/web-seeds/range-queue.ts'

const BLOCKS_A_PIECE = 256

function blockAt(number: number): AskedBlock {
  const piece = Math.floor(number / BLOCKS_A_PIECE)
  return { piece, begin: (number % BLOCKS_A_PIECE) * BLOCK_BYTES, length: BLOCK_BYTES, offset: number * BLOCK_BYTES }
}

function runsOf(queue: RangeQueue): AskedBlock[][] {
  const runs: AskedBlock[][] = []
  while (!queue.isEmpty) runs.push(queue.take())
  return runs
}

/** Neighbours, a few at a time and thousands at a time. */
const asked = fc
  .array(fc.tuple(fc.nat(20_000), fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 2_500 }))), { maxLength: 6 })
  .map((runs) => runs.flatMap(([first, count]) => Array.from({ length: count }, (_, step) => blockAt(first + step))))

describe('RangeQueue', () => {
  it('gives out what was asked for as the longest runs of neighbours that have 16 MiB at most', () => {
    fc.assert(
      fc.property(asked, (blocks) => {
        const queue = new RangeQueue()
        for (const block of blocks) queue.add(block)
        const runs = runsOf(queue)
        let taken = 0
        for (const [index, run] of runs.entries()) {
          // The same blocks as at the front of what waited, in the order of the content.
          const asked = blocks.slice(taken, taken + run.length).sort((one, other) => one.offset - other.offset)
          expect(run).toEqual(asked)
          taken += run.length
          const [begin, bytes] = [run[0]?.offset ?? 0, run.reduce((sum, { length }) => sum + length, 0)]
          expect(bytes).toBeLessThanOrEqual(16 * MiB)
          for (const [step, block] of run.entries()) expect(block.offset).toBe(begin + step * BLOCK_BYTES)
          const next = blocks[taken]
          const wouldFit = next !== undefined && (next.offset === begin + bytes || next.offset + next.length === begin)
          if (wouldFit) expect(bytes + next.length, `run ${index}`).toBeGreaterThan(16 * MiB)
        }
        expect(taken).toBe(blocks.length)
      }),
      { numRuns: 30 },
    )
  })

  it('makes one run of what was taken over from the end backwards', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_200 }), fc.integer({ min: 0, max: 500 }), (backwards, onwards) => {
        const queue = new RangeQueue()
        for (let number = backwards; number > 0; number--) queue.add(blockAt(number))
        for (let step = 1; step <= onwards; step++) queue.add(blockAt(backwards + step))
        queue.add(blockAt(5_000))
        const first = queue.take()
        const count = Math.min(1_024, backwards + onwards)
        const lowest = Math.max(1, backwards - 1_023)
        expect(first).toEqual(Array.from({ length: count }, (_, step) => blockAt(lowest + step)))
      }),
    )
  })

  it('does without a block that was taken back, and says whether it was waiting', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(50), { minLength: 1 }), fc.nat(60), (numbers, gone) => {
        const queue = new RangeQueue()
        for (const number of numbers) queue.add(blockAt(number))
        const { piece, begin } = blockAt(gone)
        expect(queue.remove(piece, begin)).toBe(numbers.includes(gone))
        expect(new Set(runsOf(queue).flat())).toEqual(new Set(numbers.filter((number) => number !== gone).map(blockAt)))
      }),
    )
  })

  it('is empty once cleared', () => {
    const queue = new RangeQueue()
    queue.add(blockAt(3))
    queue.clear()
    expect([queue.isEmpty, queue.take()]).toEqual([true, []])
  })
})
