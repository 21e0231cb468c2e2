import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { roundTo, spreadOf } from '../../bench/report/spread.ts'

describe('spreadOf', () => {
  test('the median of an odd number of values is the middle one', () => {
    expect(spreadOf([9, 1, 5])).toEqual({ median: 5, min: 1, max: 9 })
  })

  test('the median of an even number of values lies between the two middle ones', () => {
    expect(spreadOf([4, 1, 3, 100])).toEqual({ median: 3.5, min: 1, max: 100 })
  })

  test('the median never leaves the range and at least half of the values lie on either side of it', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1e6 }), { minLength: 1 }), (values) => {
        const { median, min, max } = spreadOf(values)
        expect(min).toBe(Math.min(...values))
        expect(max).toBe(Math.max(...values))
        expect(values.filter((value) => value <= median).length * 2).toBeGreaterThanOrEqual(values.length)
        expect(values.filter((value) => value >= median).length * 2).toBeGreaterThanOrEqual(values.length)
      }),
    )
  })
})

test('roundTo keeps as many digits as asked', () => {
  expect(roundTo(0, 12.5)).toBe(13)
  expect(roundTo(2, 1.23456)).toBe(1.23)
})
