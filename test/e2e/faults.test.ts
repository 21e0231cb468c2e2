import { execFile } from 'node:child_process'
import { appendFile, chmod, mkdir, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { Child } from '../support/child.ts'
import { differingPaths } from '../support/differing-paths.ts'
import type { DistroProcess } from '../support/distro-process.ts'
import { writeRandomTree } from '../support/random-tree.ts'
import { spawnDistro } from '../support/spawn-distro.ts'
import { stoppedAtEnd } from '../support/stopped-at-end.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { mountTmpfs } from './support/mount-tmpfs.ts'

const run = promisify(execFile)
const distro = resolve('bin/distro.js')
const network = ['--bind', '127.0.0.1', '--port', '0', '--no-lsd', '--no-dht']
const totalBytes = 6_000_000

/** A seed of some megabytes, and two ways to fetch them. */
async function seeded({ files = 20, bytes = totalBytes, upLimit = '1G' } = {}) {
  const root = await temporaryFolder()
  const content = join(root, 'content')
  await writeRandomTree(content, { seed: 5, files, totalBytes: bytes })
  const out = join(root, 'out')
  await mkdir(out)
  const torrent = join(root, 'content.torrent')
  const words = [content, '--torrent-out', torrent, '--up-limit', upLimit, '--state-dir', join(root, 'state-seed')]
  const seed = spawnDistro(['seed', ...words, ...network, '--json'])
  const { magnet, listen } = await seed.event('ready')
  const fetchOf = (id: string, folder: string, ...more: string[]): DistroProcess =>
    spawnDistro(['fetch', id, '--out', folder, ...network, '--json', ...more, '--state-dir', join(root, 'state-fetch')])
  const fetchTo = (folder: string, ...more: string[]): DistroProcess => fetchOf(String(magnet), folder, ...more)
  /** The same by .torrent, and with a seed that stands still until it gets SIGCONT: it is ready once it has the disk for itself. */
  const heldFetchTo = (folder: string): DistroProcess => {
    seed.signal('SIGSTOP')
    return fetchOf(torrent, folder, '--peer', String((listen as readonly unknown[])[0]))
  }
  return { root, content, out, seed, magnet: String(magnet), fetchTo, heldFetchTo }
}

describe('the disk', () => {
  test('that is too small is found before anything is written, and one that fills up meanwhile keeps what was verified', async (context) => {
    const { content, out, seed, fetchTo, heldFetchTo } = await seeded()
    await mountTmpfs(context, out, 'size=4m')
    const early = fetchTo(out)
    expect(await early.exited, early.output).toEqual({ code: 6, signal: null })
    expect(early.events('error')).toMatchObject([
      { code: 'DISK_FULL', exitCode: 6, message: expect.stringMatching(/lacks \d+(\.\d)? MiB of the/) },
    ])
    expect(await readdir(out)).toEqual([])

    await run('mount', ['-o', 'remount,size=9m', out])
    const late = heldFetchTo(out)
    await late.event('ready')
    await writeFile(join(out, 'filler'), Buffer.alloc(6_000_000))
    seed.signal('SIGCONT')
    expect(await late.exited, late.output).toEqual({ code: 6, signal: null })
    expect(late.events('error')).toMatchObject([{ code: 'DISK_FULL', hint: expect.stringContaining('kept') }])

    await rm(join(out, 'filler'))
    const again = fetchTo(out)
    expect(await again.exited, again.output).toEqual({ code: 0, signal: null })
    expect(await differingPaths(content, join(out, 'content'))).toEqual([])
    expect(Object(again.events('done')[0]?.bySource).local).toBeGreaterThan(0)
  })

  test('that may not be written ends a fetch with exit code 6', async (context) => {
    const { out, fetchTo } = await seeded({ bytes: 100_000, files: 3 })
    if (process.getuid?.() === 0) await mountTmpfs(context, out, 'ro')
    else await chmod(out, 0o555)
    const fetch = fetchTo(out)
    expect(await fetch.exited, fetch.output).toEqual({ code: 6, signal: null })
    expect(fetch.events('error')).toMatchObject([{ code: 'DISK_FAILED', message: expect.stringContaining(out) }])
  })

  test('with two thousand files needs no more than 256 descriptors, on either side', async (context) => {
    const root = await temporaryFolder()
    const content = join(root, 'content')
    await writeRandomTree(content, { seed: 6, files: 2_000, totalBytes: 4_000_000 })
    const prlimit = await run('prlimit', ['--version']).catch(() => undefined)
    if (prlimit === undefined) return context.skip('prlimit is not installed')
    const limited = (...words: string[]): Child =>
      stoppedAtEnd(
        new Child('prlimit', ['--nofile=256', process.execPath, distro, ...words, ...network, '--state-dir', join(root, 'state')]),
      )
    const seed = limited('seed', content)
    const magnet = await seed.find('magnet', (line) => (line.startsWith('magnet:') ? line : undefined))
    const fetch = limited('fetch', magnet, '--out', join(root, 'out'))
    expect(await fetch.exited, fetch.output).toEqual({ code: 0, signal: null })
    expect(await differingPaths(content, join(root, 'out/content'))).toEqual([])
  })
})

test('content that changes under its seed ends it with exit code 5 naming the file, and never a fetch with wrong bytes', async () => {
  const victim = 'part-3/layer-1/file-019.bin'
  const changes = [(path: string) => appendFile(path, 'more'), (path: string) => truncate(path, 1_000), (path: string) => rm(path)]
  await Promise.all(
    changes.map(async (change) => {
      // The file that changes is whole at the fetch after ten seconds at the earliest.
      const { content, out, seed, fetchTo } = await seeded({ upLimit: '500k' })
      const fetch = fetchTo(out, '--stall-timeout', '3s')
      await fetch.event('metadata')
      await change(join(content, victim))
      expect(await seed.exited, seed.output).toEqual({ code: 5, signal: null })
      expect(seed.events('error')).toMatchObject([{ code: 'SOURCE_CHANGED', message: expect.stringContaining(victim) }])
      expect(await fetch.exited, fetch.output).toMatchObject({ code: 4 })
      expect((await readdir(out)).filter((name) => !name.startsWith('.'))).toEqual([])
    }),
  )
})

describe('what another process holds', () => {
  test('the target of a fetch ends a second one with exit code 9, and the first goes on', async () => {
    const { content, out, seed, heldFetchTo } = await seeded()
    const first = heldFetchTo(out)
    await first.event('ready')
    const second = heldFetchTo(out)
    expect(await second.exited, second.output).toEqual({ code: 9, signal: null })
    expect(second.events('error')).toMatchObject([{ code: 'BUSY', exitCode: 9 }])
    seed.signal('SIGCONT')
    expect(await first.exited, first.output).toEqual({ code: 0, signal: null })
    expect(await differingPaths(content, join(out, 'content'))).toEqual([])
  })

  test('the port that was asked for ends both verbs with exit code 8', async () => {
    const { root, content, magnet } = await seeded({ bytes: 100_000, files: 3 })
    const port = /x\.pe=127\.0\.0\.1(?::|%3A)(\d+)/.exec(magnet)?.[1] ?? ''
    const taken = ['--bind', '127.0.0.1', '--port', port, '--no-lsd', '--no-dht', '--json', '--state-dir', join(root, 'state')]
    const seed = spawnDistro(['seed', content, ...taken])
    const fetch = spawnDistro(['fetch', magnet, '--out', join(root, 'other'), ...taken])
    for (const process of [seed, fetch]) {
      expect(await process.exited, process.output).toEqual({ code: 8, signal: null })
      expect(process.events('error')).toMatchObject([{ code: 'LISTEN_FAILED', message: expect.stringContaining(port) }])
    }
    expect(seed.events('progress')).toEqual([])
  })
})

test('a reader of stdout that goes away ends neither a seed nor a fetch', async () => {
  const { root, content, out, magnet } = await seeded({ upLimit: '4M' })
  const words = ['fetch', magnet, '--out', out, ...network, '--json', '--state-dir', join(root, 'state')]
  const quoted = [process.execPath, distro, ...words].map((word) => `'${word}'`).join(' ')
  const pipeline = stoppedAtEnd(new Child('sh', ['-c', `{ ${quoted}; echo "ended with $?" >&2; } | true`]))
  await pipeline.exited
  expect(pipeline.stderr.at(-1), pipeline.output).toBe('ended with 0')
  expect(await differingPaths(content, join(out, 'content'))).toEqual([])
})

test('rate limits up and down are kept to five percent', async () => {
  const bytes = 20 * 2 ** 20
  const root = await temporaryFolder()
  await Promise.all(
    ['up', 'down'].map(async (way) => {
      const content = join(root, way)
      await writeRandomTree(content, { seed: 7, files: 5, totalBytes: bytes })
      const limit = [`--${way}-limit`, '5M', '--state-dir', join(root, `state-${way}`)]
      const seed = spawnDistro(['seed', content, ...network, '--json', ...(way === 'up' ? limit : [])])
      const { magnet } = await seed.event('ready')
      const fetch = spawnDistro([
        'fetch',
        String(magnet),
        '--out',
        join(root, 'out'),
        ...network,
        '--json',
        // What goes up and what goes down is the same, and would be taken from there.
        '--no-known-trees',
        ...(way === 'down' ? limit : []),
      ])
      expect(await fetch.exited, fetch.output).toEqual({ code: 0, signal: null })
      const seconds = Number(fetch.events('done')[0]?.seconds)
      expect(seconds).toBeGreaterThan(4 * 0.95)
      // A slow machine may take longer; a limit that takes bytes for bits takes eight times as long everywhere.
      expect(seconds).toBeLessThan(4 * 8)
    }),
  )
})
