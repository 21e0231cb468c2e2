import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const run = { scenario: 'equal', hosts: 2, sizeBytes: 2 ** 20, blockBytes: 16_384, linkBytesPerSecond: 12_500_000, seed: 7 }
const times = JSON.stringify({ ...run, boundSeconds: 1, unfinished: 0, overBound: [1.05, 1.1] })

describe('npm run simulate:plot', () => {
  test('draws kept runs beside them, says where, and leaves the picture of the documents alone', async () => {
    const folder = await temporaryFolder()
    mkdirSync(join(folder, 'runs'))
    writeFileSync(join(folder, 'runs/2.json'), times)
    const before = readFileSync('docs/simulation.svg', 'utf8')
    for (const from of ['runs', 'runs/2.json']) {
      expect(plot(folder, '--from', from)).toMatchObject({ status: 0, stdout: 'The picture is runs/simulation.svg.\n', stderr: '' })
    }
    expect(readFileSync(join(folder, 'runs/simulation.svg'), 'utf8')).toMatch(/^<svg /)
    expect(plot(folder, '--from', 'runs', '--out', 'own.svg')).toMatchObject({ status: 0, stdout: 'The picture is own.svg.\n' })
    expect(existsSync(join(folder, 'own.svg'))).toBe(true)
    expect(readFileSync('docs/simulation.svg', 'utf8')).toBe(before)
  })

  test('says in one sentence that the picture cannot be written, before anything is run', async () => {
    const folder = await temporaryFolder()
    for (const [out, why] of [
      ['none/a.svg', 'its folder does not exist or is not writable'],
      ['.', 'it is a folder'],
    ] as const) {
      const stderr = `The picture cannot be written to ${out}: ${why}.\n`
      expect(plot(folder, '--hosts', '10000', '--out', out)).toMatchObject({ status: 2, stdout: '', stderr })
    }
  })

  test('leaves nothing behind when the words for a run are wrong', async () => {
    const folder = await temporaryFolder()
    const { status, stderr } = plot(folder, '--hosts', 'many', '--out', join(folder, 'a.svg'))
    expect(status).toBe(2)
    expect(stderr).toBe(
      'many hosts\n--hosts takes a whole number from 1 to 100,000, not "many".\nnpm run simulate -- --help lists the flags.\n',
    )
    expect(readdirSync(folder)).toEqual([])
  })
})

function plot(cwd: string, ...words: readonly string[]) {
  const options = { cwd, encoding: 'utf8', env: { ...process.env, TMPDIR: cwd } } as const
  return spawnSync(process.execPath, [join(process.cwd(), 'scripts/simulate-plot.js'), ...words], options)
}
