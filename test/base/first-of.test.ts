import { expect, it } from 'vitest'
import { firstOf } from '../../src/base/first-of.ts'

it('names the first of several phrases, and counts the rest', () => {
  expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c', 'd']].map((phrases) => firstOf(phrases, 2))).toEqual(['', 'a', 'a, b', 'a, b and 2 more'])
})
