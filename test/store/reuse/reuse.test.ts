import { chmodSync, cpSync, existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../../src/base/system-clock.ts'
import { systemRandom } from '../../../src/base/system-random.ts'
import type { FetchStoreOptions } from '../../../src/store/fetch-options.ts'
import type { FetchStore } from '../../../src/store/fetch-store.ts'
import { surveyFetch } from '../../../src/store/survey-fetch.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { changeByte } from '../change-byte.ts'
import { commitMissing, openFetch } from '../driven-store.ts'
import { publishedTree } from '../published-tree.ts'
import { publishSample, type SampleTorrent, sampleTorrent, treeOf } from '../sample-torrent.ts'

const pieceBytes = 16_384
const sample = sampleTorrent([
  ['a.bin', 4 * pieceBytes],
  ['deep/b.bin', 10 * pieceBytes],
  ['deep/c.bin', 2 * pieceBytes],
  ['empty', 0],
])

let before: string
let outDir: string

beforeEach(async () => {
  before = publishSample(sample, await temporaryFolder())
  outDir = await temporaryFolder()
})

async function fetchOf(options: Partial<FetchStoreOptions>, torrent: SampleTorrent = sample): Promise<FetchStore> {
  const store = await openFetch(torrent, outDir, options)
  onTestFinished(() => store.close())
  return store
}

/** Fetches what is missing, and what is in place then is what was published. */
async function finish(store: FetchStore, torrent: SampleTorrent = sample): Promise<void> {
  await commitMissing(store, torrent)
  await store.place()
  expect(treeOf(store.targetPath)).toEqual(await publishedTree(torrent))
}

describe('a fetch that may reuse what is there', () => {
  it('takes everything from an equal tree, which stays as it is', async () => {
    const whole = treeOf(before)
    const store = await fetchOf({ reuse: [before] })
    expect(store.isComplete).toBe(true)
    await finish(store)
    expect(treeOf(before)).toEqual(whole)
    expect(lstatSync(join(before, 'a.bin')).ino).not.toBe(lstatSync(join(store.targetPath, 'a.bin')).ino)
  })

  it('tells of the look at the target and at the earlier version as one figure that comes to its end once', async () => {
    const target = publishSample(sample, outDir)
    changeByte(join(target, 'a.bin'), 0)
    changeByte(join(before, 'deep/b.bin'), 0)
    const told: [number, number][] = []
    const store = await fetchOf({ reuse: [before], overwrite: true, onCheck: (done, total) => told.push([done, total]) })
    const shares = told.map(([done, total]) => done / total)
    expect(shares.filter((share) => share === 1)).toEqual([1])
    // The share may fall: what the target holds decides how much of the earlier version is read.
    for (const figures of [told.map(([done]) => done), told.map(([, total]) => total)]) {
      expect(figures).toEqual([...figures].sort((left, right) => left - right))
    }
    await finish(store)
  })

  it.each([false, true])('tells how far it came with taking that over, and with putting it in place (links: %s)', async (mayLink) => {
    const told: [number, number][] = []
    changeByte(join(before, 'deep/b.bin'), 0)
    const store = await fetchOf({ reuse: [before], mayLink, onPlace: (done, total) => told.push([done, total]) })
    const takenBytes = [...store.verified.members()].reduce((sum, piece) => sum + store.geometry.pieceBytes(piece), 0)
    expect([told[0], told.at(-1)]).toEqual([
      [0, takenBytes],
      [takenBytes, takenBytes],
    ])
    told.length = 0
    await finish(store)
    const { totalBytes } = sample.info
    expect([told[0], told.at(-1)]).toEqual([
      [0, totalBytes],
      [totalBytes, totalBytes],
    ])
    const done = told.map(([bytes]) => bytes)
    expect(done).toEqual([...done].sort((left, right) => left - right))
  })

  it('finds it in the folder around the tree too', async () => {
    expect((await fetchOf({ reuse: [dirname(before)] })).isComplete).toBe(true)
  })

  it('takes from a file that was changed in place the pieces that were not', async () => {
    changeByte(join(before, 'deep/b.bin'), 3 * pieceBytes)
    changeByte(join(before, 'deep/b.bin'), 7 * pieceBytes - 1)
    const store = await fetchOf({ reuse: [before] })
    expect([...store.wanted.members()].filter((piece) => !store.verified.has(piece))).toEqual([4 + 3, 4 + 6])
    await finish(store)
  })

  it.each([
    ['longer', Buffer.alloc(50_000, 7)],
    ['shorter', undefined],
  ])('takes what a %s file has in common with it', async (_how, more) => {
    const path = join(before, 'deep/b.bin')
    const bytes = readFileSync(path)
    writeFileSync(path, more === undefined ? bytes.subarray(0, 5 * pieceBytes + 1) : Buffer.concat([bytes, more]))
    const store = await fetchOf({ reuse: [before] })
    expect(store.wanted.count - store.verified.count).toBe(more === undefined ? 5 : 0)
    await finish(store)
  })

  it('finds files that were moved or renamed', async () => {
    mkdirSync(join(before, 'elsewhere'))
    renameSync(join(before, 'deep/b.bin'), join(before, 'elsewhere/b.bin'))
    renameSync(join(before, 'deep/c.bin'), join(before, 'elsewhere/c-1.2.bin'))
    expect((await fetchOf({ reuse: [before] })).isComplete).toBe(true)
  })

  it('looks into the roots in their order, and takes from each what the ones before do not have', async () => {
    const other = publishSample(sample, await temporaryFolder())
    rmSync(join(before, 'a.bin'))
    rmSync(join(other, 'deep'), { recursive: true })
    const store = await fetchOf({ reuse: ['/nowhere/at/all', before, other] })
    expect(store.isComplete).toBe(true)
    await finish(store)
  })

  it('takes what it can from a target that is to be overwritten', async () => {
    cpSync(before, join(outDir, 'sample'), { recursive: true })
    changeByte(join(outDir, 'sample/a.bin'), 0)
    writeFileSync(join(outDir, 'sample/of-before'), 'gone after it')
    const store = await fetchOf({ overwrite: true })
    expect(store.wanted.count - store.verified.count).toBe(1)
    await finish(store)
  })

  it('follows no link', async () => {
    const elsewhere = join(await temporaryFolder(), 'b.bin')
    renameSync(join(before, 'deep/b.bin'), elsewhere)
    symlinkSync(elsewhere, join(before, 'deep/b.bin'))
    const store = await fetchOf({ reuse: [before] })
    expect(store.wanted.count - store.verified.count).toBe(10)
  })

  it.each([false, true])('follows no link to a folder (links: %s)', async (mayLink) => {
    const elsewhere = join(await temporaryFolder(), 'deep')
    renameSync(join(before, 'deep'), elsewhere)
    symlinkSync(elsewhere, join(before, 'deep'))
    const store = await fetchOf({ reuse: [before], mayLink })
    expect(store.wanted.count - store.verified.count).toBe(12)
    await finish(store)
    expect(lstatSync(join(elsewhere, 'b.bin')).nlink).toBe(1)
  })

  it.each(['the tree', 'the folder that it is in'])('follows a link that is itself the place to look at: %s', async (which) => {
    const place = join(await temporaryFolder(), 'link')
    symlinkSync(which === 'the tree' ? before : dirname(before), place)
    expect((await fetchOf({ reuse: [place] })).isComplete).toBe(true)
  })

  it('follows no link in the place of the tree in the folder that was named', async () => {
    const folder = await temporaryFolder()
    symlinkSync(before, join(folder, 'sample'))
    expect((await fetchOf({ reuse: [folder] })).verified.count).toBe(0)
  })

  it('takes nothing of a tree that has nothing in common with it, and leaves no file for it', async () => {
    const other = publishSample(sampleTorrent([['a.bin', 4 * pieceBytes]], { seed: 9 }), await temporaryFolder())
    const store = await fetchOf({ reuse: [other] })
    expect(store.verified.count).toBe(0)
    await store.close()
    expect(existsSync(join(outDir, 'sample'))).toBe(false)
  })

  it('takes only what is selected, and goes on with what it reused after a stop', async () => {
    const first = await openFetch(sample, outDir, { reuse: [before], selected: new Set([0]) })
    expect(first.isComplete).toBe(true)
    await first.close()
    const second = await fetchOf({ selected: new Set([0]) })
    expect(second.isComplete).toBe(true)
  })

  it('gives a reused file the mode that was published', async () => {
    chmodSync(join(before, 'a.bin'), 0o4711)
    const store = await fetchOf({ reuse: [before] })
    await finish(store)
    expect(lstatSync(join(store.targetPath, 'a.bin')).mode & 0o7777).toBe(0o644 & ~process.umask())
  })

  it('makes unchanged files second names of the ones before where that is allowed, and no others', async () => {
    changeByte(join(before, 'deep/b.bin'), 0)
    chmodSync(join(before, 'deep/c.bin'), 0o755)
    const store = await fetchOf({ reuse: [before], mayLink: true })
    await finish(store)
    const isShared = (path: string): boolean => lstatSync(join(before, path)).ino === lstatSync(join(store.targetPath, path)).ino
    expect(['a.bin', 'deep/b.bin', 'deep/c.bin'].map(isShared)).toEqual([true, false, false])
    expect(readFileSync(join(before, 'deep/b.bin')).equals(readFileSync(join(store.targetPath, 'deep/b.bin')))).toBe(false)
  })

  it('finds in any earlier version every piece whose files were not touched', async () => {
    const files = fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd/e', 'd/f'), fc.integer({ min: 0, max: 70_000 })), {
      selector: ([path]) => path,
      minLength: 1,
    })
    await fc.assert(
      fc.asyncProperty(files, fc.array(fc.nat()), async (shape, touched) => {
        const torrent = sampleTorrent(shape)
        const root = publishSample(torrent, await temporaryFolder())
        const bad = new Set(touched.map((number) => number % shape.length))
        for (const file of bad) {
          const [path, lengthBytes] = shape[file] ?? ['', 0]
          if (lengthBytes > 0) changeByte(join(root, path), lengthBytes - 1)
        }
        const out = await temporaryFolder()
        const store = await openFetch(torrent, out, { reuse: [root] })
        try {
          for (const piece of store.wanted.members()) {
            const spans = store.geometry.fileSpans(store.geometry.pieceOffset(piece), store.geometry.pieceBytes(piece))
            if (spans.every(({ fileIndex }) => !bad.has(fileIndex))) expect(store.verified.has(piece)).toBe(true)
          }
          await commitMissing(store, torrent)
          expect(treeOf(await store.place())).toEqual(await publishedTree(torrent))
        } finally {
          await store.close()
        }
      }),
      { numRuns: 25 },
    )
  })
})

describe('a look ahead', () => {
  const { info, infoHash } = sample
  const common = { info, infoHash, clock: systemClock, random: systemRandom }

  it('tells how much is here, and writes nothing', async () => {
    changeByte(join(before, 'deep/b.bin'), 3 * pieceBytes)
    const where = join(outDir, 'not/yet/made')
    expect(await surveyFetch({ ...common, outDir: where, reuse: [before] })).toEqual({
      hereBytes: 15 * pieceBytes,
      missingBytes: pieceBytes,
      missingFiles: new Map([[1, pieceBytes]]),
    })
    expect(await surveyFetch({ ...common, outDir: where })).toEqual({
      hereBytes: 0,
      missingBytes: 16 * pieceBytes,
      missingFiles: new Map(info.files.map(({ lengthBytes }, file) => [file, lengthBytes])),
    })
    expect(existsSync(join(outDir, 'not'))).toBe(false)
    await expect(surveyFetch({ ...common, outDir: dirname(before) })).rejects.toMatchObject({ code: 'TARGET_DIFFERS' })
  })
})
