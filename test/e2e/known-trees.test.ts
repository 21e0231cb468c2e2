import { appendFile, cp, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { noise } from '../app/support/write-files.ts'
import { differingPaths } from '../support/differing-paths.ts'
import type { DistroProcess } from '../support/distro-process.ts'
import { spawnDistro } from '../support/spawn-distro.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { closedOff } from './support/publication.ts'

type Format = 'v1' | 'hybrid' | 'v2'
type Version = 'one' | 'two'

/** Two versions of a tree: of its four million bytes 100,000 are new in the second, beside a file that was moved and one that grew. */
async function twoVersions(formats: Readonly<Record<Version, Format>>, words: readonly string[] = []) {
  const root = await temporaryFolder()
  const trees = { one: join(root, 'one/app'), two: join(root, 'two/app') }
  await mkdir(join(trees.one, 'lib'), { recursive: true })
  for (let file = 0; file < 40; file++) await writeFile(join(trees.one, 'lib', `${file}.so`), noise(`${file}`, 100_000 + file))
  await cp(trees.one, trees.two, { recursive: true })
  await rename(join(trees.two, 'lib/7.so'), join(trees.two, 'lib/moved.bin'))
  await appendFile(join(trees.two, 'lib/8.so'), 'more')
  await writeFile(join(trees.two, 'new'), noise('new', 100_000))
  for (const version of ['one', 'two'] as const) {
    const to = ['-o', join(root, `${version}.torrent`), '--format', formats[version], '--piece-length', '32K', ...words]
    const create = spawnDistro(['create', trees[version], ...to])
    expect(await create.exited, create.output).toEqual({ code: 0, signal: null })
  }
  const state = join(root, 'state')
  const fetch = (version: Version, out: string, more: readonly string[] = []): DistroProcess => {
    const source = ['--web-seed', join(root, version), '--web-seed-delay', '0s', '--state-dir', state]
    const all = ['fetch', join(root, `${version}.torrent`), '--out', join(root, out), '--json', ...source, ...closedOff, ...more]
    return spawnDistro(all, { env: { HOME: root } })
  }
  /** How many bytes a fetch took from elsewhere; its tree is right. */
  const downloaded = async (version: Version, out: string, more: readonly string[] = []): Promise<number> => {
    const run = fetch(version, out, more)
    expect(await run.exited, run.output).toEqual({ code: 0, signal: null })
    expect(await differingPaths(trees[version], join(root, out, 'app'))).toEqual([])
    return Number(run.events('done')[0]?.downloaded)
  }
  return { root, trees, state, fetch, downloaded }
}

describe('a fetch on a host that holds another version somewhere', () => {
  it.each([
    ['v2', 'v2', 300_000],
    ['hybrid', 'hybrid', 300_000],
    ['v2', 'hybrid', 300_000],
    ['v1', 'hybrid', 400_000],
    ['v1', 'v1', 600_000],
  ] as const)('takes equal files from there, of %s for %s', async (one, two, mostBytes) => {
    const { downloaded } = await twoVersions({ one, two })
    expect(await downloaded('one', 'a')).toBeGreaterThan(4_000_000)
    expect(await downloaded('two', 'b/c')).toBeLessThan(mostBytes)
  })

  it('says before what it would take, and writes nothing', async () => {
    const { root, state, fetch, downloaded } = await twoVersions({ one: 'v2', two: 'v2' })
    await downloaded('one', 'a')
    await rm(join(root, 'a/app/lib/9.so'))
    const known = join(state, 'known-trees')
    const before = await readdir(known)
    const look = fetch('two', 'b', ['--dry-run'])
    expect(await look.exited, look.output).toEqual({ code: 0, signal: null })
    const [outlook] = look.events('outlook')
    expect(Number(outlook?.missingBytes)).toBeLessThan(400_000)
    expect(await readdir(known)).toEqual(before)
    expect(await downloaded('two', 'b')).toBe(outlook?.missingBytes)
  })

  it.each([
    ['does not look with --no-known-trees', [], ['--no-known-trees']],
    ['finds nothing that --no-known-trees kept from being noted', ['--no-known-trees'], []],
  ])('%s', async (_what, first, second) => {
    const { downloaded } = await twoVersions({ one: 'v2', two: 'v2' })
    await downloaded('one', 'a', first)
    expect(await downloaded('two', 'b', second)).toBeGreaterThan(4_000_000)
  })

  it('finds nothing of a private torrent, and may take for one', async () => {
    const { downloaded } = await twoVersions({ one: 'v2', two: 'v2' }, ['--private', '--tracker', 'http://127.0.0.1:1/announce'])
    await downloaded('one', 'a')
    expect(await downloaded('two', 'b')).toBeGreaterThan(4_000_000)
  })

  it('transfers a torrent a second time that it was fetched by before', async () => {
    const { downloaded } = await twoVersions({ one: 'v2', two: 'v2' })
    await downloaded('one', 'a')
    expect(await downloaded('one', 'b')).toBeGreaterThan(4_000_000)
  })

  it('is right when what is known was changed, damaged or removed meanwhile', async () => {
    const { root, downloaded, state } = await twoVersions({ one: 'v2', two: 'v2' })
    await downloaded('one', 'a')
    await using file = await open(join(root, 'a/app/lib/3.so'), 'r+')
    await file.write('x', 50_000)
    await rm(join(root, 'a/app/lib/4.so'))
    await writeFile(join(root, 'a/app/lib/5.so'), 'short')
    expect(await downloaded('two', 'b')).toBeLessThan(600_000)
    for (const name of await readdir(join(state, 'known-trees'))) await writeFile(join(state, 'known-trees', name), noise(name, 5_000))
    expect(await downloaded('two', 'c')).toBeGreaterThan(4_000_000)
  })

  it('copies from there also with --reuse-links, which is for places that were named', async () => {
    const { root, downloaded } = await twoVersions({ one: 'v2', two: 'v2' })
    const isShared = async (out: string): Promise<boolean> => {
      const [one, other] = await Promise.all(['a', out].map((place) => stat(join(root, place, 'app/lib/1.so'))))
      return one?.ino === other?.ino
    }
    await downloaded('one', 'a')
    await downloaded('two', 'b', ['--reuse-links'])
    expect(await isShared('b')).toBe(false)
    await rm(join(root, 'b'), { recursive: true })
    await downloaded('two', 'c', ['--reuse-links', '--reuse', join(root, 'a')])
    expect(await isShared('c')).toBe(true)
  })

  it('takes from what a seed publishes, unless that was told not to note it', async () => {
    const { root, trees, state, downloaded } = await twoVersions({ one: 'v2', two: 'v2' })
    const publish = async (words: readonly string[]): Promise<void> => {
      const all = ['seed', trees.one, '--format', 'v2', '--json', '--state-dir', state, ...closedOff, ...words]
      const seed = spawnDistro(all, { env: { HOME: root } })
      await seed.event('ready')
      seed.signal('SIGTERM')
      await seed.exited
    }
    await publish(['--no-known-trees'])
    expect(await downloaded('two', 'a', ['--no-known-trees'])).toBeGreaterThan(4_000_000)
    await publish([])
    expect(await downloaded('two', 'b')).toBeLessThan(300_000)
  })
})

/** Two versions of one large file under two names, of which the second differs in one piece. */
async function twoFiles(format: Format, words: (one: string) => Readonly<Record<Version, readonly string[]>>) {
  const root = await temporaryFolder()
  const torrents = { one: join(root, 'one.torrent'), two: join(root, 'two.torrent') }
  const content = noise('tar', 2_000_000)
  const files = { one: join(root, 'app-1.tar'), two: join(root, 'app-2.tar') }
  await writeFile(files.one, content)
  content.set(noise('patch', 1_000), 1_000_000)
  await writeFile(files.two, content)
  for (const version of ['one', 'two'] as const) {
    const to = ['-o', torrents[version], '--format', format, '--piece-length', '32K', ...words(torrents.one)[version]]
    const create = spawnDistro(['create', files[version], ...to])
    expect(await create.exited, create.output).toEqual({ code: 0, signal: null })
  }
  return async (version: Version): Promise<number> => {
    const source = ['--web-seed', root, '--web-seed-delay', '0s', '--state-dir', join(root, 'state')]
    const words = ['fetch', torrents[version], '--out', join(root, version), '--json', ...source, ...closedOff]
    const run = spawnDistro(words, { env: { HOME: root } })
    expect(await run.exited, run.output).toEqual({ code: 0, signal: null })
    const [done] = run.events('done')
    expect((await readFile(String(done?.path))).equals(await readFile(files[version]))).toBe(true)
    return Number(done?.downloaded)
  }
}

describe('a fetch of what its torrent calls similar to another (BEP 38)', () => {
  const series = ['--collection', 'com.example.app']
  // In v2 a block, in v1 a piece.
  it.each<[string, Format, (one: string) => Readonly<Record<Version, readonly string[]>>, number]>([
    ['names it', 'v2', (one) => ({ one: [], two: ['--similar', one] }), 16_384],
    ['names it', 'v1', (one) => ({ one: [], two: ['--similar', one] }), 32_768],
    ['belongs to the same series', 'hybrid', () => ({ one: series, two: ['--collection', 'other', ...series] }), 16_384],
    ['says nothing of it', 'v2', () => ({ one: series, two: [] }), 2_000_000],
  ])('takes the pieces that did not change when it %s, in %s', async (_how, format, words, bytes) => {
    const fetch = await twoFiles(format, words)
    expect(await fetch('one')).toBe(2_000_000)
    expect(await fetch('two')).toBe(bytes)
  })
})
