import { expect, test } from 'vitest'
import { entityTag, namesTag } from '../../src/web-server/entity-tag.ts'

const tag = entityTag('c12fe1c06bba254a9dc9f519b335aa7c1367a88a', 7)

test('a tag is a quoted string, one for each file of each torrent', () => {
  expect(tag).toBe('"c12fe1c06bba254a9dc9f519b335aa7c1367a88a-7"')
})

test.each([
  [tag, true, true],
  [`W/${tag}`, false, true],
  [`"x", ${tag}`, true, true],
  [`"x",W/"y",W/${tag}`, false, true],
  ['*', true, true],
  [' * ', true, true],
  ['"x"', false, false],
  [tag.slice(1, -1), false, false],
  ['', false, false],
  [`"a${tag.slice(1)}`, false, false],
  ['"*"', false, false],
])('%s names it strongly: %s, weakly: %s', (list, strong, weak) => {
  expect([namesTag(list, tag, 'strong'), namesTag(list, tag, 'weak')]).toEqual([strong, weak])
})
