import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Child } from '../support/child.ts'
import { stoppedAtEnd } from '../support/stopped-at-end.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** Runs .ci/run with another `npm`, whose answer to its words is the body of a shell `case`, and without installing anything. */
async function ciRun(npm: string): Promise<{ code: number | null; lines: readonly string[] }> {
  const folder = await temporaryFolder()
  const node = `exec '${process.execPath}' "$@"`
  const programs = { npm: `case "$*" in\n${npm}\nesac\nexit 0`, node, 'apt-get': 'exit 0', sudo: 'exit 0' }
  for (const [name, script] of Object.entries(programs)) {
    await writeFile(join(folder, name), `#!/usr/bin/env bash\n${script}\n`)
    await chmod(join(folder, name), 0o755)
  }
  const run = stoppedAtEnd(new Child('.ci/run', [], { env: { ...process.env, PATH: `${folder}:${process.env.PATH}` } }))
  const { code } = await run.exited
  return { code, lines: run.stdout }
}

test('a run in which everything passes ends with the sum alone', async () => {
  const { code, lines } = await ciRun(`test) echo '7 passed 0 failed' >"$DISTRO_FAILURE_REPORT" ;;`)
  expect(lines.slice(-2)).toEqual(['== node 24', '7 passed, 0 failed'])
  expect(code).toBe(0)
})

test('what failed stands at the end, before the sum', async () => {
  const { code, lines } = await ciRun(`
    'run check') echo 'a.ts is not formatted'; exit 1 ;;
    test) printf '7 passed 1 failed\\n\\nFAILED test/a.test.ts > adds\\n  Error: 3\\n' >"$DISTRO_FAILURE_REPORT"; exit 1 ;;
  `)
  expect(lines.slice(-8)).toEqual([
    '== npm run check: FAILED, its output ended with',
    'a.ts is not formatted',
    `== tests on ${process.version}`,
    '',
    'FAILED test/a.test.ts > adds',
    '  Error: 3',
    '',
    '7 passed, 2 failed',
  ])
  expect(code).toBe(1)
})

test('a run of the tests that dies without a report is one failure, told by the end of its output', async () => {
  const { code, lines } = await ciRun(`test) echo 'out of memory' >&2; exit 134 ;;`)
  expect(lines.slice(-4)).toEqual([
    `== tests on ${process.version}: FAILED, its output ended with`,
    'out of memory',
    '',
    '0 passed, 1 failed',
  ])
  expect(code).toBe(1)
})
