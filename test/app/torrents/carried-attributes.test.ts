import { chmodSync, lstatSync, lutimesSync, mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { chmod, lutimes, mkdtemp, readdir, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { VerbEvents } from '../../../src/app/events.ts'
import { create } from '../../../src/app/torrents/create.ts'
import type { CreateResult } from '../../../src/app/torrents/create-request.ts'
import { verify } from '../../../src/app/torrents/verify.ts'
import { Events } from '../../../src/base/events.ts'
import { removeTree } from '../../../src/store/remove-tree.ts'
import { LAST_MTIME } from '../../../src/torrent/entry-mtimes.ts'
import type { TorrentFormat } from '../../../src/torrent/torrent-format.ts'
import { treeListing } from '../../support/tree-listing.ts'
import { startFetch, startSeed } from '../support/running-verb.ts'
import { noise } from '../support/write-files.ts'

const never = new AbortController().signal
const BOTH = { modes: true, mtimes: true }

interface Planned {
  readonly kind: 'file' | 'folder' | 'link'
  readonly mode: number
  readonly mtime: number
}

/** A folder whose trees may be closed to their owner. */
async function workFolder(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'distro-test-'))
  onTestFinished(() => removeTree(root))
  return root
}

function build(root: string, plan: Readonly<Record<string, Planned>>): void {
  const places = Object.entries(plan)
  mkdirSync(root, { recursive: true })
  for (const [place, { kind }] of places) {
    const path = join(root, place)
    mkdirSync(dirname(path), { recursive: true })
    if (kind === 'folder') mkdirSync(path, { recursive: true })
    else if (kind === 'file') writeFileSync(path, noise(place, 20_000))
    else symlinkSync(relative(dirname(path), join(root, 'a')), path)
  }
  for (const [place, { kind, mode, mtime }] of [...places].sort(([left], [right]) => right.length - left.length)) {
    const path = join(root, place)
    if (kind === 'link') {
      lutimesSync(path, mtime, mtime)
      continue
    }
    utimesSync(path, mtime, mtime)
    chmodSync(path, mode)
  }
}

/** Modes and times of everything, in whole seconds. */
function attributesBelow(root: string): string[] {
  const below = readdirSync(root, { recursive: true, withFileTypes: true }).map((entry) => join(entry.parentPath, entry.name))
  return [root, ...below]
    .map((path) => {
      const stats = lstatSync(path, { bigint: true })
      return `${relative(root, path)} ${stats.isSymbolicLink() ? '' : (stats.mode & 0o7777n).toString(8)} ${stats.mtimeNs / 1_000_000_000n}`
    })
    .sort()
}

async function torrentOf(
  path: string,
  outputFile: string,
  more: Partial<Parameters<typeof create>[0]> = {},
): Promise<CreateResult & { warnings: string[] }> {
  const events = new Events<VerbEvents>()
  const warnings: string[] = []
  events.on('warning', ({ message }) => warnings.push(message))
  const settings = { name: undefined, exclude: [], pieceLengthBytes: 16_384, format: undefined, comment: undefined, isPrivate: false }
  const request = { path, outputFile, defaultDir: dirname(outputFile), ...settings, trackers: [], webSeeds: [], ...more }
  return { ...(await create(request, events, never)), warnings }
}

async function carried(path: string, outDir: string, format: TorrentFormat): Promise<string> {
  const seeding = startSeed({ path, pieceLengthBytes: 16_384, format, carries: BOTH })
  const { magnet } = await seeding.event('ready')
  const result = await startFetch({ id: magnet, outDir }).result
  await seeding.stop()
  return result.path
}

const PLAN: Readonly<Record<string, Planned>> = {
  '': { kind: 'folder', mode: 0o750, mtime: 1_000_000_000 },
  a: { kind: 'file', mode: 0o640, mtime: 1_100_000_000 },
  run: { kind: 'file', mode: 0o511, mtime: 0 },
  sub: { kind: 'folder', mode: 0o555, mtime: 1_200_000_000 },
  'sub/b': { kind: 'file', mode: 0o444, mtime: 1_300_000_000 },
  'sub/link': { kind: 'link', mode: 0o777, mtime: 1_400_000_000 },
  'sub/empty': { kind: 'folder', mode: 0o700, mtime: 1_500_000_000 },
}

describe('a tree that was published with modes and times', () => {
  it.each(['v1', 'v2', 'hybrid'] as const)('as %s arrives with them, whatever they are', async (format) => {
    const entry = fc.record({
      kind: fc.constantFrom('file' as const, 'folder' as const, 'link' as const),
      mode: fc.integer({ min: 0, max: 0o777 }),
      mtime: fc.integer({ min: 0, max: LAST_MTIME }),
    })
    const place = fc.array(fc.stringMatching(/^[fé][a-z]{0,3}$/), { minLength: 1, maxLength: 3 })
    const trees = fc.uniqueArray(fc.tuple(place, entry), { minLength: 1, maxLength: 9, selector: ([[first]]) => first })
    await fc.assert(
      fc.asyncProperty(trees, entry, async (entries, root) => {
        const folder = await workFolder()
        const plan: Record<string, Planned> = {
          '': { ...root, kind: 'folder', mode: root.mode | 0o500 },
          one: { kind: 'file', mode: 0o644, mtime: 1 },
        }
        for (const [names, { kind, mode, mtime }] of entries) {
          plan[names.join('/')] = { kind, mode: mode | (kind === 'file' ? 0o400 : 0o500), mtime }
          for (let depth = 1; depth < names.length; depth++)
            plan[names.slice(0, depth).join('/')] ??= { kind: 'folder', mode: mode | 0o500, mtime }
        }
        const built = join(folder, 'tree')
        build(built, plan)
        const arrived = await carried(built, join(folder, 'out'), format)
        expect(attributesBelow(arrived)).toEqual(attributesBelow(built))
        expect(treeListing(arrived)).toEqual(treeListing(built))
      }),
      { numRuns: 5 },
    )
  })

  it('is found in place, and brought back when a folder differs or something is missing', async () => {
    const folder = await workFolder()
    build(join(folder, 'tree'), PLAN)
    const torrent = join(folder, 'tree.torrent')
    await torrentOf(join(folder, 'tree'), torrent, { carries: BOTH })
    const want = attributesBelow(join(folder, 'tree'))
    const inode = lstatSync(join(folder, 'tree')).ino
    const again = () => startFetch({ id: torrent, outDir: folder }).result
    expect(await again()).toMatchObject({ downloaded: 0 })
    expect(lstatSync(join(folder, 'tree')).ino).toBe(inode)
    await chmod(join(folder, 'tree/sub'), 0o700)
    await removeTree(join(folder, 'tree/sub/empty'))
    expect(await again()).toMatchObject({ downloaded: 0 })
    expect(attributesBelow(join(folder, 'tree'))).toEqual(want)
    expect(await readdir(folder)).toEqual(['tree', 'tree.torrent'])
  })

  it.each([
    ['a mode', '"a": its mode is 0600 instead of 0640', (tree: string) => chmod(join(tree, 'a'), 0o600)],
    [
      'a time',
      '"a": it was modified at 1970-01-01T00:00:07Z instead of 2004-11-09T11:33:20Z',
      (tree: string) => utimes(join(tree, 'a'), 7, 7),
    ],
    ['the time of a link', '"sub/link": it was modified at 1970-01-01T00:00:07Z', (tree: string) => lutimes(join(tree, 'sub/link'), 7, 7)],
  ])('is refused when %s differs, and replaced with --overwrite', async (_, difference, change) => {
    const folder = await workFolder()
    const tree = join(folder, 'tree')
    build(tree, PLAN)
    const torrent = join(folder, 'tree.torrent')
    await torrentOf(tree, torrent, { carries: BOTH })
    const want = attributesBelow(tree)
    await change(tree)
    const refused = startFetch({ id: torrent, outDir: folder })
    await expect(refused.result).rejects.toMatchObject({ code: 'TARGET_DIFFERS', message: expect.stringContaining(difference) })
    expect(await startFetch({ id: torrent, outDir: folder, overwrite: true }).result).toMatchObject({ downloaded: 0 })
    expect(attributesBelow(tree)).toEqual(want)
  })

  it('keeps those of a single file', async () => {
    const folder = await workFolder()
    build(folder, { one: { kind: 'file', mode: 0o750, mtime: 1_234_567_890 } })
    const { mode, mtimeMs } = lstatSync(await carried(join(folder, 'one'), join(folder, 'out'), 'hybrid'))
    expect([mode & 0o7777, mtimeMs]).toEqual([0o750, 1_234_567_890_000])
  })

  it('is what verify compares with, and its flaws are named', async () => {
    const folder = await workFolder()
    const tree = join(folder, 'tree')
    build(tree, PLAN)
    const torrent = join(folder, 'tree.torrent')
    await torrentOf(tree, torrent, { carries: BOTH, format: 'v2' })
    const flaws = async () => (await verify({ torrent, path: tree }, new Events(), never)).damaged
    expect(await flaws()).toEqual([])
    await chmod(join(tree, 'run'), 0o711)
    await lutimes(join(tree, 'sub/link'), 7, 7)
    await chmod(join(tree, 'sub'), 0o1555)
    await chmod(join(tree, 'sub/b'), 0o644)
    await writeFile(join(tree, 'sub/b'), noise('another', 20_000))
    expect(await flaws()).toEqual([
      { path: 'run', state: 'mode', isExecutable: true, mode: '0511' },
      { path: 'sub/b', state: 'damaged' },
      { path: 'sub/', state: 'mode', mode: '0555' },
      { path: 'sub/link', state: 'mtime', mtime: '2014-05-13T16:53:20Z' },
    ])
  })
})

describe('what is published of modes and times', () => {
  it('decides the info-hash, and nothing else of them does', async () => {
    const folder = await workFolder()
    const built = async (name: string, change: (tree: string) => void): Promise<Record<string, string>> => {
      const tree = join(folder, name)
      build(tree, PLAN)
      change(tree)
      const hashOf = async (carries: { modes: boolean; mtimes: boolean } | undefined) =>
        (await torrentOf(tree, join(folder, `${name}.torrent`), { carries, name: 'tree' })).infoHash
      return {
        plain: await hashOf(undefined),
        modes: await hashOf({ modes: true, mtimes: false }),
        mtimes: await hashOf({ modes: false, mtimes: true }),
      }
    }
    const one = await built('one', () => undefined)
    expect(new Set(Object.values(one)).size).toBe(3)
    // Fractions of a second are no part of it: not every program that unpacks or copies a tree keeps them.
    expect(await built('two', (tree) => utimesSync(join(tree, 'a'), 1_100_000_000.75, 1_100_000_000.75))).toEqual(one)
    const special = await built('three', (tree) => chmodSync(join(tree, 'sub'), 0o3555))
    expect(special).toEqual(one)
    const other = await built('four', (tree) => chmodSync(join(tree, 'sub'), 0o755))
    expect([other.plain === one.plain, other.modes === one.modes, other.mtimes === one.mtimes]).toEqual([true, false, true])
  })

  it('is never setuid, setgid or sticky, which is told', async () => {
    const folder = await workFolder()
    const tree = join(folder, 'tree')
    build(tree, PLAN)
    chmodSync(join(tree, 'run'), 0o4755)
    chmodSync(join(tree, 'sub'), 0o2755)
    const { warnings } = await torrentOf(tree, join(folder, 'tree.torrent'), { carries: BOTH })
    expect(warnings).toEqual(['No torrent carries setuid, setgid or sticky bits: they are left out of "run", "sub".'])
    expect((await torrentOf(tree, join(folder, 'tree.torrent'))).warnings).toEqual([])
  })

  it('are no times that hosts could not keep', async () => {
    const folder = await workFolder()
    const tree = join(folder, 'tree')
    build(tree, PLAN)
    utimesSync(join(tree, 'a'), new Date(-5_000), new Date(-5_000))
    await expect(torrentOf(tree, join(folder, 'tree.torrent'), { carries: BOTH })).rejects.toMatchObject({
      code: 'INPUT_REFUSED',
      message: expect.stringContaining('Cannot publish the modification times of "a"'),
    })
  })

  it.runIf(process.getuid?.() === 0)('lets the owner read everything, which is told', async () => {
    const folder = await workFolder()
    const tree = join(folder, 'tree')
    build(tree, { ...PLAN, a: { kind: 'file', mode: 0o044, mtime: 7 } })
    const { warnings } = await torrentOf(tree, join(folder, 'tree.torrent'), { carries: BOTH })
    expect(warnings).toEqual(['Whoever fetches it may read all of it: their owners may not read "a" here.'])
  })
})
