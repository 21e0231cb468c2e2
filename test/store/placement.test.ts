import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { getuid, seteuid } from 'node:process'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../src/base/system-clock.ts'
import type { FetchStore } from '../../src/store/fetch-store.ts'
import { HashPool } from '../../src/store/hash-pool.ts'
import { recoverDisplaced } from '../../src/store/move-into-place.ts'
import { type Placement, placeTree } from '../../src/store/placement.ts'
import { Selection } from '../../src/store/selection.ts'
import { type StagingPaths, stagingPaths } from '../../src/store/staging.ts'
import { PieceGeometry } from '../../src/torrent/piece-geometry.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { commitMissing, openFetch } from './driven-store.ts'
import { publishedTree } from './published-tree.ts'
import { publishSample, sampleTorrent, treeOf } from './sample-torrent.ts'

const sample = sampleTorrent([
  ['a', 20_000],
  ['dir/b', 30_000],
  ['dir/sub/empty', 0],
])

/** A complete staged tree, as if every piece had been written. */
async function staged(options: Partial<Placement> = {}): Promise<Placement & { readonly paths: StagingPaths }> {
  const outDir = await temporaryFolder()
  const paths = stagingPaths(outDir, sample.info, sample.infoHash)
  mkdirSync(paths.content, { recursive: true })
  const published = publishSample({ ...sample, info: { ...sample.info, name: 'content' } }, paths.dir)
  rmSync(join(published, 'dir/sub'), { recursive: true })
  const selection = new Selection(sample.info, new PieceGeometry(sample.info), undefined)
  const pool = new HashPool({ clock: systemClock, workers: 1 })
  onTestFinished(() => pool.close())
  return { paths, info: sample.info, selection, overwrite: false, completes: true, isNeverAbsent: false, pool, ...options }
}

async function complete(outDir: string): Promise<FetchStore> {
  const store = await openFetch(sample, outDir)
  onTestFinished(() => store.close())
  await commitMissing(store, sample)
  return store
}

describe('placeTree', () => {
  it('creates empty files and moves the tree in one step', async () => {
    const placement = await staged()
    await placeTree(placement)
    expect([...treeOf(placement.paths.target).keys()]).toEqual(['a', 'dir/', 'dir/b', 'dir/sub/', 'dir/sub/empty'])
    expect(existsSync(placement.paths.content)).toBe(false)
  })

  it('lets those finish who open files before it moves anything', async () => {
    const seen: boolean[] = []
    const placement = await staged()
    await placeTree({
      ...placement,
      beforeMove: async () => void seen.push(existsSync(placement.paths.content), existsSync(placement.paths.target)),
    })
    expect(seen).toEqual([true, false])
  })

  it.each([
    ['short', (content: string): void => truncateSync(join(content, 'a'), 19_999)],
    ['long', (content: string): void => writeFileSync(join(content, 'a'), 'x', { flag: 'a' })],
    ['gone', (content: string): void => rmSync(join(content, 'dir/b'))],
    [
      'a link',
      (content: string): void => {
        rmSync(join(content, 'a'))
        symlinkSync('/etc/hosts', join(content, 'a'))
      },
    ],
  ])('refuses a tree in which a file is %s', async (_what, spoil) => {
    const placement = await staged()
    spoil(placement.paths.content)
    await expect(placeTree(placement)).rejects.toMatchObject({ code: 'DISK_FAILED' })
    expect(existsSync(placement.paths.target)).toBe(false)
  })

  it('keeps the old tree when the new one differs and nobody said overwrite', async () => {
    const placement = await staged()
    mkdirSync(placement.paths.target)
    writeFileSync(join(placement.paths.target, 'mine'), 'mine')
    await expect(placeTree(placement)).rejects.toMatchObject({ code: 'TARGET_DIFFERS', hint: expect.stringContaining('--overwrite') })
    expect(readFileSync(join(placement.paths.target, 'mine'), 'utf8')).toBe('mine')
    expect(existsSync(placement.paths.content)).toBe(true)
  })

  it('swaps the old tree for the new one with overwrite and removes the old one', async () => {
    const placement = await staged({ overwrite: true })
    mkdirSync(join(placement.paths.target, 'deep'), { recursive: true })
    writeFileSync(join(placement.paths.target, 'deep/old'), 'old')
    await placeTree(placement)
    expect(readdirSync(placement.paths.target).sort()).toEqual(['a', 'dir'])
    expect(existsSync(placement.paths.displaced)).toBe(false)
  })

  it('refuses a target that is a link, with overwrite too', async () => {
    const placement = await staged({ overwrite: true })
    const elsewhere = await temporaryFolder()
    symlinkSync(elsewhere, placement.paths.target)
    await expect(placeTree(placement)).rejects.toMatchObject({ code: 'PATH_REFUSED' })
    expect(readdirSync(elsewhere)).toEqual([])
  })
})

describe('recoverDisplaced', () => {
  it('does nothing when no swap was cut off', async () => {
    const { paths } = await staged()
    await recoverDisplaced(paths)
    expect(existsSync(paths.target)).toBe(false)
  })

  it('puts the old tree back when the new one never came', async () => {
    const { paths } = await staged()
    mkdirSync(paths.displaced)
    writeFileSync(join(paths.displaced, 'old'), 'old')
    await recoverDisplaced(paths)
    expect(readdirSync(paths.target)).toEqual(['old'])
    expect(existsSync(paths.displaced)).toBe(false)
  })

  it('removes the old tree when the new one is there', async () => {
    const { paths } = await staged()
    mkdirSync(paths.displaced)
    mkdirSync(paths.target)
    writeFileSync(join(paths.target, 'new'), 'new')
    await recoverDisplaced(paths)
    expect(readdirSync(paths.target)).toEqual(['new'])
    expect(existsSync(paths.displaced)).toBe(false)
  })
})

describe.runIf(getuid?.() === 0)('an old tree that belongs to somebody else', () => {
  const NOBODY = 65_534

  /** A folder with a file that nobody but its owner may remove. */
  function foreignTree(path: string): void {
    mkdirSync(path)
    writeFileSync(join(path, 'old'), 'old')
  }

  async function asNobody(work: () => Promise<void>): Promise<void> {
    seteuid?.(NOBODY)
    try {
      await work()
    } finally {
      seteuid?.(0)
    }
  }

  async function ofNobody(options: Partial<Placement> = {}): Promise<Placement & { readonly paths: StagingPaths }> {
    const placement = await staged(options)
    const { outDir, dir, content } = placement.paths
    for (const path of [outDir, dir, content, ...[...treeOf(content).keys()].map((each) => join(content, each))])
      chownSync(path, NOBODY, NOBODY)
    return placement
  }

  it('stays beside the new one, which is in place, and a sentence tells of it', async () => {
    const complaints: string[] = []
    const placement = await ofNobody({ overwrite: true, onComplaint: (message) => complaints.push(message) })
    const { paths } = placement
    foreignTree(paths.target)
    await asNobody(async () => {
      await placeTree(placement)
      await recoverDisplaced(paths, (message) => complaints.push(message))
    })
    const complaint = expect.stringMatching(/^Cannot remove .+\.distro-old: /)
    expect(complaints).toEqual([complaint, complaint])
    expect([...treeOf(paths.target).keys()]).toContain('dir/b')
    expect(readdirSync(paths.displaced)).toEqual(['old'])
  })

  it('has to go before another one may take its place', async () => {
    const placement = await ofNobody({ overwrite: true })
    const { paths } = placement
    for (const path of [paths.displaced, paths.target]) foreignTree(path)
    await asNobody(async () => {
      await expect(placeTree(placement)).rejects.toMatchObject({ code: 'DISK_FAILED', message: expect.stringContaining('Cannot remove ') })
    })
    expect(readdirSync(paths.target)).toEqual(['old'])
  })
})

describe('a disk that loses what was written', () => {
  it('is found before success is reported, and the next run fetches the lost pieces again', async () => {
    const outDir = await temporaryFolder()
    const store = await complete(outDir)
    const { content, state } = stagingPaths(outDir, sample.info, sample.infoHash)
    truncateSync(join(content, 'dir/b'), 1_000)
    await expect(store.place()).rejects.toMatchObject({ code: 'DISK_FAILED', message: expect.stringContaining('dir/b') })
    await store.close()
    expect(existsSync(state)).toBe(false)
    const next = await openFetch(sample, outDir)
    onTestFinished(() => next.close())
    expect([next.resumed, next.verified.count]).toEqual(['checked', 1])
    await commitMissing(next, sample)
    expect(treeOf(await next.place())).toEqual(await publishedTree(sample))
  })
})
