import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nearFirst } from '../../src/swarm/near-first.ts'

const isAway = (number: number): boolean => number >= 100

describe('near first', () => {
  it.each<[number[], number, number[]]>([
    [[1, 100, 2, 101, 3], 3, [1, 2, 100, 3, 101]],
    [[1, 100, 2, 101, 3], 1, [100, 1, 2, 3, 101]],
    [[100, 1], 5, [1, 100]],
    [[1, 2], 1, [1, 2]],
    [[100, 101], 1, [100, 101]],
    [[], 1, []],
  ])('makes %j, for %i slots, to %j', (ranked, slots, expected) => {
    expect(nearFirst(ranked, slots, isAway)).toEqual(expected)
  })

  it('puts all others last when one of them has a place already', () => {
    expect(nearFirst([100, 1, 101, 2], 2, isAway, true)).toEqual([1, 2, 100, 101])
  })

  it('loses nobody, keeps the order on each side, and has somebody from away among the first where there is one', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(199), { maxLength: 30 }), fc.integer({ min: 1, max: 30 }), (ranked, count) => {
        const sorted = nearFirst(ranked, count, isAway)
        expect(sorted.filter(isAway)).toEqual(ranked.filter(isAway))
        expect(sorted.filter((one) => !isAway(one))).toEqual(ranked.filter((one) => !isAway(one)))
        if (ranked.some(isAway)) expect(sorted.slice(0, count).some(isAway) || !ranked.some((one) => !isAway(one))).toBe(true)
      }),
    )
  })
})
