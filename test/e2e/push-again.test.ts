import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { writeFiles } from '../app/support/write-files.ts'
import type { DistroProcess } from '../support/distro-process.ts'
import { spawnDistro } from '../support/spawn-distro.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { closedOff } from './support/publication.ts'

describe('a push that is started again', () => {
  test('goes on counting where it was killed, and from the start once it had enough', async () => {
    const root = await temporaryFolder()
    const content = await writeFiles(join(root, 'content'), { 'a.bin': 1_000_000 })
    const report = join(root, 'report.json')
    const push = (): DistroProcess =>
      spawnDistro(['push', content, '--json', ...closedOff, '--state-dir', join(root, 'state'), '--until-copies', '2', '--report', report])
    const fetch = async (pushing: DistroProcess, host: string): Promise<void> => {
      const { magnet } = await pushing.event('ready')
      const places = ['--out', join(root, `out-${host}`), '--state-dir', join(root, host), '--host-name', host]
      const fetching = spawnDistro(['fetch', String(magnet), '--json', ...closedOff, ...places])
      expect(await fetching.exited, fetching.output).toEqual({ code: 0, signal: null })
    }

    const killed = push()
    await fetch(killed, 'one')
    await killed.event('copies')
    await killed.stop('SIGKILL')

    const again = push()
    expect(await again.event('copies')).toMatchObject({ complete: 1, goal: 2, host: { name: 'one' }, isFromEarlierRun: true })
    const { magnet } = await again.event('ready')
    const waiting = spawnDistro(['wait', String(magnet), '--json', ...closedOff, '--state-dir', join(root, 'waiting'), '--copies', '1'])
    expect(await waiting.exited, waiting.output).toEqual({ code: 0, signal: null })
    await fetch(again, 'two')
    expect(await again.exited, again.output).toEqual({ code: 0, signal: null })
    expect(again.events('copies').map(({ complete, isFromEarlierRun }) => [complete, isFromEarlierRun])).toEqual([
      [1, true],
      [2, false],
    ])
    expect(await again.event('done')).toMatchObject({ copies: 2, copiesFromEarlierRuns: 1 })
    const { copies, hosts } = JSON.parse(await readFile(report, 'utf8')) as { readonly copies: number; readonly hosts: readonly object[] }
    expect([copies, hosts]).toMatchObject([
      2,
      [
        { name: 'one', isFromEarlierRun: true },
        { name: 'two', isFromEarlierRun: false },
      ],
    ])

    const anew = push()
    await fetch(anew, 'three')
    expect(await anew.event('copies')).toMatchObject({ complete: 1, host: { name: 'three' } })
    await anew.stop('SIGTERM')
  })
})
