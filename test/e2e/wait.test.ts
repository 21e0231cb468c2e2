import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { writeFiles } from '../app/support/write-files.ts'
import { spawnDistro } from '../support/spawn-distro.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { closedOff, publication } from './support/publication.ts'

async function published() {
  const root = await temporaryFolder()
  const content = await writeFiles(join(root, 'content'), { 'a.bin': 1_000_000, 'b/c.bin': 2_000_000 })
  const seed = spawnDistro(['seed', content, '--json', ...closedOff, '--state-dir', join(root, 'seed')])
  const magnet = String((await seed.event('ready')).magnet)
  return {
    root,
    seed,
    magnet,
    wait: (words: readonly string[]) => spawnDistro(['wait', magnet, ...closedOff, '--state-dir', join(root, 'wait'), ...words]),
    async fetch(host: string) {
      const places = ['--out', join(root, host), '--state-dir', join(root, `state-${host}`), '--host-name', host]
      const fetching = spawnDistro(['fetch', magnet, ...closedOff, ...places])
      expect(await fetching.exited, fetching.output).toEqual({ code: 0, signal: null })
    },
  }
}

describe('a wait from another machine', () => {
  test('ends with 0 once so many hosts hold the tree, those that came before it and left too', async () => {
    const { root, seed, wait, fetch } = await published()
    await fetch('one')
    const { host } = await seed.event('copies')
    const waiting = wait(['--copies', '2', '--json'])
    expect(await waiting.event('copies')).toMatchObject({ complete: 1, goal: 2, host })
    await fetch('two')
    expect(await waiting.exited, waiting.output).toEqual({ code: 0, signal: null })
    expect(waiting.events('waited')).toMatchObject([{ name: 'content', bytes: 3_000_000, copies: 2, goalMet: true }])
    const hosts = join(root, 'hosts.txt')
    await writeFile(hosts, 'one\ntwo\n')
    const later = wait(['--expect', hosts])
    expect(await later.exited, later.output).toEqual({ code: 0, signal: null })
    expect(later.stdout).toEqual([])
    expect(later.stderr.at(-1)).toMatch(/^content: 2 copies after /)
  })

  test('ends with 4 at its deadline, and names who is missing and who came in place of them', async () => {
    const { root, wait, fetch } = await published()
    const [hosts, report] = [join(root, 'hosts.txt'), join(root, 'report.json')]
    await writeFile(hosts, 'one\ntwo\n')
    for (const host of ['one', 'ip-10-0-0-2']) await fetch(host)
    const waiting = wait(['--expect', hosts, '--timeout', '12s', '--report', report])
    expect(await waiting.exited, waiting.output).toEqual({ code: 4, signal: null })
    expect(waiting.output).toContain('error: The time of 12 s is over: 1 of 2 copies are complete. Missing: two.')
    expect(waiting.output).toContain(
      'hint: 1 host that is not on the list has it: ip-10-0-0-2. If these are the missing ones, fetch there with',
    )
    expect(JSON.parse(await readFile(report, 'utf8'))).toMatchObject({
      name: 'content',
      goal: 2,
      goalMet: false,
      error: 'INCOMPLETE',
      copies: 1,
    })
  })

  test('notices that the seed has gone, and says so at its deadline too', async () => {
    const { seed, wait } = await published()
    const waiting = wait(['--timeout', '15s', '--json'])
    await waiting.event('metadata')
    seed.signal('SIGKILL')
    expect(await waiting.exited, waiting.output).toEqual({ code: 4, signal: null })
    const gone = /Whoever was asked has gone: 127\.0\.0\.1:\d+ \(the connection was refused\)/
    expect(waiting.events('warning')).toMatchObject([{ message: expect.stringMatching(gone) }])
    expect(waiting.events('error')).toMatchObject([{ message: expect.stringMatching(gone) }])
  })

  test.each([
    ['nobody to ask', ['--timeout', '1s']],
    ['nobody at the address that was named', ['--timeout', '1s', '--peer', '127.0.0.1:1']],
    ['nobody for as long as it is patient', ['--stall-timeout', '1s']],
  ])('ends with 3 by a .torrent too where there is %s', async (_title, words) => {
    const { torrent } = await publication('app', 1_000)
    const waiting = spawnDistro(['wait', torrent, '--copies', '2', ...closedOff, '--state-dir', await temporaryFolder(), ...words])
    expect(await waiting.exited, waiting.output).toEqual({ code: 3, signal: null })
    expect(waiting.output).toContain('No peer was found within 1 s')
  })

  test('ends with 3 where nobody is', async () => {
    const waiting = spawnDistro(['wait', 'a'.repeat(40), ...closedOff, '--state-dir', await temporaryFolder(), '--timeout', '1s'])
    expect(await waiting.exited, waiting.output).toEqual({ code: 3, signal: null })
    expect(waiting.output).toContain('No peer was found within 1 s')
  })
})
