import { expect, it } from 'vitest'
import { KiB } from '../../../src/base/units.ts'
import { pieceSize } from '../../../src/cli/report/piece-size.ts'

it.each([
  ['all of one length', 96 * KiB, 3, 'of 32 KiB'],
  ['the last of which is shorter', 65 * KiB, 3, 'of 32 KiB'],
  ['one for each small file', 6 * KiB, 3, 'of up to 32 KiB'],
])('tells how long pieces are, %s', (_how, bytes, pieces, expected) => {
  expect(pieceSize(bytes, pieces, 32 * KiB)).toBe(expected)
})
