import { chmod, mkdir, readdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { noise } from '../app/support/write-files.ts'
import { differingPaths } from '../support/differing-paths.ts'
import type { DistroEvent } from '../support/distro-process.ts'
import { spawnDistro } from '../support/spawn-distro.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { buildTorrent } from '../torrent/build-v2.ts'
import { closedOff } from './support/publication.ts'

const sizes = { 'bin/app': 700_000, 'bin/tool': 16_384, 'data/big': 3_000_000, 'data/none': 0, 'notes.txt': 300, z: 65_537 }
const contentBytes = Object.values(sizes).reduce((sum, size) => sum + size, 0)

/** The folder `release`, a .torrent of it, and how to run distro on them. */
async function published(format: 'v2' | 'hybrid') {
  const root = await temporaryFolder()
  const content = join(root, 'published', 'release')
  const files = Object.entries(sizes).map(([path, size]) => ({ path: path.split('/'), content: noise(path, size) }))
  for (const { path, content: bytes } of files) {
    await mkdir(dirname(join(content, ...path)), { recursive: true })
    await writeFile(join(content, ...path), bytes)
  }
  const torrent = join(root, 'it.torrent')
  await writeFile(torrent, buildTorrent(files, 65_536, format).bytes)
  const run = (name: string, words: readonly string[]) =>
    spawnDistro([...words, '--json', ...closedOff, '--state-dir', join(root, `state-${name}`)], { env: { HOME: root } })
  const seed = () => run('seed', ['seed', content, '--torrent', torrent])
  const fetch = (name: string, words: readonly string[]) => run(name, ['fetch', torrent, '--out', join(root, name), ...words])
  return { root, content, torrent, run, seed, fetch, copyOf: (name: string) => join(root, name, 'release') }
}

const peerOf = (ready: DistroEvent): string => String((ready.listen as readonly unknown[])[0])

describe.each(['v2', 'hybrid'] as const)('a %s torrent', (format) => {
  test('is fetched by .torrent, passed on by who has it, and verified', async () => {
    const { content, torrent, seed, fetch, copyOf } = await published(format)
    const first = peerOf(await seed().event('ready'))
    const passing = fetch('one', ['--peer', first, '--seed-for', '10m'])
    await passing.event('done')
    const second = peerOf(await passing.event('ready'))
    const last = fetch('two', ['--peer', second])
    expect(await last.exited, last.output).toEqual({ code: 0, signal: null })
    expect(last.events('done')[0]).toMatchObject({ bytes: contentBytes, downloaded: contentBytes })
    expect(await differingPaths(content, copyOf('two'))).toEqual([])
    const verify = spawnDistro(['verify', torrent, copyOf('two')])
    expect(await verify.exited, verify.output).toEqual({ code: 0, signal: null })

    const spoiled = await readFile(join(copyOf('two'), 'data/big'))
    spoiled[2_999_999] = (spoiled[2_999_999] as number) ^ 1
    await writeFile(join(copyOf('two'), 'data/big'), spoiled)
    const again = spawnDistro(['verify', torrent, copyOf('two')])
    expect(await again.exited, again.output).toEqual({ code: 5, signal: null })
    expect(again.output).toContain('data/big')
  })

  test('is fetched in part, and nothing else comes with it', async () => {
    const { content, seed, fetch, copyOf } = await published(format)
    const peer = peerOf(await seed().event('ready'))
    const part = fetch('part', ['--peer', peer, '--select', 'notes.txt', '--select', 'bin/*'])
    expect(await part.exited, part.output).toEqual({ code: 0, signal: null })
    // No piece belongs to two files, so nothing comes that is not wanted.
    expect(part.events('done')[0]).toMatchObject({ bytes: 716_684, downloaded: 716_684 })
    expect(await differingPaths(join(content, 'bin'), join(copyOf('part'), 'bin'))).toEqual([])
  })

  test('comes from a web seed, which is not asked for padding', async () => {
    const { root, content, fetch, copyOf } = await published(format)
    const fetching = fetch('web', ['--web-seed', join(root, 'published')])
    expect(await fetching.exited, fetching.output).toEqual({ code: 0, signal: null })
    expect(fetching.events('done')[0]).toMatchObject({ bySource: { peers: 0, webSeeds: contentBytes, local: 0 } })
    expect(await differingPaths(content, copyOf('web'))).toEqual([])
  })

  test('is made, seeded and fetched with its exec bits, links and empty folders', async () => {
    const { root, content, run } = await published(format)
    await chmod(join(content, 'bin/tool'), 0o755)
    await symlink('../data', join(content, 'bin/data'))
    await mkdir(join(content, 'logs/old'), { recursive: true })
    const torrent = join(root, 'made.torrent')
    const seed = run('made', ['seed', content, '--format', format, '--torrent-out', torrent])
    const fetching = run('faithful', ['fetch', torrent, '--out', join(root, 'faithful'), '--peer', peerOf(await seed.event('ready'))])
    expect(await fetching.exited, fetching.output).toEqual({ code: 0, signal: null })
    const copy = join(root, 'faithful', 'release')
    expect(await differingPaths(content, copy)).toEqual([])
    expect([await readlink(join(copy, 'bin/data')), (await stat(join(copy, 'bin/tool'))).mode & 0o100]).toEqual(['../data', 0o100])
    expect(await readdir(join(copy, 'logs/old'))).toEqual([])
  })
})
