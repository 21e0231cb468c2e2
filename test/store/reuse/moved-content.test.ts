import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../../src/base/system-clock.ts'
import { systemRandom } from '../../../src/base/system-random.ts'
import { MiB } from '../../../src/base/units.ts'
import type { FetchStoreOptions } from '../../../src/store/fetch-options.ts'
import type { FetchStore } from '../../../src/store/fetch-store.ts'
import { surveyFetch } from '../../../src/store/survey-fetch.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { naiveBlockSums } from '../../torrent/naive-block-sums.ts'
import { commitMissing, openFetch, pieceBytesOf } from '../driven-store.ts'
import { publishedTree } from '../published-tree.ts'
import { bytesOfFile, publishSample, type SampleTorrent, treeOf } from '../sample-torrent.ts'
import { type SampleV2, type SampleV2Shape, sampleV2 } from '../sample-v2.ts'

const block = 16_384
const pieceBytes = 4 * block

/** A sample whose torrent has the sums of its blocks. */
function summed(shape: SampleV2Shape, blockBytes = block): SampleV2 {
  const sample = sampleV2(
    [
      ['deep/big.bin', 10 * pieceBytes + 777],
      ['other.bin', 2 * pieceBytes],
      ['small', 5_000],
    ],
    { pieceLengthBytes: pieceBytes, ...shape },
  )
  return { ...sample, info: { ...sample.info, blockSums: naiveBlockSums(contentsOf(sample), blockBytes) } }
}

/** The content of each file, padding left out. */
function contentsOf(sample: SampleTorrent): Uint8Array[] {
  return sample.info.files.flatMap(({ kind }, file) => (kind === 'file' ? [bytesOfFile(sample, file)] : []))
}

let before: string
let outDir: string
let sample: SampleV2

/** Pieces of the files: `deep/big.bin` has 0 to 10, `other.bin` 11 and 12, `small` 13. */
const [BIG, OTHER] = ['deep/big.bin', 'other.bin']

async function begin(shape: SampleV2Shape, blockBytes = block): Promise<void> {
  sample = summed(shape, blockBytes)
  before = publishSample(sample, await temporaryFolder())
  outDir = await temporaryFolder()
}

beforeEach(() => begin({ format: 'v2' }))

/** Changes a file of the earlier version. */
function edit(path: string, change: (bytes: Buffer) => Uint8Array): void {
  writeFileSync(join(before, path), change(readFileSync(join(before, path))))
}

async function fetchOf(options: Partial<FetchStoreOptions> = {}): Promise<FetchStore> {
  const store = await openFetch(sample, outDir, { trees: sample.trees, reuse: [before], ...options })
  onTestFinished(() => store.close())
  return store
}

function missingOf({ wanted, verified }: FetchStore): number[] {
  return [...wanted.members()].filter((piece) => !verified.has(piece))
}

/** The blocks of `piece` that can be read, each compared with what was published. */
async function earlierOf(store: FetchStore, piece: number): Promise<readonly number[]> {
  const blocks = store.earlier?.blocksOf(piece) ?? []
  if (blocks.length === 0) return blocks
  const right = pieceBytesOf(sample, piece)
  const into = new Uint8Array(right.length)
  const came = await new Promise<readonly number[]>((resolve) => store.earlier?.read(piece, into, resolve))
  for (const number of came) {
    expect(Buffer.compare(into.subarray(number * block, (number + 1) * block), right.subarray(number * block, (number + 1) * block))).toBe(
      0,
    )
  }
  return [...came].sort((left, right) => left - right)
}

async function finish(store: FetchStore): Promise<void> {
  await commitMissing(store, sample)
  expect(treeOf(await store.place())).toEqual(await publishedTree(sample))
}

describe.each(['v2', 'hybrid'] as const)('a fetch of a %s torrent with sums of blocks', (format) => {
  beforeEach(() => begin({ format }))

  it('takes what is behind something that was inserted', async () => {
    edit(BIG, (bytes) => bytes.subarray(1))
    const store = await fetchOf()
    // The first block and the short one at the end were nowhere.
    expect(missingOf(store)).toEqual([0, 10])
    expect(await earlierOf(store, 0)).toEqual([1, 2, 3])
    expect(await earlierOf(store, 10)).toEqual([])
    await finish(store)
  })

  it('takes what is behind something that was cut out, and in front of it', async () => {
    edit(BIG, (bytes) =>
      Buffer.concat([bytes.subarray(0, 5 * pieceBytes + 10), Buffer.alloc(100_000, 1), bytes.subarray(5 * pieceBytes + 10)]),
    )
    const store = await fetchOf()
    expect(missingOf(store)).toEqual([5, 10])
    expect(await earlierOf(store, 5)).toEqual([1, 2, 3])
    await finish(store)
  })

  it('takes the blocks of a piece that were not changed in place', async () => {
    edit(BIG, (bytes) => bytes.fill(3, 2 * pieceBytes + block + 5, 2 * pieceBytes + block + 6))
    const store = await fetchOf()
    expect(missingOf(store)).toEqual([2])
    expect(await earlierOf(store, 2)).toEqual([0, 2, 3])
    await finish(store)
  })

  it('finds it in a file that is called after another version and has another length', async () => {
    edit(BIG, (bytes) => Buffer.concat([Buffer.from('more'), bytes]))
    renameSync(join(before, BIG), join(before, 'big-1.2.bin'))
    const store = await fetchOf()
    expect(missingOf(store)).toEqual([10])
    await finish(store)
  })

  it('finds it in another file of the tree', async () => {
    edit(OTHER, (bytes) => Buffer.concat([bytes, Buffer.from('x'), readFileSync(join(before, BIG))]))
    rmSync(join(before, BIG))
    const store = await fetchOf()
    expect(missingOf(store)).toEqual([10])
    await finish(store)
  })

  it('finds it in a single file that is named', async () => {
    const path = join(await temporaryFolder(), 'anything.bin')
    writeFileSync(path, Buffer.concat([Buffer.from('x'), readFileSync(join(before, BIG))]))
    const store = await fetchOf({ reuse: [path] })
    expect(missingOf(store)).toEqual([10, 11, 12, 13])
    await finish(store)
  })

  it('finds it in a target that is to be overwritten', async () => {
    mkdirSync(join(outDir, sample.info.name, 'deep'), { recursive: true })
    writeFileSync(join(outDir, sample.info.name, BIG), readFileSync(join(before, BIG)).subarray(3))
    const store = await fetchOf({ reuse: [], overwrite: true })
    expect(missingOf(store)).toEqual([0, 10, 11, 12, 13])
    await finish(store)
  })

  it('finds it again after a stop', async () => {
    edit(BIG, (bytes) => bytes.subarray(1))
    const first = await openFetch(sample, outDir, { trees: sample.trees, reuse: [before] })
    await first.close()
    const second = await fetchOf()
    expect(second.resumed).toBe('believed')
    expect(missingOf(second)).toEqual([0, 10])
    expect(await earlierOf(second, 0)).toEqual([1, 2, 3])
    await finish(second)
  })

  it('takes only what is selected', async () => {
    edit(BIG, (bytes) => bytes.subarray(1))
    edit(OTHER, (bytes) => bytes.subarray(1))
    const store = await fetchOf({ selected: new Set([sample.info.files.findIndex(({ path }) => path.join('/') === OTHER)]) })
    expect(missingOf(store)).toHaveLength(1)
    expect(existsSync(join(outDir, sample.info.name))).toBe(false)
  })

  it('says beforehand how much of it is here', async () => {
    edit(BIG, (bytes) => bytes.subarray(1))
    const { info, infoHash, trees } = sample
    const survey = { info, infoHash, trees, clock: systemClock, random: systemRandom, outDir, reuse: [before] }
    expect((await surveyFetch(survey)).missingBytes).toBe(block + 777)
  })
})

describe('sums of blocks', () => {
  it.each([2 * block, 8 * block])('of %i bytes find what they can', async (blockBytes) => {
    await begin({ format: 'v2' }, blockBytes)
    edit(BIG, (bytes) => bytes.subarray(1))
    const store = await fetchOf()
    // The first block is missing, and what is no whole block at the end.
    const firstWhole = Math.ceil(blockBytes / pieceBytes)
    const missing = [...new Array(firstWhole).keys(), 10]
    expect(missingOf(store)).toEqual(missing)
    expect(await earlierOf(store, 0)).toEqual(blockBytes < pieceBytes ? [2, 3] : [])
    await finish(store)
  })

  it('that are wrong do no harm: what they find is not right, and is fetched', async () => {
    const other = summed({ format: 'v2', seed: 5 })
    // The sums are of other content, which is offered: every block is found, and none is right.
    before = publishSample(other, await temporaryFolder())
    edit(BIG, (bytes) => bytes.subarray(1))
    sample = { ...sample, info: { ...sample.info, blockSums: naiveBlockSums(contentsOf(other), block) } }
    const store = await fetchOf()
    expect(store.verified.count).toBe(0)
    expect(store.earlier?.blocksOf(5)).toEqual([])
    await finish(store)
  })

  it('of blocks that changed after they were found do none either', async () => {
    edit(BIG, (bytes) => bytes.subarray(1))
    const store = await fetchOf()
    rmSync(join(before, BIG))
    expect(await earlierOf(store, 0)).toEqual([])
    expect(store.earlier?.blocksOf(0)).toEqual([])
    await finish(store)
  })

  it.each([
    ['at the place of the file', BIG],
    ['somewhere', 'image.bin'],
  ])('are not looked for in all of a file of a TiB %s', async (_, path) => {
    // A file with a hole: it takes no room, and reading it would take an hour.
    writeFileSync(join(before, path), 'x')
    truncateSync(join(before, path), 2 ** 40)
    if (path !== BIG) rmSync(join(before, BIG))
    const totals = new Set<number>()
    const store = await fetchOf({ onCheck: (_done, total) => totals.add(total) })
    expect(Math.max(...totals)).toBeLessThan(20 * MiB)
    await finish(store)
  })

  it('count among what is taken over where whole pieces are put together of them', async () => {
    edit(BIG, (bytes) => Buffer.concat([Buffer.from('moved'), bytes]))
    const told: [number, number][] = []
    const store = await fetchOf({ onPlace: (done, total) => told.push([done, total]) })
    const takenBytes = [...store.verified.members()].reduce((sum, piece) => sum + store.geometry.pieceBytes(piece), 0)
    expect(takenBytes).toBeGreaterThan(8 * pieceBytes)
    expect(told.at(-1)).toEqual([takenBytes, takenBytes])
    await finish(store)
  })

  it('are not needed where there is nothing to look at', async () => {
    const store = await fetchOf({ reuse: [] })
    expect(store.earlier).toBeUndefined()
    await finish(store)
  })

  it('find the more the less was changed, and all that they find is right', async () => {
    const change = fc.record({ at: fc.nat({ max: 10 * pieceBytes }), cut: fc.nat({ max: 50_000 }), put: fc.uint8Array({ maxLength: 99 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        await begin({ format: 'v2' })
        for (const { at, cut, put } of changes) {
          edit(BIG, (bytes) => Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + cut)]))
        }
        const store = await openFetch(sample, outDir, { trees: sample.trees, reuse: [before] })
        try {
          let foundBlocks = 0
          for (let piece = 0; piece < 10; piece++) {
            foundBlocks += store.verified.has(piece) ? 4 : (await earlierOf(store, piece)).length
          }
          const lostBytes = changes.reduce((sum, { cut }) => sum + cut, 0)
          // An edit spoils the blocks that it touches, and what it cut is gone.
          expect(foundBlocks).toBeGreaterThanOrEqual(40 - Math.ceil(lostBytes / block) - 2 * changes.length)
          await finish(store)
        } finally {
          await store.close()
        }
      }),
      { numRuns: 15 },
    )
  })
})
