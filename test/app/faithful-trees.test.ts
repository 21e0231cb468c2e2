import { chmod, mkdir, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { create } from '../../src/app/torrents/create.ts'
import type { CreateResult } from '../../src/app/torrents/create-request.ts'
import { verify } from '../../src/app/torrents/verify.ts'
import type { DamagedFile } from '../../src/app/torrents/verify-request.ts'
import { Events } from '../../src/base/events.ts'
import type { TorrentFormat } from '../../src/torrent/torrent-format.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { treeListing } from '../support/tree-listing.ts'
import { startFetch, startSeed } from './support/running-verb.ts'
import { noise } from './support/write-files.ts'

const never = new AbortController().signal

/** What stands at a path: a file, a symbolic link to another path of the tree, or an empty folder. */
type Entry = { readonly sizeBytes: number; readonly mode: number } | { readonly target: string } | 'folder'
type Plan = Readonly<Record<string, Entry>>

async function writePlan(root: string, plan: Plan): Promise<void> {
  for (const [path, entry] of Object.entries(plan)) {
    const place = join(root, path)
    await mkdir(entry === 'folder' ? place : dirname(place), { recursive: true })
    if (entry === 'folder') continue
    if ('target' in entry) {
      await symlink(relative(dirname(place), join(root, entry.target)) || '.', place)
      continue
    }
    await writeFile(place, noise(path, entry.sizeBytes))
    await chmod(place, entry.mode)
  }
}

function createTorrent(path: string, outputFile: string): Promise<CreateResult> {
  const settings = {
    name: undefined,
    exclude: [],
    pieceLengthBytes: 16_384,
    format: undefined,
    comment: undefined,
    isPrivate: false,
    trackers: [],
    webSeeds: [],
  }
  return create({ path, outputFile, defaultDir: dirname(outputFile), ...settings }, new Events(), never)
}

async function flaws(torrent: string, path: string): Promise<readonly DamagedFile[]> {
  return (await verify({ torrent, path }, new Events(), never)).damaged
}

/** Seeds what is at `path` and fetches it into `outDir`; where it was put. */
async function carried(path: string, outDir: string, format: TorrentFormat): Promise<string> {
  const seeding = startSeed({ path, pieceLengthBytes: 16_384, format })
  const { magnet } = await seeding.event('ready')
  const result = await startFetch({ id: magnet, outDir }).result
  await seeding.stop()
  return result.path
}

/** Names that POSIX allows and that mean something to some program, or look or fold like others. */
const AWKWARD = [
  ...[
    'a',
    'A',
    'é',
    'e\u0301',
    'ß',
    'SS',
    'a\u200bb',
    'ab',
    '\ufeffab',
    'x',
    'x.',
    'x ',
    ' ',
    '...',
    '-rf',
    '--',
    '#',
    '!',
    '*',
    '~',
    '$(x)',
  ],
  ...[
    'aux.c',
    'CON',
    'c:x',
    'C:',
    'a\\b',
    '..\\x',
    '\\',
    'line\nbreak',
    '\r',
    '\t',
    '\x7f',
    '\x1b[31m',
    'exe.\u202etxt',
    '\u2028',
    '"',
    "'",
    '%2f',
  ],
  ...['.pad', '.git', '[a]', '{a,b}', '?', '__proto__', 'y'.repeat(255), 'ü'.repeat(127)],
]

/** Any name that is UTF-8 and that POSIX allows. */
const anyName = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 12 })
  .filter((name) => !/[/\0\p{Cs}]/u.test(name) && name !== '.' && name !== '..')

describe('a tree that was seeded and fetched', () => {
  it.each(['v1', 'v2', 'hybrid'] as const)(
    'as %s equals the one that was built, in names, kinds, bytes, exec bits, links and empty folders',
    async (format) => {
      const file = fc.record({
        sizeBytes: fc.constantFrom(0, 1, 16_384, 40_001),
        mode: fc.constantFrom(0o644, 0o755, 0o600, 0o700, 0o444, 0o555, 0o664, 0o775, 0o645),
      })
      const name = fc.oneof(fc.stringMatching(/^[fé][a-z0-9 ._-]{0,5}[a-z]$/), fc.constantFrom(...AWKWARD), anyName)
      const path = fc.array(name, { minLength: 1, maxLength: 3 })
      const entry = fc.oneof(file, fc.constant('folder' as const), fc.record({ leadsTo: fc.nat(), goesOn: fc.boolean() }))
      const trees = fc.uniqueArray(fc.tuple(path, entry), { minLength: 1, maxLength: 12, selector: ([[first]]) => first })
      await fc.assert(
        fc.asyncProperty(trees, async (entries) => {
          const root = await temporaryFolder()
          const paths = entries.map(([names]) => names.join('/'))
          const planned = entries.map(([names, entry]): readonly [string, Entry] => {
            if (entry === 'folder' || !('leadsTo' in entry)) return [names.join('/'), entry]
            // To a file, a folder, another link, itself, or nothing.
            const target = paths[entry.leadsTo % paths.length] ?? ''
            // `create` refuses one to nothing that would be taken for one to what is behind the link itself.
            const isMisread = names.length > 1 && target.split('/')[0] === names.at(-1)
            return [names.join('/'), { target: entry.goesOn && !isMisread ? `${target}/beyond` : target }]
          })
          const plan: Plan = Object.fromEntries(planned)
          const built = join(root, 'tree')
          await writePlan(built, { ...plan, 'always one byte': { sizeBytes: 1, mode: 0o644 } })
          expect(treeListing(await carried(built, join(root, 'out'), format))).toEqual(treeListing(built))
        }),
        {
          numRuns: 12,
          examples: [
            [
              [
                [['SS', 'a'], { sizeBytes: 0, mode: 0o644 }],
                [['\u0001', 'SS'], { leadsTo: 0, goesOn: true }],
              ],
            ],
          ],
        },
      )
    },
  )

  it('has links and folders beside selected files only where they belong to them', async () => {
    const root = await temporaryFolder()
    const file = { sizeBytes: 20_000, mode: 0o644 }
    const links = { 'lib/a.so': { target: 'lib/a.so.1' }, 'a.so': { target: 'lib/a.so' }, libs: { target: 'lib' }, other: { target: 'b' } }
    await writePlan(join(root, 'tree'), { 'lib/a.so.1': file, b: file, ...links, empty: 'folder' })
    const torrent = join(root, 'tree.torrent')
    await createTorrent(join(root, 'tree'), torrent)
    const seeding = startSeed({ path: join(root, 'tree'), torrentFile: torrent })
    const { magnet } = await seeding.event('ready')
    const { path } = await startFetch({ id: magnet, outDir: join(root, 'out'), select: ['lib/*'] }).result
    expect((await readdir(path)).sort()).toEqual(['a.so', 'lib', 'libs'])
    expect((await readdir(join(path, 'lib'))).sort()).toEqual(['a.so', 'a.so.1'])
  })

  it('is found in place with its links and empty folders, gets those that are missing, and is refused once one differs', async () => {
    const root = await temporaryFolder()
    const tree = join(root, 'tree')
    await writePlan(tree, { a: { sizeBytes: 9, mode: 0o644 }, 'sub/l': { target: 'a' }, empty: 'folder' })
    const torrent = join(root, 'tree.torrent')
    await createTorrent(tree, torrent)
    const again = () => startFetch({ id: torrent, outDir: root }).result
    expect(await again()).toMatchObject({ downloaded: 0 })
    await rm(join(tree, 'empty'), { recursive: true })
    await rm(join(tree, 'sub/l'))
    expect(await again()).toMatchObject({ downloaded: 0 })
    expect([await readdir(join(tree, 'empty')), await readlink(join(tree, 'sub/l'))]).toEqual([[], '../a'])
    await rm(join(tree, 'sub/l'))
    await symlink('/etc/passwd', join(tree, 'sub/l'))
    await expect(again()).rejects.toMatchObject({ message: expect.stringContaining('"sub/l" leads elsewhere') })
  })

  it('keeps the exec bit of a single file', async () => {
    const root = await temporaryFolder()
    await writePlan(root, { tool: { sizeBytes: 50_000, mode: 0o755 } })
    expect(treeListing(await carried(join(root, 'tool'), join(root, 'out'), 'v1'))).toEqual(treeListing(join(root, 'tool')))
  })

  it('never has a file that runs as somebody else, or a sticky one', async () => {
    const root = await temporaryFolder()
    const modes = { setuid: 0o4755, setgid: 0o2755, sticky: 0o1644 }
    await writePlan(join(root, 'tree'), Object.fromEntries(Object.entries(modes).map(([name, mode]) => [name, { sizeBytes: 9, mode }])))
    const listing = treeListing(await carried(join(root, 'tree'), join(root, 'out'), 'v1'))
    expect(listing.map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
      ': folder',
      'setgid: executable 0',
      'setuid: executable 0',
      'sticky: file 0',
    ])
  })

  it('is found in place the second time, and refused once an exec bit differs', async () => {
    const root = await temporaryFolder()
    await writePlan(join(root, 'tree'), { run: { sizeBytes: 20, mode: 0o755 }, data: { sizeBytes: 20, mode: 0o644 } })
    const torrent = join(root, 'tree.torrent')
    await createTorrent(join(root, 'tree'), torrent)
    expect(await startFetch({ id: torrent, outDir: root }).result).toMatchObject({ downloaded: 0 })
    await chmod(join(root, 'tree/run'), 0o644)
    await expect(startFetch({ id: torrent, outDir: root }).result).rejects.toMatchObject({
      code: 'TARGET_DIFFERS',
      message: expect.stringContaining('"run": it is not executable, and was when it was published'),
    })
  })
})

describe('a link to nothing', () => {
  it('is refused where a fetch would take it for one to what stands beside it', async () => {
    const root = await temporaryFolder()
    const tree = join(root, 'tree')
    await writePlan(tree, { 'a/c': { sizeBytes: 9, mode: 0o644 }, 'a/l': { target: 'c' } })
    await expect(createTorrent(tree, join(root, 'tree.torrent'))).rejects.toMatchObject({
      code: 'INPUT_REFUSED',
      message: expect.stringContaining('Nothing is at "c", and the link "a/l" to it would come to lead to "a/c"'),
      hint: expect.stringContaining('Let it lead to what is published'),
    })
  })
})

describe('the info-hash', () => {
  it('is the same whatever a mode says beyond the exec bit of the owner', async () => {
    const hashes = new Set<string>()
    for (const [run, data] of [
      [0o755, 0o644],
      [0o700, 0o600],
      [0o6755, 0o1666],
      [0o744, 0o655 & ~0o100],
    ] as const) {
      const root = await temporaryFolder()
      await writePlan(join(root, 'tree'), { run: { sizeBytes: 20, mode: run }, data: { sizeBytes: 20, mode: data } })
      hashes.add((await createTorrent(join(root, 'tree'), join(root, 'tree.torrent'))).infoHash)
    }
    expect(hashes.size).toBe(1)
  })
})

describe('verify', () => {
  it('names a file whose exec bit differs, and says what it should be', async () => {
    const root = await temporaryFolder()
    await writePlan(join(root, 'tree'), { run: { sizeBytes: 20, mode: 0o755 }, data: { sizeBytes: 20, mode: 0o644 } })
    const torrent = join(root, 'tree.torrent')
    await createTorrent(join(root, 'tree'), torrent)
    expect(await flaws(torrent, join(root, 'tree'))).toEqual([])
    await chmod(join(root, 'tree/run'), 0o644)
    await chmod(join(root, 'tree/data'), 0o744)
    expect(await flaws(torrent, join(root, 'tree'))).toEqual([
      { path: 'data', state: 'mode', isExecutable: false },
      { path: 'run', state: 'mode', isExecutable: true },
    ])
  })

  it('names links and folders that are not as published', async () => {
    const root = await temporaryFolder()
    const tree = join(root, 'tree')
    const links = { 'l/gone': { target: 'a' }, 'l/turned': { target: 'a' }, 'l/right': { target: 'a' } }
    await writePlan(tree, {
      a: { sizeBytes: 9, mode: 0o644 },
      'dir/b': { sizeBytes: 9, mode: 0o644 },
      ...links,
      'e/f': 'folder',
      g: 'folder',
    })
    const torrent = join(root, 'tree.torrent')
    await createTorrent(tree, torrent)
    expect(await flaws(torrent, tree)).toEqual([])
    for (const path of ['l/gone', 'l/turned', 'g', 'e/f']) await rm(join(tree, path), { recursive: true })
    await symlink('../dir/b', join(tree, 'l/turned'))
    await symlink('nowhere', join(tree, 'g'))
    expect(await readlink(join(tree, 'l/right'))).toBe('../a')
    expect(await flaws(torrent, tree)).toEqual([
      { path: 'l/gone', state: 'missing', target: '../a' },
      { path: 'l/turned', state: 'damaged', target: '../a' },
      { path: 'e/f/', state: 'missing' },
      { path: 'g/', state: 'damaged' },
    ])
  })

  it('asks for no exec bit of a torrent that marks no file, as those of programs that write no attributes', async () => {
    const root = await temporaryFolder()
    await writePlan(join(root, 'tree'), { data: { sizeBytes: 20, mode: 0o644 } })
    const torrent = join(root, 'tree.torrent')
    await createTorrent(join(root, 'tree'), torrent)
    await chmod(join(root, 'tree/data'), 0o755)
    expect(await flaws(torrent, join(root, 'tree'))).toEqual([])
  })
})
