import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { describeProfile, topFunctions } from '../../bench/report/top-functions.ts'

const folder = mkdtempSync(path.join(os.tmpdir(), 'distro-test-'))
afterAll(() => rmSync(folder, { recursive: true }))

const frame = (functionName: string, url = '', lineNumber = -1) => ({ functionName, url, lineNumber })
const profile = {
  nodes: [
    { id: 1, callFrame: frame('(root)') },
    { id: 2, callFrame: frame('parse', 'file:///app/dist/world.js', 9) },
    { id: 3, callFrame: frame('(idle)') },
    { id: 4, callFrame: frame('', 'file:///app/dist/world.js', 41) },
    { id: 5, callFrame: frame('parse', 'file:///app/dist/world.js', 9) },
  ],
  samples: [2, 3, 5, 4],
  timeDeltas: [1000, 50_000, 2000, 1000],
}

test('self time is added up over all the places a function is called from, longest first', () => {
  expect(topFunctions(profile)).toEqual([
    { name: '(idle)', milliseconds: 50 },
    { name: 'parse  world.js:10', milliseconds: 3 },
    { name: '(anonymous)  world.js:42', milliseconds: 1 },
  ])
})

test('shares are of the time that was not idle', () => {
  const file = path.join(folder, 'some.cpuprofile')
  writeFileSync(file, JSON.stringify(profile))
  expect(describeProfile(file).split('\n')).toEqual([
    `${file}: 4 ms not idle`,
    '       3 ms  75.0 %  parse  world.js:10',
    '       1 ms  25.0 %  (anonymous)  world.js:42',
    '',
  ])
})

test.each(['not JSON', '{}', '[]'])('a file that holds %s is refused by name', (text) => {
  const file = path.join(folder, 'other.cpuprofile')
  writeFileSync(file, text)
  expect(() => describeProfile(file)).toThrowError(expect.objectContaining({ code: 'INPUT_REFUSED' }))
})
