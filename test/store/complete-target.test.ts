import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../src/base/system-clock.ts'
import { systemRandom } from '../../src/base/system-random.ts'
import { MiB } from '../../src/base/units.ts'
import type { FetchStoreOptions } from '../../src/store/fetch-options.ts'
import type { FetchStore } from '../../src/store/fetch-store.ts'
import { keepSides, keptSides } from '../../src/store/keep-sides.ts'
import { piecesIn } from '../../src/store/right-pieces.ts'
import { Selection } from '../../src/store/selection.ts'
import { surveyFetch } from '../../src/store/survey-fetch.ts'
import { PieceGeometry } from '../../src/torrent/piece-geometry.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { changeByte } from './change-byte.ts'
import { commitMissing, commitPieces, openFetch } from './driven-store.ts'
import { publishedTree } from './published-tree.ts'
import { bytesOfFile, publishSample, type SampleTorrent, sampleTorrent, treeOf } from './sample-torrent.ts'

// Pieces of 16 KiB: 'a' is in piece 0, 'b' in 0 to 2, 'c' in 2 alone, 'd' in 2 to 5.
const sample = sampleTorrent([
  ['a', 10_000],
  ['dir/b', 25_000],
  ['c', 5_000],
  ['dir/d', 50_000],
])

let outDir: string
let sidesDir: string
let target: string

beforeEach(async () => {
  outDir = await temporaryFolder()
  sidesDir = join(await temporaryFolder(), 'sides')
  target = join(outDir, 'sample')
})

async function fetchOf(selected: readonly number[] | undefined, options: Partial<FetchStoreOptions> = {}): Promise<FetchStore> {
  const store = await openFetch(sample, outDir, {
    ...(selected === undefined ? {} : { selected: new Set(selected) }),
    sidesDir,
    ...options,
  })
  onTestFinished(() => store.close())
  return store
}

/** Puts some files in place, each right. */
async function placed(selected: readonly number[] | undefined, options: Partial<FetchStoreOptions> = {}): Promise<void> {
  await using store = await fetchOf(selected, options)
  await commitMissing(store, sample)
  await store.place()
}

const missingOf = (store: FetchStore): number[] => piecesIn(store.wanted).filter((piece) => !store.verified.has(piece))

describe('a target that holds a part of the torrent', () => {
  it('gets the rest, and nothing that was fetched before is fetched again', async () => {
    await placed([1])
    const before = statSync(join(target, 'dir/b'))
    const store = await fetchOf(undefined)
    expect(missingOf(store)).toEqual([3, 4, 5])
    await commitMissing(store, sample)
    await store.place()
    await store.close()
    expect(treeOf(target)).toEqual(await publishedTree(sample))
    // One file served both trees, so that nothing was copied, and has one name again.
    expect(statSync(join(target, 'dir/b'))).toMatchObject({ ino: before.ino, nlink: 1, mtimeMs: before.mtimeMs })
    expect([readdirSync(outDir), readdirSync(sidesDir)]).toEqual([['sample'], []])
  })

  it('keeps what is there when something else is selected', async () => {
    await placed([0])
    await placed([2])
    expect([...treeOf(target).keys()]).toEqual(['a', 'c'])
    await placed([1], { overwrite: true })
    expect([...treeOf(target).keys()]).toEqual(['a', 'c', 'dir/', 'dir/b'])
  })

  it('keeps what it needs for the rest while the torrent is fetched to another place', async () => {
    await placed([1])
    await using elsewhere = await openFetch(sample, join(outDir, 'elsewhere'), { sidesDir })
    await commitMissing(elsewhere, sample)
    await elsewhere.place()
    expect(missingOf(await fetchOf(undefined))).toEqual([3, 4, 5])
  })

  it('is complete without a peer when the rest came along with pieces that were shared', async () => {
    await placed([1])
    const store = await fetchOf([1, 2])
    expect(missingOf(store)).toEqual([])
    await store.place()
    expect(readFileSync(join(target, 'c'))).toEqual(Buffer.from(bytesOfFile(sample, 2)))
  })

  it('is in place for whoever selects what is there, without a peer', async () => {
    await placed([1, 3])
    for (const selected of [[1], [3], [1, 3]]) {
      const store = await fetchOf(selected)
      expect([store.resumed, piecesIn(store.servable)]).toEqual(['in place', [1, 3, 4, 5]])
      await store.close()
    }
  })

  it('gets shared pieces again where none were kept, and is compared with them', async () => {
    await placed([1], { sidesDir: undefined })
    const store = await fetchOf(undefined, { sidesDir: undefined })
    expect(missingOf(store)).toEqual([0, 2, 3, 4, 5])
    await commitMissing(store, sample)
    await store.place()
    expect(treeOf(target)).toEqual(await publishedTree(sample))
  })

  it.each([
    ['in a piece of its own', 10_000],
    ['in a piece that it shares', 3],
  ])('is refused, and left as it is, when a file differs %s', async (_, position) => {
    await placed([1])
    changeByte(join(target, 'dir/b'), position)
    const damaged = treeOf(target)
    const completed = async (): Promise<void> => placed(undefined)
    await expect(completed()).rejects.toMatchObject({
      code: 'TARGET_DIFFERS',
      message: expect.stringContaining('the content of "dir/b" differs'),
    })
    expect(treeOf(target)).toEqual(damaged)
    await placed(undefined, { overwrite: true })
    expect(treeOf(target)).toEqual(await publishedTree(sample))
    expect(readdirSync(outDir)).toEqual(['sample'])
  })

  it('is refused when something is in it that is not in the torrent, also if that came in the last moment', async () => {
    await placed([1])
    const store = await fetchOf(undefined)
    await commitMissing(store, sample)
    writeFileSync(join(target, 'mine'), 'mine')
    await expect(store.place()).rejects.toMatchObject({
      code: 'TARGET_DIFFERS',
      message: expect.stringContaining('"mine" is not in the torrent'),
    })
    await store.close()
    await expect(fetchOf(undefined)).rejects.toMatchObject({ code: 'TARGET_DIFFERS' })
    expect([...treeOf(target).keys()]).toEqual(['dir/', 'dir/b', 'mine'])
  })

  it('is refused where it may not be completed', async () => {
    await placed([1])
    await expect(fetchOf(undefined, { completes: false })).rejects.toMatchObject({
      code: 'TARGET_DIFFERS',
      message: expect.stringContaining('is missing'),
    })
  })

  it.skipIf(process.getuid?.() === 0)('is not replaced when a folder in it cannot be read', async () => {
    await placed([1])
    chmodSync(join(target, 'dir'), 0)
    await expect(fetchOf(undefined)).rejects.toMatchObject({ code: 'DISK_FAILED' })
    chmodSync(join(target, 'dir'), 0o755)
  })

  it.each([
    ['gone', (path: string) => rmSync(path)],
    ['other ones', (path: string) => writeFileSync(path, new Uint8Array(16_384))],
  ])('gets shared pieces again when what was kept of them is %s in the last moment', async (_, change) => {
    await placed([1])
    const kept = keptSides({ sidesDir, infoHash: sample.infoHash }, target)[0] ?? ''
    const onCheck = (): void => {
      for (const piece of readdirSync(kept)) change(join(kept, piece))
    }
    const store = await fetchOf(undefined, { onCheck })
    expect(missingOf(store)).toContain(0)
    // What is written of them must not go into the file that is in place.
    expect(statSync(join(target, 'dir/b')).nlink).toBe(1)
    await commitMissing(store, sample)
    await store.place()
    expect(treeOf(target)).toEqual(await publishedTree(sample))
  })

  it('tells beforehand what is missing', async () => {
    await placed([1])
    const { info, infoHash } = sample
    const options = { info, infoHash, outDir, sidesDir, clock: systemClock, random: systemRandom }
    expect(await surveyFetch(options)).toMatchObject({ hereBytes: 3 * 16_384, missingBytes: sample.content.length - 3 * 16_384 })
  })

  it('goes on after a stop, with files that have another name elsewhere too', async () => {
    await placed([1])
    linkSync(join(target, 'dir/b'), join(outDir, 'other-name'))
    const first = await fetchOf(undefined)
    await commitPieces(first, sample, [4])
    await first.close()
    const second = await fetchOf(undefined)
    expect(missingOf(second)).toEqual([3, 5])
    await commitMissing(second, sample)
    await second.place()
    expect(treeOf(target)).toEqual(await publishedTree(sample))
    expect(readFileSync(join(outDir, 'other-name'))).toEqual(Buffer.from(bytesOfFile(sample, 1)))
  })
})

describe('fetches of one part after the other', () => {
  const plans = fc.record({
    sizes: fc.array(fc.integer({ min: 0, max: 200 }), { minLength: 2, maxLength: 9 }),
    steps: fc.array(fc.record({ picks: fc.nat({ max: 511 }), commits: fc.nat(), isStopped: fc.boolean() }), { minLength: 1, maxLength: 3 }),
  })

  it('never get a piece twice, whatever was selected, stopped and widened, and end with the published tree', async () => {
    await fc.assert(
      fc.asyncProperty(plans, async ({ sizes, steps }) => {
        const torrent: SampleTorrent = sampleTorrent(
          sizes.map((size, index) => [index % 3 === 0 ? `sub/f${index}` : `f${index}`, size] as const),
          { pieceLengthBytes: 64 },
        )
        const folder = await temporaryFolder()
        const options = { sidesDir: join(folder, 'sides') }
        const committed: number[] = []
        let picks = 1
        try {
          for (const step of [...steps, { picks: 511, commits: 0, isStopped: false }]) {
            picks |= step.picks
            const selected = new Set([...sizes.keys()].filter((index) => (picks >> index) & 1))
            const store = await openFetch(torrent, join(folder, 'out'), { ...options, selected })
            const missing = missingOf(store)
            const now = step.isStopped ? missing.filter((_, index) => (step.commits >> (index % 31)) & 1) : missing
            await commitPieces(store, torrent, now)
            committed.push(...now)
            if (!step.isStopped) await store.place()
            await store.close()
          }
          expect(treeOf(join(folder, 'out/sample'))).toEqual(treeOf(publishSample(torrent, join(folder, 'in'))))
          const pieceCount = Math.ceil(torrent.content.length / 64)
          expect(committed.sort((left, right) => left - right)).toEqual([...new Array(pieceCount).keys()])
        } finally {
          await rm(folder, { recursive: true, force: true })
        }
      }),
      { numRuns: 5 },
    )
  })

  it('are right whatever is selected, wider or not', async () => {
    await fc.assert(
      fc.asyncProperty(plans, async ({ sizes, steps }) => {
        const torrent: SampleTorrent = sampleTorrent(
          sizes.map((size, index) => [`f${index}`, size] as const),
          { pieceLengthBytes: 64 },
        )
        const folder = await temporaryFolder()
        const placedFiles = new Set<number>()
        try {
          const whole = treeOf(publishSample(torrent, join(folder, 'in')))
          for (const step of [...steps, { picks: 1, commits: 0, isStopped: false }]) {
            const selected = new Set([...sizes.keys()].filter((index) => ((step.picks | 1) >> index) & 1))
            const store = await openFetch(torrent, join(folder, 'out'), { sidesDir: join(folder, 'sides'), selected })
            const missing = missingOf(store)
            await commitPieces(store, torrent, step.isStopped ? missing.filter((_, index) => (step.commits >> (index % 31)) & 1) : missing)
            if (!step.isStopped) {
              await store.place()
              for (const file of selected) placedFiles.add(file)
            }
            await store.close()
          }
          expect(treeOf(join(folder, 'out/sample'))).toEqual(new Map([...whole].filter(([path]) => placedFiles.has(Number(path.slice(1))))))
        } finally {
          await rm(folder, { recursive: true, force: true })
        }
      }),
      { numRuns: 5 },
    )
  })
})

describe('keepSides', () => {
  const selection = new Selection(sample.info, new PieceGeometry(sample.info), new Set([1]))

  async function kept(infoHash: Uint8Array, bytes: number): Promise<string> {
    const from = await temporaryFolder()
    for (const piece of [0, 2]) writeFileSync(join(from, String(piece)), '')
    truncateSync(join(from, '0'), bytes)
    await keepSides({ sidesDir, infoHash }, { sides: from, target: '/t' }, selection)
    return keptSides({ sidesDir, infoHash }, '/t')[0] ?? ''
  }

  it('keeps no more than 256 MiB, and lets go of those that are oldest', async () => {
    const folders: string[] = []
    for (const [index, byte] of [1, 2, 3].entries()) {
      const folder = await kept(new Uint8Array(20).fill(byte), 100 * MiB)
      utimesSync(folder, 1_000 + index, 1_000 + index)
      folders.push(folder)
    }
    await kept(new Uint8Array(20).fill(4), 1)
    expect(folders.map((folder) => existsSync(folder))).toEqual([false, true, true])
    expect(readdirSync(await kept(new Uint8Array(20).fill(5), 257 * MiB))).toEqual([])
  })

  it('does without where the folder cannot be made', async () => {
    mkdirSync(join(sidesDir, '..'), { recursive: true })
    writeFileSync(sidesDir, 'a file')
    await placed([1])
    expect(readFileSync(sidesDir, 'utf8')).toBe('a file')
    rmSync(sidesDir)
    expect([...treeOf(target).keys()]).toEqual(['dir/', 'dir/b'])
  })
})
