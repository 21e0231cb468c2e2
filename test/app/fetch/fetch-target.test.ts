import { appendFile, chmod, cp, mkdir, readdir, readFile, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { KiB } from '../../../src/base/units.ts'
import type { TorrentFormat } from '../../../src/torrent/torrent-format.ts'
import { differingPaths } from '../../support/differing-paths.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { loopback } from '../support/loopback-request.ts'
import { startFetch, startSeed } from '../support/running-verb.ts'
import { writeFiles } from '../support/write-files.ts'

/** Pieces of 16 KiB: `a.bin` fills the first and a part of the second, `sub/b.bin` goes on to the third, `sub/c.log` has the rest. */
const sizes = { 'a.bin': 20_000, 'sub/b.bin': 20_000, 'sub/c.log': 50_000, 'sub/empty': 0 }
const totalBytes = 90_000

async function seeded(tree: Readonly<Record<string, number>> = sizes, format?: TorrentFormat) {
  const root = await temporaryFolder()
  const content = await writeFiles(join(root, 'tree'), tree)
  const torrent = join(root, 'tree.torrent')
  const seeding = startSeed({ path: content, pieceLengthBytes: 16 * KiB, format, torrentOut: torrent })
  const { magnet, listen } = await seeding.event('ready')
  return { root, content, out: join(root, 'out'), torrent, seeding, magnet, network: loopback({ peers: listen }) }
}

describe('fetch with a selection', () => {
  it.each([
    ['a name', ['*.log'], ['sub/c.log']],
    ['a path', ['sub/**'], ['sub/b.bin', 'sub/c.log', 'sub/empty']],
    ['two globs', ['a.*', 'sub/empty'], ['a.bin', 'sub/empty']],
    ['everything', ['**'], ['a.bin', 'sub/b.bin', 'sub/c.log', 'sub/empty']],
  ])('places only what matches %s', async (_, select, paths) => {
    const { out, content, magnet } = await seeded()
    const { path, files, bytes } = await startFetch({ id: magnet, outDir: out, select }).result
    expect(files.map((file) => file.path)).toEqual(paths.map((name) => join(path, name)))
    expect(bytes).toBe(files.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0))
    expect(await filesBelow(path)).toEqual(paths)
    for (const name of paths) expect(await readFile(join(path, name))).toEqual(await readFile(join(content, name)))
    expect(await readdir(out)).toEqual(['tree'])
  })

  it('places what the magnet itself selects, by number', async () => {
    const { out, magnet } = await seeded(sizes, 'v1')
    const { path, files } = await startFetch({ id: `${magnet}&so=0,3`, outDir: out }).result
    expect(files.map(({ lengthBytes }) => lengthBytes)).toEqual([20_000, 0])
    expect(await filesBelow(path)).toEqual(['a.bin', 'sub/empty'])
  })

  it.each(['v1', 'v2', 'hybrid'] as const)(
    'adds files to those that are in place, and no byte is transferred twice; %s',
    async (format) => {
      const { root, out, content, magnet } = await seeded(sizes, format)
      const network = loopback({ stateDir: join(root, 'state') })
      const first = await startFetch({ id: magnet, outDir: out, select: ['a.bin'], network }).result
      const second = await startFetch({ id: magnet, outDir: out, select: ['sub/c.log'], network }).result
      expect(second).toMatchObject({ bytes: 50_000, files: [{ lengthBytes: 50_000 }] })
      expect(await filesBelow(second.path)).toEqual(['a.bin', 'sub/c.log'])
      const last = startFetch({ id: magnet, outDir: out, network })
      const { path, downloaded } = await last.result
      expect(first.downloaded + second.downloaded + downloaded).toBe(totalBytes)
      expect(await differingPaths(content, path)).toEqual([])
      expect(await readdir(out)).toEqual(['tree'])
    },
  )

  it.each(['v1', 'v2'] as const)(
    'leaves a target alone that holds everything, and names what is not selected and differs; %s',
    async (format) => {
      const { out, content, torrent, network } = await seeded(sizes, format)
      const { path } = await startFetch({ id: torrent, outDir: out, network }).result
      const again = startFetch({ id: torrent, outDir: out, select: ['a.bin'], network })
      expect(await again.result).toMatchObject({ path, bytes: 20_000, downloaded: 0 })
      expect(await differingPaths(content, path)).toEqual([])
      await writeFile(join(path, 'sub/c.log'), Buffer.alloc(50_000))
      await expect(startFetch({ id: torrent, outDir: out, select: ['a.bin'], network }).result).rejects.toMatchObject({
        code: 'TARGET_DIFFERS',
        message: expect.stringContaining('the content of "sub/'),
      })
    },
  )

  it('offers to others no piece of which a part is not kept', async () => {
    const { root, out, magnet, seeding } = await seeded(sizes, 'v1')
    const first = startFetch({ id: magnet, outDir: out, select: ['*.log'], keepSeeding: true })
    const { infoHash } = await first.event('done')
    const { listen } = await first.event('ready')
    await seeding.stop()
    const network = loopback({ peers: listen, stallTimeoutMs: 3_000 })
    const second = startFetch({ id: infoHash, outDir: join(root, 'second'), select: ['*.log'], network })
    await expect(second.result).rejects.toMatchObject({ code: 'STALLED', message: expect.stringContaining('16 KiB are missing') })
    expect(second.all('progress').at(-1)).toMatchObject({ seeds: 0 })
    expect(first.hasEnded).toBe(false)
  })

  it('that matches nothing ends with USAGE and leaves nothing behind', async () => {
    const { out, torrent, network } = await seeded()
    const fetching = startFetch({ id: torrent, outDir: out, select: ['*.nothing'], network })
    await expect(fetching.result).rejects.toMatchObject({ code: 'USAGE' })
    expect(await readdir(out).catch(() => [])).toEqual([])
  })
})

describe('a dry run', () => {
  it.each(['torrent', 'magnet'] as const)('by %s says what would be fetched, and writes nothing', async (way) => {
    const { out, root, seeding, ...ids } = await seeded()
    const before = await readdir(root)
    const fetching = startFetch({ id: ids[way], outDir: out, isDryRun: true, select: ['sub/*'] })
    const result = await fetching.result
    expect(result).toMatchObject({ isDryRun: true, path: join(out, 'tree'), bytes: 70_000, downloaded: 0 })
    expect(result.files.map(({ path }) => path)).toEqual(['b.bin', 'c.log', 'empty'].map((name) => join(out, 'tree/sub', name)))
    expect(fetching.all('done')).toEqual([])
    expect(await readdir(root)).toEqual(before)
    expect((await seeding.event('ready')).listen).toHaveLength(1)
  })

  it.each(['v1', 'v2'] as const)('of %s says how much of each file is missing, which adds up to what is missing of all', async (format) => {
    const { root, out, content, torrent } = await seeded(sizes, format)
    const earlier = join(root, 'earlier/tree')
    await cp(content, earlier, { recursive: true })
    await writeFile(join(earlier, 'a.bin'), Buffer.alloc(20_000))
    await truncate(join(earlier, 'sub/b.bin'), 10_000)
    const { files, outlook } = await startFetch({ id: torrent, outDir: out, isDryRun: true, reuse: [earlier] }).result
    const missing = new Map(files.map(({ path, missingBytes }) => [path, missingBytes]))
    expect(outlook?.missingPaths).toEqual(files.filter(({ missingBytes }) => missingBytes !== 0).map(({ path }) => path))
    expect(missing.get(join(out, 'tree/a.bin'))).toBe(20_000)
    expect(missing.get(join(out, 'tree/sub/b.bin'))).toBeGreaterThan(0)
    expect(files.reduce((sum, { missingBytes = 0 }) => sum + missingBytes, 0)).toBe(outlook?.missingBytes)
  })

  it('of what would be refused says with what, beside what would be fetched', async () => {
    const { out, torrent, network } = await seeded()
    const { path } = await startFetch({ id: torrent, outDir: out, network }).result
    await writeFile(join(path, 'a.bin'), 'mine')
    const { files, outlook, refusal } = await startFetch({ id: torrent, outDir: out, isDryRun: true }).result
    expect([files.length, outlook]).toEqual([4, undefined])
    const refused = await startFetch({ id: torrent, outDir: out }).result.catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 'TARGET_DIFFERS' })
    expect(refusal).toEqual(refused)
    expect(await readFile(join(path, 'a.bin'), 'utf8')).toBe('mine')
  })
})

describe('a target that exists', () => {
  it('is left alone when it holds the content already, and no network is needed', async () => {
    const { out, content, torrent, seeding, magnet } = await seeded()
    const { path } = await startFetch({ id: magnet, outDir: out }).result
    await seeding.stop()
    const before = await stat(join(path, 'a.bin'))
    const again = startFetch({ id: torrent, outDir: out })
    expect(await again.result).toMatchObject({ path, downloaded: 0, bySource: { peers: 0, webSeeds: 0, local: totalBytes } })
    expect(again.all('ready')).toEqual([])
    expect((await stat(join(path, 'a.bin'))).ino).toBe(before.ino)
    expect(await differingPaths(content, path)).toEqual([])
  })

  it('serves others when it holds the content and the fetch is to stay', async () => {
    const { root, content, torrent, seeding } = await seeded()
    await seeding.stop()
    const staying = startFetch({ id: torrent, outDir: root, keepSeeding: true })
    const { magnet } = await staying.event('ready')
    const { path } = await startFetch({ id: magnet, outDir: join(root, 'out') }).result
    expect(await differingPaths(content, path)).toEqual([])
    expect(staying.all('done')).toMatchObject([{ downloaded: 0 }])
  })

  it.each([
    ['a changed file', '"a.bin": 20001 bytes instead of 20000', (target: string) => appendFile(join(target, 'a.bin'), 'x')],
    [
      'a file of other content and the same size',
      'the content of "a.bin" differs',
      (target: string) => writeFile(join(target, 'a.bin'), Buffer.alloc(20_000)),
    ],
    ['one file too many', '"sub/more" is not in the torrent', (target: string) => writeFile(join(target, 'sub/more'), '')],
  ])('is refused when it has %s, which is named, and replaced when that is allowed', async (_, difference, change) => {
    const { root, out, content, torrent, network } = await seeded()
    const { path } = await startFetch({ id: torrent, outDir: out, network }).result
    await change(path)
    const changed = await differingPaths(content, path)
    expect(changed).toHaveLength(1)
    await expect(startFetch({ id: torrent, outDir: out, network }).result).rejects.toMatchObject({
      code: 'TARGET_DIFFERS',
      message: `${path} exists and differs: ${difference}.`,
      hint: expect.stringContaining('deletes what is not in the torrent'),
    })
    expect(await differingPaths(content, path)).toEqual(changed)
    await startFetch({ id: torrent, outDir: out, network, overwrite: true }).result
    expect(await differingPaths(content, path)).toEqual([])
    expect(await readdir(out)).toEqual(['tree'])
    expect((await readdir(root)).sort()).toEqual(['out', 'tree', 'tree.torrent'])
  })

  it('that is a link is never followed', async () => {
    const { root, out, torrent, network } = await seeded()
    await mkdir(join(root, 'elsewhere'))
    await mkdir(out)
    await symlink(join(root, 'elsewhere'), join(out, 'tree'))
    for (const overwrite of [false, true]) {
      await expect(startFetch({ id: torrent, outDir: out, network, overwrite }).result).rejects.toMatchObject({ code: 'PATH_REFUSED' })
    }
    expect(await readdir(join(root, 'elsewhere'))).toEqual([])
  })

  it.skipIf(process.getuid?.() === 0)('in a folder that may not be written is a failure of the disk that names it', async () => {
    const { out, torrent, network } = await seeded()
    await mkdir(out, { mode: 0o555 })
    await expect(startFetch({ id: torrent, outDir: out, network }).result).rejects.toMatchObject({
      code: 'DISK_FAILED',
      message: expect.stringContaining(out),
    })
    await chmod(out, 0o755)
  })
})

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort()
}
