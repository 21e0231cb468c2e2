import { expect, it } from 'vitest'
import { secondsOf } from '../../src/base/seconds-of.ts'

it('gives seconds to the millisecond', () => {
  expect([0, 9.5567969, 1_999.6, 61_234].map(secondsOf)).toEqual([0, 0.01, 2, 61.234])
})
