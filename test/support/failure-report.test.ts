import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { Child } from './child.ts'
import { stoppedAtEnd } from './stopped-at-end.ts'
import { temporaryFolder } from './temporary-folder.ts'

const config = `
import { FailureReport } from ${JSON.stringify(resolve('test/support/failure-report.ts'))}
export default { test: { reporters: [new FailureReport('report')] } }
`

/** Runs vitest over files of tests and hands back what the report says. */
async function reportOn(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await temporaryFolder()
  await symlink(resolve('node_modules'), join(folder, 'node_modules'))
  await writeFile(join(folder, 'vitest.config.mjs'), config)
  await mkdir(join(folder, 'test'))
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, 'test', name), `import { afterAll, describe, expect, test } from 'vitest'\n${text}`)
  }
  const run = stoppedAtEnd(new Child(process.execPath, [resolve('node_modules/vitest/vitest.mjs'), 'run'], { cwd: folder }))
  await run.exited
  return readFile(join(folder, 'report'), 'utf8')
}

test('tests that pass are a number', async () => {
  expect(await reportOn({ 'a.test.js': `test('one', () => {})\ntest('two', () => {})\ntest.skip('three', () => {})` })).toBe(
    '2 passed 0 failed\n',
  )
})

test('a failed test has its file, its full title, its message, the difference and the place', async () => {
  const text = `
describe('a sum', () => {
  test('is right', () => {})
  test('is an object', () => expect({ a: 1, b: 2 }).toEqual({ a: 1, b: 3 }))
})`
  const report = await reportOn({ 'sum.test.js': text })
  expect(report).toMatch(/^1 passed 1 failed\n\nFAILED test\/sum\.test\.js > a sum > is an object\n {2}AssertionError: expected /)
  expect(report).toMatch(/^ {2}- {3}"b": 3,$/m)
  expect(report).toMatch(/^ {2}\+ {3}"b": 2,$/m)
  expect(report).toMatch(/^ +at .*sum\.test\.js:5/m)
  expect(report).not.toContain('\u001b')
})

test('of a long message the beginning and the end are kept', async () => {
  const text = `test('talks', () => { throw new Error(Array.from({ length: 100 }, (_, index) => 'line ' + index).join('\\n')) })`
  const report = await reportOn({ 'long.test.js': text })
  expect(report).toContain('Error: line 0\n')
  expect(report).toMatch(/^ {2}\.\.\. \d+ lines \.\.\.$/m)
  expect(report).toContain('line 99\n')
  expect(report.split('\n').length).toBeLessThan(50)
})

test('a file that does not load, a hook that fails and an error that no test caught count as failures', async () => {
  const report = await reportOn({
    'load.test.js': `import './nowhere.js'`,
    'hook.test.js': `describe('hooks', () => { test('passes', () => {})\nafterAll(() => { throw new Error('the hook', { cause: new Error('the cause') }) }) })`,
    'late.test.js': `test('is too early', async () => { setImmediate(() => { throw new Error('too late') }); await new Promise(setImmediate) })`,
  })
  expect(report).toMatch(/^2 passed 3 failed\n/)
  expect(report).toMatch(/^FAILED test\/load\.test\.js\n {2}Error: Cannot find .*nowhere\.js/m)
  expect(report).toMatch(/^FAILED test\/hook\.test\.js > hooks\n {2}Error: the hook$/m)
  expect(report).toMatch(/^ {2}caused by\n {2}Error: the cause$/m)
  expect(report).toMatch(/^FAILED an error that no test caught\n {2}Error: too late$/m)
})
