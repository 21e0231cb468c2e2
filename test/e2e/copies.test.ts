import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { writeFiles } from '../app/support/write-files.ts'
import { spawnDistro } from '../support/spawn-distro.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { closedOff } from './support/publication.ts'

interface Told {
  readonly complete: number
  readonly goal: number | null
  readonly host: { readonly id: string | null; readonly name: string | null; readonly address: string }
}

async function published(words: readonly string[]) {
  const root = await temporaryFolder()
  const content = await writeFiles(join(root, 'content'), { 'a.bin': 1_000_000, 'b/c.bin': 2_000_000 })
  const seed = spawnDistro(['seed', content, '--json', ...closedOff, '--state-dir', join(root, 'seed'), ...words])
  const { magnet } = await seed.event('ready')
  let fetches = 0
  return {
    seed,
    told: () => seed.events('copies') as unknown as readonly Told[],
    fetch(host: string, more: readonly string[] = []) {
      const places = ['--out', join(root, `out-${++fetches}`), '--state-dir', join(root, host), '--host-name', host]
      return spawnDistro(['fetch', String(magnet), '--json', ...closedOff, ...places, ...more])
    },
  }
}

describe('a seed that waits for copies', () => {
  test('ends with 0 when so many distinct hosts hold the tree, whoever of them comes again', async () => {
    const { seed, told, fetch } = await published(['--until-copies', '3'])
    const stays = fetch('one', ['--keep-seeding'])
    await stays.event('done')
    for (const host of ['two', 'two', 'two']) {
      const leaves = fetch(host)
      expect(await leaves.exited, leaves.output).toEqual({ code: 0, signal: null })
    }
    await stays.stop('SIGTERM')
    const again = fetch('one')
    expect(await again.exited, again.output).toEqual({ code: 0, signal: null })
    expect(told().map(({ complete, goal, host }) => [complete, goal, host.name])).toEqual([
      [1, 3, 'one'],
      [2, 3, 'two'],
    ])
    const last = fetch('three')
    expect(await last.exited, last.output).toEqual({ code: 0, signal: null })
    expect(await seed.exited, seed.output).toEqual({ code: 0, signal: null })
    expect(told().at(-1)).toMatchObject({ complete: 3, host: { name: 'three', address: expect.stringMatching(/^127\.0\.0\.1:\d+$/) } })
    expect(seed.events('done')).toMatchObject([{ copies: 3 }])
  })

  test('is told by a host that has had it before, though it fetches by the .torrent and only names the seed', async () => {
    const root = await temporaryFolder()
    const content = await writeFiles(join(root, 'content'), { 'a.bin': 1_000_000 })
    const torrent = join(root, 'content.torrent')
    await spawnDistro(['create', content, '-o', torrent]).exited
    const seed = spawnDistro(['seed', content, '--json', ...closedOff, '--state-dir', join(root, 'seed'), '--until-copies', '1'])
    const { listen } = await seed.event('ready')
    const peer = ['--peer', String((listen as readonly string[])[0])]
    const fetch = (words: readonly string[]) =>
      spawnDistro([
        'fetch',
        torrent,
        '--json',
        '--out',
        root,
        '--state-dir',
        join(root, 'state'),
        '--host-name',
        'one',
        ...closedOff,
        ...words,
      ])

    const alone = fetch([])
    expect(await alone.exited, alone.output).toEqual({ code: 0, signal: null })
    expect(seed.events('copies')).toEqual([])
    const telling = fetch(peer)
    expect(await telling.exited, telling.output).toEqual({ code: 0, signal: null })
    expect(await seed.exited, seed.output).toEqual({ code: 0, signal: null })
    expect(seed.events('copies')).toMatchObject([{ complete: 1, host: { name: 'one' } }])

    const offline = fetch(peer)
    expect(await offline.exited, offline.output).toEqual({ code: 0, signal: null })
    expect(offline.events('warning')).toMatchObject([
      { message: expect.stringMatching(/^Nobody was told that it is in place here: .+ refused/) },
    ])
  })

  test('does not count a host that fetched a part', async () => {
    const { told, fetch } = await published([])
    const part = fetch('part', ['--select', 'a.bin'])
    expect(await part.exited, part.output).toEqual({ code: 0, signal: null })
    const whole = fetch('whole')
    expect(await whole.exited, whole.output).toEqual({ code: 0, signal: null })
    expect(told().map(({ host }) => host.name)).toEqual(['whole'])
  })

  test('ends with 4 at its deadline when a host is missing, and writes down who has it', async () => {
    const report = join(await temporaryFolder(), 'report.json')
    const { seed, fetch } = await published(['--until-copies', '2', '--timeout', '20s', '--report', report])
    const one = fetch('one')
    expect(await one.exited, one.output).toEqual({ code: 0, signal: null })
    expect(await seed.exited, seed.output).toEqual({ code: 4, signal: null })
    expect(seed.events('error')).toMatchObject([{ code: 'INCOMPLETE', message: expect.stringContaining('1 of 2 copies') }])
    const written: unknown = JSON.parse(await readFile(report, 'utf8'))
    const end = { goal: 2, goalMet: false, error: 'INCOMPLETE', copies: 1 }
    expect(written).toMatchObject({
      version: 1,
      name: 'content',
      bytes: 3_000_000,
      ...end,
      hosts: [{ name: 'one', id: expect.any(String) }],
    })
  })
})
