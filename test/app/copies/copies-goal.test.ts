import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { copiesGoalOf } from '../../../src/app/copies/copies-goal.ts'

function hosts(count: number): { readonly name: string }[] {
  return Array.from({ length: count }, (_, index) => ({ name: `web-${index}` }))
}

describe('how many copies are waited for', () => {
  test.each([
    [undefined, undefined, undefined],
    [3, undefined, 3],
    [undefined, 40, 40],
    [3, 40, 3],
    [{ percent: 95 }, 40, 38],
    [{ percent: 95 }, 41, 39],
    [{ percent: 0.01 }, 40, 1],
    [{ percent: 7 }, 100, 7],
    [{ percent: 100 }, 1_000, 1_000],
  ])('%j of a list of %j is %j', (untilCopies, listed, copies) => {
    const expected = listed === undefined ? undefined : hosts(listed)
    expect(copiesGoalOf({ untilCopies, expected })).toEqual({ copies, inZones: undefined })
  })

  it('is never less than the share, and never one host more than needed', () => {
    const hundredths = fc.integer({ min: 1, max: 10_000 })
    fc.assert(
      fc.property(hundredths, fc.integer({ min: 1, max: 300 }), (share, total) => {
        const { copies = 0 } = copiesGoalOf({ untilCopies: { percent: share / 100 }, expected: hosts(total) })
        expect(copies * 10_000).toBeGreaterThanOrEqual(share * total)
        expect((copies - 1) * 10_000).toBeLessThan(share * total)
      }),
    )
  })

  it('cannot be a share of nobody, nor more than there are', () => {
    const share = (): unknown => copiesGoalOf({ untilCopies: { percent: 95 } })
    expect(share).toThrow('95% of the hosts cannot be counted: there is no list of them.')
    const many = (): unknown => copiesGoalOf({ untilCopies: 3, expected: hosts(2) })
    expect(many).toThrow('3 copies can never be: 2 hosts are on the list of --expect.')
  })
})

describe('how many copies are waited for in each zone', () => {
  const expected = [{ name: 'a', zone: 'rack-1' }, { name: 'b', zone: 'rack-1' }, { name: 'c', zone: 'rack-2' }, { name: 'd' }]

  it('is a goal of its own, or one more', () => {
    const inZones = { copies: 2, zones: ['rack-1', 'rack-2'] }
    expect(copiesGoalOf({ untilCopies: undefined, untilZoneCopies: 2, expected })).toEqual({ copies: undefined, inZones })
    expect(copiesGoalOf({ untilCopies: { percent: 75 }, untilZoneCopies: 2, expected })).toEqual({ copies: 3, inZones })
  })

  test.each([
    [undefined, 1, 'Copies cannot be counted in each zone: there is no list of hosts.'],
    [[{ name: 'a' }], 1, 'Copies cannot be counted in each zone: the list names none.'],
    [expected, 3, '3 copies in rack-2 can never be: 2 hosts are on the list of --expect for it.'],
  ])('of %j cannot be %j', (listed, untilZoneCopies, message) => {
    expect(() => copiesGoalOf({ untilCopies: undefined, untilZoneCopies, expected: listed })).toThrow(message)
  })
})
