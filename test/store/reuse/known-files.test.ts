import { mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { KnownFiles, type KnownSearch } from '../../../src/store/reuse/known-files.ts'
import type { KnownHints } from '../../../src/store/reuse/known-tree.ts'
import { KnownTrees } from '../../../src/store/reuse/known-trees.ts'
import type { TorrentInfo } from '../../../src/torrent/info.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const hash = (fill: number): Uint8Array => new Uint8Array(20).fill(fill)
const rootOf = (letter: string): string => letter.repeat(32)

const noHints: KnownHints = { similar: [], collections: [] }

let root: string
let trees: KnownTrees

beforeEach(async () => {
  root = await temporaryFolder()
  let nowMs = Date.now()
  trees = new KnownTrees(join(root, 'known-trees'), () => nowMs++)
})

/** A tree of files of five bytes on the disk, called by the letter of their root, and known. */
async function hold(
  letters: string,
  { fill = 1, hasRoots = true, hints = noHints }: { fill?: number; hasRoots?: boolean; hints?: KnownHints } = {},
): Promise<string> {
  const folder = join(root, `tree-${fill}`)
  rmSync(folder, { recursive: true, force: true })
  const files = [...letters].map((letter) => ({ path: letter, lengthBytes: 5, root: hasRoots ? rootOf(letter) : undefined }))
  for (const { path } of files) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, path), path.repeat(5))
  }
  await trees.note({ infoHashes: [hash(fill)], place: folder, isSingleFile: false, files, hints })
  return folder
}

function search(letters: string, changes: Partial<KnownSearch> & { readonly names?: string } = {}): KnownFiles {
  const files: TorrentInfo['files'] = [...(changes.names ?? letters)].map((name, index) => ({
    path: [name],
    lengthBytes: 5,
    offsetBytes: 5 * index,
    kind: 'file',
  }))
  return new KnownFiles({
    trees,
    info: { files, isSingleFile: false },
    infoHashes: [hash(9)],
    roots: [...letters].map(rootOf),
    hints: noHints,
    forgets: true,
    ...changes,
  })
}

const numbers = (letters: string): number[] => [...letters].map((_, index) => index)

describe('the files of known trees', () => {
  it('are found by their roots, wherever they are and whatever they are called', async () => {
    const [one, two] = [await hold('ab', { fill: 1 }), await hold('cd', { fill: 2 })]
    const found = await search('dbx', { names: 'xyz' }).same([0, 1, 2])
    expect([...found].map(([file, { path }]) => [file, path]).sort()).toEqual([
      [0, join(two, 'd')],
      [1, join(one, 'b')],
    ])
  })

  it('serve every file that has the same root', async () => {
    const folder = await hold('a')
    const found = await search('aaa').same([0, 2])
    expect([...found.keys()]).toEqual([0, 2])
    expect(found.get(2)?.path).toBe(join(folder, 'a'))
  })

  it('are of other torrents than the one that is fetched', async () => {
    await hold('a', { fill: 9 })
    expect((await search('a').same([0])).size).toBe(0)
    expect((await search('a', { infoHashes: [hash(3), hash(9)] }).same([0])).size).toBe(0)
    expect((await search('a', { infoHashes: [hash(3)] }).same([0])).size).toBe(1)
  })

  it('are taken from the tree that was noted last', async () => {
    await hold('a', { fill: 1 })
    const later = await hold('a', { fill: 2 })
    expect((await search('a').same([0])).get(0)?.path).toBe(join(later, 'a'))
  })

  it('are not the same any more when they were written to, and are forgotten when they are gone or of another length', async () => {
    const folder = await hold('abcd')
    const hour = Date.now() / 1_000 + 3_600
    utimesSync(join(folder, 'a'), hour, hour)
    rmSync(join(folder, 'b'))
    writeFileSync(join(folder, 'c'), 'longer than it was')
    const found = await search('abcd').same([0, 1, 2, 3])
    expect([...found.keys()]).toEqual([3])
    expect((await trees.all())[0]?.files.map(({ path }) => path)).toEqual(['a', 'd'])
  })

  it('stay known where nothing is to be written', async () => {
    const folder = await hold('ab')
    rmSync(join(folder, 'a'))
    expect([...(await search('ab', { forgets: false }).same([0, 1])).keys()]).toEqual([1])
    rmSync(folder, { recursive: true })
    expect((await search('ab', { forgets: false }).same([0, 1])).size).toBe(0)
    expect((await trees.all())[0]?.files).toHaveLength(2)
  })

  it('are forgotten all together with their tree', async () => {
    const folder = await hold('abc')
    renameSync(folder, `${folder}-elsewhere`)
    expect((await search('a').same([0])).size).toBe(0)
    expect(await trees.all()).toEqual([])
  })

  it('may be looked for at the next place when they are gone from the first', async () => {
    const other = await hold('a', { fill: 1 })
    const later = await hold('a', { fill: 2 })
    rmSync(join(later, 'a'))
    expect((await search('a').same([0])).get(0)?.path).toBe(join(other, 'a'))
  })

  it('of which one is a folder by now are passed over', async () => {
    const folder = await hold('ab')
    rmSync(join(folder, 'a'))
    mkdirSync(join(folder, 'a'))
    expect([...(await search('ab').same([0, 1])).keys()]).toEqual([1])
  })

  it.each([
    ['neither has roots', false, false, 1],
    ['only the known tree has roots', true, false, 1],
    ['only the torrent has roots', false, true, 1],
    ['both have roots, which differ', true, true, 0],
  ])('are alike by name and length when %s', async (_when, isKnownRooted, isWantedRooted, count) => {
    await hold('a', { hasRoots: isKnownRooted })
    const wanted = search('z', { names: 'a', ...(isWantedRooted ? {} : { roots: [undefined] }) })
    expect((await wanted.same([0])).size).toBe(0)
    expect((await wanted.alike([0])).size).toBe(count)
  })

  it('are not alike with another name', async () => {
    await hold('a', { hasRoots: false })
    expect((await search('z', { roots: [undefined] }).alike(numbers('z'))).size).toBe(0)
  })

  it.each([
    ['the torrent names theirs', { similar: [hash(1)], collections: [] }, noHints, 1],
    ['theirs names the torrent', noHints, { similar: [hash(7), hash(9)], collections: [] }, 1],
    ['both belong to the same', { similar: [], collections: ['x', 'y'] }, { similar: [], collections: ['y'] }, 1],
    ['they name others', { similar: [hash(2)], collections: ['x'] }, { similar: [hash(3)], collections: ['X'] }, 0],
  ])('are taken for earlier versions at the same path when %s (BEP 38)', async (_when, own, theirs, count) => {
    const folder = await hold('a', { hints: theirs })
    writeFileSync(join(folder, 'a'), 'AAAAA')
    const found = await search('zy', { names: 'ab', hints: own }).alike([0, 1])
    expect([...found.values()].map(({ path }) => path)).toEqual(count === 0 ? [] : [join(folder, 'a')])
  })

  it('are taken from the most similar tree', async () => {
    const collection = { similar: [], collections: ['x'] }
    const named = await hold('a', { fill: 1 })
    await hold('a', { fill: 2, hints: { similar: [hash(9)], collections: [] } })
    await hold('a', { fill: 3, hints: collection })
    const found = await search('z', { names: 'a', hints: { ...collection, similar: [hash(1)] } }).alike([0])
    expect(found.get(0)?.path).toBe(join(named, 'a'))
  })

  it('that stand alone are earlier versions of each other, whatever they are called', async () => {
    const place = join(root, 'app-1.0.tar')
    writeFileSync(place, 'the tar')
    const files = [{ path: 'app-1.0.tar', lengthBytes: 7, root: rootOf('a') }]
    await trees.note({ infoHashes: [hash(1)], place, isSingleFile: true, files, hints: noHints })
    const entry = { path: ['app-1.1.tar'], lengthBytes: 9, offsetBytes: 0, kind: 'file' } as const
    const own = { hints: { similar: [hash(1)], collections: [] }, info: { files: [entry], isSingleFile: true } }
    expect((await search('z', own).alike([0])).get(0)?.path).toBe(place)
    expect((await search('z', { ...own, hints: noHints }).alike([0])).size).toBe(0)
    expect((await search('z', { ...own, info: { files: [entry], isSingleFile: false } }).alike([0])).size).toBe(0)
  })

  it('are no earlier versions when they are far longer than what is wanted', async () => {
    for (const [name, lengthBytes] of [['long', 1_100_000] as const, ['near', 1_000_000] as const]) {
      writeFileSync(join(root, name), Buffer.alloc(lengthBytes))
      const files = [{ path: 'a', lengthBytes, root: rootOf('a') }]
      await trees.note({ infoHashes: [hash(1)], place: join(root, name), isSingleFile: true, files, hints: noHints })
      const found = await search('z', { names: 'a', hints: { similar: [hash(1)], collections: [] } }).alike([0])
      expect([...found.values()].map(({ path }) => path)).toEqual(name === 'near' ? [join(root, name)] : [])
    }
  })

  it('that are gone are forgotten once, in whatever way they were looked for', async () => {
    const folder = await hold('abc', { hints: { similar: [hash(9)], collections: [] } })
    const wanted = search('axc', { names: 'abc' })
    rmSync(join(folder, 'a'))
    await wanted.same([0])
    rmSync(join(folder, 'b'))
    await wanted.alike([0, 1])
    expect((await trees.all())[0]?.files.map(({ path }) => path)).toEqual(['c'])
  })

  it('are no longer looked for when the fetch is stopped', async () => {
    await hold('a')
    const stopped = search('a', { signal: AbortSignal.abort(new Error('stopped')) })
    await expect(stopped.same([0])).rejects.toThrow('stopped')
  })
})
