import { appendFile, cp, type FileHandle, mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { noise } from '../app/support/write-files.ts'
import { differingPaths } from '../support/differing-paths.ts'
import { spawnDistro } from '../support/spawn-distro.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { closedOff } from './support/publication.ts'

const files = 60

/** Two versions of one tree: some files changed in place, some grew, moved, came or went. */
async function twoVersions() {
  const root = await temporaryFolder()
  const [one, two] = [join(root, 'one/app'), join(root, 'two/app')]
  await mkdir(join(one, 'lib'), { recursive: true })
  for (let file = 0; file < files; file++) await writeFile(join(one, 'lib', `${file}.so`), noise(`${file}`, 1_000 * (file + 1)))
  await writeFile(join(one, 'big'), noise('big', 8_000_000))
  await cp(one, two, { recursive: true })
  await using big = await open(join(two, 'big'), 'r+')
  await big.write(noise('patch', 1_000), 0, 1_000, 4_000_000)
  await appendFile(join(two, 'lib/40.so'), 'more')
  await rename(join(two, 'lib/50.so'), join(two, 'moved.so'))
  await rm(join(two, 'lib/3.so'))
  await writeFile(join(two, 'new'), noise('new', 5_000))
  for (const version of ['one', 'two']) {
    const create = spawnDistro(['create', join(root, version, 'app'), '-o', join(root, `${version}.torrent`), '--piece-length', '32K'])
    expect(await create.exited, create.output).toEqual({ code: 0, signal: null })
  }
  const fetch = (version: 'one' | 'two', words: readonly string[]) => {
    const source = ['--web-seed', join(root, version), '--web-seed-delay', '0s', '--state-dir', join(root, 'state')]
    return spawnDistro(['fetch', join(root, `${version}.torrent`), '--json', ...source, ...closedOff, ...words], { env: { HOME: root } })
  }
  return { root, one, two, fetch }
}

describe('a second version', () => {
  it.each([
    ['beside the release before', (root: string) => ['--releases', join(root, 'srv')]],
    ['in its place', (root: string) => ['--out', join(root, 'srv'), '--overwrite']],
  ])('costs little more than what changed %s, and is what was published', async (_where, words) => {
    const { root, two, fetch } = await twoVersions()
    const first = fetch('one', words(root))
    expect(await first.exited, first.output).toEqual({ code: 0, signal: null })
    const look = fetch('two', [...words(root), '--dry-run'])
    expect(await look.exited, look.output).toEqual({ code: 0, signal: null })
    const second = fetch('two', words(root))
    expect(await second.exited, second.output).toEqual({ code: 0, signal: null })
    const [done] = second.events('done')
    expect(await differingPaths(two, String(done?.path))).toEqual([])
    expect(Number(done?.downloaded)).toBeLessThan(300_000)
    expect(look.events('outlook')).toEqual([expect.objectContaining({ missingBytes: done?.downloaded, bytes: done?.bytes })])
    expect(done?.bySource).toMatchObject({ local: Number(done?.bytes) - Number(done?.downloaded) })
  })

  it('is taken from wherever --reuse says, as second names of the same files with --reuse-links', async () => {
    const { root, one, two, fetch } = await twoVersions()
    const words = ['--out', join(root, 'out'), '--reuse', one, '--reuse-links']
    const second = fetch('two', words)
    expect(await second.exited, second.output).toEqual({ code: 0, signal: null })
    expect(await differingPaths(two, join(root, 'out/app'))).toEqual([])
    const inodes = await Promise.all([join(one, 'lib/5.so'), join(root, 'out/app/lib/5.so')].map(async (path) => (await stat(path)).ino))
    expect(inodes[0]).toBe(inodes[1])
    expect(Number(second.events('done')[0]?.downloaded)).toBeLessThan(300_000)
  })

  it.each(['v2', 'hybrid'])('of %s costs little more than what is new where its content moved inside a file, by magnet', async (format) => {
    const root = await temporaryFolder()
    const [one, two] = [join(root, 'one/app'), join(root, 'two/app')]
    await mkdir(one, { recursive: true })
    await mkdir(two, { recursive: true })
    const big = noise('big', 8_000_000)
    const patch = noise('patch', 100)
    await writeFile(join(one, 'app-1.0.tar'), Buffer.concat([big.subarray(0, 3_000_000), big.subarray(3_050_000)]))
    await writeFile(join(two, 'app-1.1.tar'), Buffer.concat([patch, big]))
    const seed = spawnDistro(['seed', two, '--json', '--format', format, '--state-dir', join(root, 'seed'), ...closedOff])
    const { magnet } = await seed.event('ready')
    const words = ['fetch', String(magnet), '--json', '--reuse', one, '--out', join(root, 'out'), '--state-dir', join(root, 'state')]
    const look = spawnDistro([...words, ...closedOff, '--dry-run'])
    expect(await look.exited, look.output).toEqual({ code: 0, signal: null })
    const fetch = spawnDistro([...words, ...closedOff])
    expect(await fetch.exited, fetch.output).toEqual({ code: 0, signal: null })
    expect(await differingPaths(two, join(root, 'out/app'))).toEqual([])
    const [done] = fetch.events('done')
    // What was cut takes 50,000 bytes; beside it parts of blocks at a few edges, of which a look beforehand knows nothing.
    expect(Number(done?.downloaded)).toBeLessThan(50_100 + 5 * 512)
    const [outlook] = look.events('outlook')
    expect(Number(outlook?.missingBytes)).toBeGreaterThanOrEqual(Number(done?.downloaded))
    expect(Number(outlook?.missingBytes)).toBeLessThan(50_100 + 5 * 16_384)
    expect(done?.bySource).toEqual({ peers: done?.downloaded, webSeeds: 0, local: 8_000_100 - Number(done?.downloaded) })
  })

  it.each([
    ['of single bytes', 100, 1],
    ['of 4 KiB', 30, 4_096],
  ])('with changes %s all over it moves little more than those', async (_title, changes, changedBytes) => {
    const { two, transfer } = await scattered(async (big, step) => {
      for (let change = 0; change < changes; change++) {
        // Not where parts or blocks begin.
        await big.write(noise(`change ${change}`, changedBytes), 0, changedBytes, Math.floor((change * step) / changes) + 333)
      }
    })
    const { done, place } = await transfer()
    expect(await differingPaths(two, place)).toEqual([])
    // A change lies in one part more than it fills; one that lies across the end of a block is in two of them.
    const mostBytes = changes * (Math.ceil(changedBytes / 512) + 1) * 512
    expect(done.downloaded).toBeLessThanOrEqual(mostBytes)
    expect(done.bySource).toEqual({ peers: done.downloaded, webSeeds: 0, local: done.bytes - done.downloaded })
  })

  it('with 100 bytes put into a large file moves them, and little more', async () => {
    const { two, transfer } = await scattered(async (big, step) => {
      const rest = Buffer.alloc(step / 2)
      await big.read(rest, 0, rest.length, step / 2)
      await big.write(Buffer.concat([noise('put in', 100), rest]), 0, rest.length + 100, step / 2)
    })
    const { done, place } = await transfer()
    expect(await differingPaths(two, place)).toEqual([])
    expect(done.downloaded).toBeLessThanOrEqual(2 * 512)
  })
})

/** A seed of a release whose large file was changed, and a fetch by a host that has the release before. */
async function scattered(change: (big: FileHandle, bytes: number) => Promise<void>) {
  const root = await temporaryFolder()
  const [one, two] = [join(root, 'one/app'), join(root, 'two/app')]
  await mkdir(one, { recursive: true })
  const bytes = 8_000_000
  await writeFile(join(one, 'big'), noise('big', bytes))
  await writeFile(join(one, 'small'), noise('small', 9_000))
  await cp(one, two, { recursive: true })
  {
    await using big = await open(join(two, 'big'), 'r+')
    await change(big, bytes)
  }
  const seed = spawnDistro(['seed', two, '--json', '--state-dir', join(root, 'seed'), ...closedOff])
  const { magnet } = await seed.event('ready')
  const transfer = async () => {
    const words = ['fetch', String(magnet), '--json', '--reuse', one, '--out', join(root, 'out'), '--state-dir', join(root, 'state')]
    const fetch = spawnDistro([...words, ...closedOff])
    expect(await fetch.exited, fetch.output).toEqual({ code: 0, signal: null })
    const [done] = fetch.events('done')
    const figures = { downloaded: Number(done?.downloaded), bytes: Number(done?.bytes), bySource: done?.bySource }
    return { done: figures, place: join(root, 'out/app') }
  }
  return { two, transfer }
}
