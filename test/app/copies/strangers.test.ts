import { expect, it } from 'vitest'
import { Strangers } from '../../../src/app/copies/strangers.ts'

const remedy =
  ' If these are the missing ones, fetch there with --host-name and the name on the list, or put the names that they tell on the list.'

it.each([
  ['there is one', ['a'], '1 host that is not on the list has it: a.'],
  ['there are some', ['a', 'b'], '2 hosts that are not on the list have it: a, b.'],
  ['one told no name', [undefined], '1 host that is not on the list has it and told no name.'],
  ['none told a name', [undefined, undefined], '2 hosts that are not on the list have it and told no name.'],
  ['some told no name', ['a', undefined, 'b'], '3 hosts that are not on the list have it, among them a, b; 1 told no name.'],
  [
    'a name looks like several',
    ['web-1, web-2', 'a "b"', 'köln_1.eu'],
    '3 hosts that are not on the list have it: "web-1, web-2", "a \\"b\\"", köln_1.eu.',
  ],
  ['they share a name', ['localhost', 'localhost'], '2 hosts that are not on the list have it, among them localhost.'],
])('a hint tells who is not on the list and has it, where %s', (_what, names, sentence) => {
  const strangers = new Strangers()
  for (const [index, name] of names.entries()) strangers.note(`${index}`, name)
  expect(strangers.hint).toBe(sentence + remedy)
})

it('there is no hint where nobody is', () => {
  expect(new Strangers().hint).toBe('')
})

it('of many six are named, and the others are counted', () => {
  const strangers = new Strangers()
  for (let index = 0; index < 5_000; index++) strangers.note(`${index}`, `build-${index}`)
  const names = 'build-0, build-1, build-2, build-3, build-4, build-5'
  expect(strangers.hint).toBe(`5,000 hosts that are not on the list have it, among them ${names}.${remedy}`)
})

it('who turns out to be on the list is none of them any more', () => {
  const strangers = new Strangers()
  strangers.note('1', 'a')
  strangers.note('2', undefined)
  strangers.forget('2')
  strangers.forget('3')
  expect(strangers.hint).toBe(`1 host that is not on the list has it: a.${remedy}`)
  strangers.forget('1')
  expect(strangers.hint).toBe('')
})
