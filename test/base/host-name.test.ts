import { expect, test } from 'vitest'
import { isHostName, MAX_HOST_NAME_CHARACTERS } from '../../src/base/host-name.ts'

test.each(['web-7', 'db.example.org', 'Rechner Köln 3', '東京-01', '😀', 'x'.repeat(64), '😀'.repeat(64)])(
  '%s is the name of a host',
  (name) => {
    expect(isHostName(name)).toBe(true)
  },
)

test.each([
  ['nothing', ''],
  ['a blank in front', ' web'],
  ['a blank at the end', 'web '],
  ['a new line', 'web\n7'],
  ['an escape', 'web\u001b[2J'],
  ['a mark that turns the direction of writing', 'web\u202e7'],
  ['a line separator', 'web\u20287'],
  ['half of a character', 'web\ud800'],
  ['too many characters', 'x'.repeat(MAX_HOST_NAME_CHARACTERS + 1)],
])('%s is none', (_what, name) => {
  expect(isHostName(name)).toBe(false)
})
