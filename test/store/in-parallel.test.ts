import { describe, expect, it } from 'vitest'
import { inParallel } from '../../src/store/in-parallel.ts'

const items = [...new Array(20).keys()]

describe('inParallel', () => {
  it('does every item once, never more at a time than allowed', async () => {
    const done: number[] = []
    let running = 0
    let most = 0
    await inParallel(items, 3, async (item) => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setImmediate(resolve))
      running--
      done.push(item)
    })
    expect(done.sort((left, right) => left - right)).toEqual(items)
    expect(most).toBe(3)
  })

  it('starts nothing after a failure and rejects with the first one when the rest has ended', async () => {
    const started: number[] = []
    let running = 0
    const work = inParallel(items, 2, async (item) => {
      started.push(item)
      running++
      await new Promise((resolve) => setImmediate(resolve))
      running--
      if (item >= 3) throw new RangeError(`item ${item}`)
    })
    await expect(work).rejects.toThrow('item 3')
    expect(running).toBe(0)
    expect(started.length).toBeLessThan(8)
  })

  it('has nothing to do with an empty list', async () => {
    await expect(inParallel([], 4, () => Promise.reject(new RangeError('never')))).resolves.toBeUndefined()
  })
})
