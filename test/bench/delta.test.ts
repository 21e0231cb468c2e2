import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { DELTA_CASES } from '../../bench/delta/cases.ts'
import { delta } from '../../bench/delta.ts'
import type { Options } from '../../bench/harness/options.ts'

const root = path.resolve(import.meta.dirname, '../..')
const directory = mkdtempSync(path.join(os.tmpdir(), 'distro-test-'))
const canMakeNetworks = existsSync('/usr/bin/python3') && spawnSync('unshare', ['--net', 'ip', 'link', 'set', 'lo', 'up']).status === 0
const options: Options = {
  directory,
  sizeBytes: 2 ** 20,
  rounds: 1,
  clients: ['distro', 'distro-overwrite'],
  warmUp: false,
  save: false,
  distro: [process.execPath, path.join(root, 'bin', 'distro.js')],
  say: () => undefined,
}
afterAll(() => rmSync(directory, { recursive: true }))

test('every case has a name of its own', () => {
  expect(new Set(DELTA_CASES.map(({ name }) => name)).size).toBe(DELTA_CASES.length)
})

test('a case that there is not is refused, and so is a tool', async () => {
  const place = { root, bundle: '' }
  await expect(delta({ ...options, preset: 'nothing' }, place)).rejects.toMatchObject({ code: 'USAGE' })
  await expect(delta({ ...options, preset: 'tar', clients: ['tar'] }, place)).rejects.toMatchObject({ code: 'USAGE' })
})

describe.runIf(canMakeNetworks)('a round of delta', () => {
  test('counts what moves where most files are the same, and leaves nothing behind', async () => {
    const { name, runs } = await delta({ ...options, preset: 'files' }, { root, bundle: '' })
    expect(name).toBe('delta-files-1M')
    expect(runs.map(({ client, intact, failure }) => ({ client, intact, failure }))).toEqual([
      { client: 'distro-overwrite', intact: true, failure: undefined },
      { client: 'distro', intact: true, failure: undefined },
    ])
    for (const { metrics } of runs) {
      // Of so small a release what is told about it is a good part.
      expect(metrics.wirePercent).toBeGreaterThan(metrics.payloadPercent ?? 100)
      expect(metrics.wirePercent).toBeLessThan(20)
      expect(metrics.payloadPercent).toBeGreaterThan(0)
    }
    const [left = ''] = readdirSync(directory)
    expect(readdirSync(path.join(directory, left)).filter((entry) => !entry.endsWith('.log'))).toEqual([])
  })
})
