import { expect, test } from 'vitest'
import { noiseOf } from '../../bench/harness/noise.ts'

test('a stream is the same every time, however it is read', () => {
  const [once, again] = [noiseOf('one'), noiseOf('one')]
  expect(Buffer.concat([once.bytes(7), once.bytes(100)]).equals(again.bytes(107))).toBe(true)
})

test('streams with other names are others, however much the names have in common', () => {
  expect(noiseOf('a name that is quite long 1').bytes(16).equals(noiseOf('a name that is quite long 2').bytes(16))).toBe(false)
})

test('numbers stay below their limit and come near both ends', () => {
  const noise = noiseOf('numbers')
  const numbers = Array.from({ length: 1_000 }, () => noise.below(10))
  expect(new Set(numbers)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]))
})
