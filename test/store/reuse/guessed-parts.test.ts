import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { KiB } from '../../../src/base/units.ts'
import type { FetchStore } from '../../../src/store/fetch-store.ts'
import { type BlockGap, PART_BYTES, partSumsBytes, writePartSums } from '../../../src/torrent/block-parts.ts'
import { SeededRandom } from '../../support/seeded-random.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { naiveBlockSums } from '../../torrent/naive-block-sums.ts'
import { commitMissing, openFetch, pieceBytesOf } from '../driven-store.ts'
import { bytesOfFile, publishSample, type SampleTorrent, sampleTorrent, treeOf } from '../sample-torrent.ts'
import { type SampleV2, sampleV2 } from '../sample-v2.ts'

const block = 16 * KiB
const pieceBytes = 4 * block
const [BIG, MIDDLE, SMALL] = ['deep/big.bin', 'middle.bin', 'small']
const files: [string, number][] = [
  [BIG, 10 * pieceBytes + 777],
  // Too short for sums of its blocks.
  [MIDDLE, 3 * block + 900],
  [SMALL, 5_000],
]

interface Stage {
  readonly sample: SampleTorrent & Partial<Pick<SampleV2, 'trees'>>
  readonly before: string
}

/** A torrent, and a folder with what it publishes, to be changed into an earlier version. */
async function stage(hasSums = true, list: [string, number][] = files): Promise<Stage> {
  const sample = sampleV2(list, { pieceLengthBytes: pieceBytes, format: 'v2' })
  const contents = sample.info.files.flatMap(({ kind }, file) => (kind === 'file' ? [bytesOfFile(sample, file)] : []))
  const info = hasSums ? { ...sample.info, blockSums: naiveBlockSums(contents, block) } : sample.info
  return { sample: { ...sample, info }, before: publishSample(sample, await temporaryFolder()) }
}

/** Changes a file of the earlier version. */
function edit({ before }: Stage, path: string, change: (bytes: Buffer) => Uint8Array): void {
  writeFileSync(join(before, path), change(readFileSync(join(before, path))))
}

async function fetchOf({ sample, before }: Stage): Promise<FetchStore> {
  const { trees } = sample
  const store = await openFetch(sample, await temporaryFolder(), { reuse: [before], ...(trees === undefined ? {} : { trees }) })
  onTestFinished(() => store.close())
  return store
}

function missingOf({ wanted, verified }: FetchStore): number[] {
  return [...wanted.members()].filter((piece) => !verified.has(piece))
}

/** Has the parts of the guessed blocks of `piece` looked for; all that is found must be right. */
async function gapsOf({ sample }: Stage, store: FetchStore, piece: number): Promise<readonly BlockGap[]> {
  const right = pieceBytesOf(sample, piece)
  const blocks = store.earlier?.guessedOf(piece) ?? []
  if (blocks.length === 0) return []
  const sums = Buffer.concat(
    blocks.map((number) => {
      const bytes = right.subarray(number * block, (number + 1) * block)
      const ofBlock = new Uint8Array(partSumsBytes(bytes.length))
      writePartSums(bytes, ofBlock, 0)
      return ofBlock
    }),
  )
  const into = new Uint8Array(right.length)
  const gaps = await new Promise<readonly BlockGap[]>((resolve) => store.earlier?.findParts(piece, blocks, sums, into, resolve))
  expect(gaps.map((gap) => gap.block)).toEqual(blocks)
  for (const { block: number, begin, lengthBytes } of gaps) {
    const start = number * block
    into.set(right.subarray(start + begin, start + begin + lengthBytes), start + begin)
    const end = Math.min(start + block, right.length)
    expect(Buffer.compare(into.subarray(start, end), right.subarray(start, end))).toBe(0)
  }
  return gaps
}

/** What would be asked of others: of blocks that were found or guessed the gaps, of the others everything. */
async function missingBytesOf(at: Stage, store: FetchStore): Promise<number> {
  let bytes = 0
  for (const piece of missingOf(store)) {
    bytes += pieceBytesOf(at.sample, piece).length
    const gaps = await gapsOf(at, store, piece)
    const length = (number: number): number => Math.min(block, pieceBytesOf(at.sample, piece).length - number * block)
    for (const gap of gaps) bytes -= length(gap.block) - gap.lengthBytes
    for (const number of store.earlier?.blocksOf(piece) ?? []) bytes -= length(number)
  }
  return bytes
}

async function finish({ sample }: Stage, store: FetchStore): Promise<void> {
  await commitMissing(store, sample)
  expect(treeOf(await store.place())).toEqual(treeOf(publishSample(sample, await temporaryFolder())))
}

describe('parts of blocks of an earlier version', () => {
  it('are where they were when some bytes between them changed', async () => {
    const at = await stage()
    edit(at, BIG, (bytes) => bytes.fill(3, 2 * pieceBytes + block + 5, 2 * pieceBytes + block + 6))
    const store = await fetchOf(at)
    expect(store.earlier?.guessedOf(2)).toEqual([1])
    expect(await gapsOf(at, store, 2)).toEqual([{ block: 1, begin: 0, lengthBytes: PART_BYTES }])
    await finish(at, store)
  })

  it('are in front of and behind what was put in', async () => {
    const at = await stage()
    // The earlier version lacks 100 bytes in the middle of a block.
    const place = 5 * pieceBytes + 2 * block + 5_000
    edit(at, BIG, (bytes) => Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + 100)]))
    const store = await fetchOf(at)
    expect(missingOf(store)).toEqual([5, 10])
    expect(await gapsOf(at, store, 5)).toEqual([{ block: 2, begin: 9 * PART_BYTES, lengthBytes: PART_BYTES }])
    // The short block at the end has no sum, and stands behind the one before it.
    expect(await gapsOf(at, store, 10)).toEqual([{ block: 0, begin: 0, lengthBytes: 0 }])
    await finish(at, store)
  })

  it('are in files that are too short for sums of blocks', async () => {
    const at = await stage()
    edit(at, MIDDLE, (bytes) => Buffer.concat([bytes.subarray(0, 20_000), Buffer.from('more'), bytes.subarray(20_000)]))
    edit(at, SMALL, (bytes) => bytes.subarray(10))
    const store = await fetchOf(at)
    expect(await missingBytesOf(at, store)).toBe(2 * PART_BYTES)
    await finish(at, store)
  })

  it('are in a file that only became longer', async () => {
    const at = await stage()
    edit(at, SMALL, (bytes) => bytes.subarray(0, 4_000))
    const store = await fetchOf(at)
    expect(await missingBytesOf(at, store)).toBe(5_000 - 7 * PART_BYTES)
  })

  it('are found in a torrent without sums of blocks as far as they did not move', async () => {
    const at = await stage(false)
    edit(at, BIG, (bytes) => bytes.fill(3, 2 * pieceBytes + block + 5, 2 * pieceBytes + block + 6))
    edit(at, SMALL, (bytes) => bytes.subarray(10))
    const store = await fetchOf(at)
    expect(await missingBytesOf(at, store)).toBe(2 * PART_BYTES)
    await finish(at, store)
  })

  it('are found in a torrent of v1, whose blocks go over the ends of files', async () => {
    const sample = sampleTorrent(
      [
        ['a', 70_000],
        ['b', 9_000],
        ['c', 50_000],
      ],
      { pieceLengthBytes: pieceBytes },
    )
    const at = { sample, before: publishSample(sample, await temporaryFolder()) }
    for (const path of ['a', 'c']) edit(at, path, (bytes) => bytes.fill(7, 1_000, 1_001))
    const store = await fetchOf(at)
    expect(missingOf(store)).toEqual([0, 1])
    // The parts with the ends of files in them are of two files, and are not looked for.
    expect(await missingBytesOf(at, store)).toBeLessThanOrEqual(2 * block)
    await finish(at, store)
  })

  it('are not looked for where there is no earlier version', async () => {
    const at = await stage()
    rmSync(join(at.before, SMALL))
    edit(at, BIG, (bytes) => bytes.fill(3, 5, 6))
    const store = await fetchOf(at)
    const piece = missingOf(store).at(-1) ?? -1
    expect(pieceBytesOf(at.sample, piece)).toHaveLength(5_000)
    expect(store.earlier?.guessedOf(piece)).toEqual([])
    await finish(at, store)
  })

  it('are not guessed any more of a piece that was wrong', async () => {
    const at = await stage()
    edit(at, BIG, (bytes) => bytes.fill(3, 5, 6))
    const store = await fetchOf(at)
    expect(store.earlier?.guessedOf(0)).toEqual([0])
    store.earlier?.forget(0)
    expect(store.earlier?.guessedOf(0)).toEqual([])
  })

  it('that cannot be read any more are missing', async () => {
    const at = await stage()
    edit(at, BIG, (bytes) => bytes.fill(3, 5, 6))
    const store = await fetchOf(at)
    rmSync(join(at.before, BIG))
    expect(await gapsOf(at, store, 0)).toEqual([{ block: 0, begin: 0, lengthBytes: block }])
  })

  it('are given up where everything is new, and still looked for elsewhere', async () => {
    const at = await stage(true, [
      ['changed.bin', 40 * pieceBytes],
      ['other.bin', pieceBytes],
    ])
    const kept = pieceBytes
    edit(at, 'changed.bin', (bytes) => Buffer.concat([bytes.subarray(0, kept), new SeededRandom(4).bytes(bytes.length - kept)]))
    edit(at, 'other.bin', (bytes) => bytes.fill(3, 5, 6))
    const store = await fetchOf(at)
    let asked = 0
    for (const piece of missingOf(store).slice(0, 39)) asked += (await gapsOf(at, store, piece)).length
    expect(asked).toBe(64)
    expect(await gapsOf(at, store, missingOf(store).at(-1) ?? -1)).toEqual([{ block: 0, begin: 0, lengthBytes: PART_BYTES }])
  })

  it('are tried for with one block of a piece where not one block of a file is what it was, and with all once that was right', async () => {
    const at = await stage()
    // A byte of every block.
    edit(at, BIG, (bytes) => bytes.map((byte, place) => (place % block === 99 ? byte ^ 1 : byte)))
    const store = await fetchOf(at)
    expect(missingOf(store)).toEqual([...new Array(11).keys()])
    expect(store.earlier?.guessedOf(3)).toEqual([0])
    expect(await gapsOf(at, store, 4)).toEqual([{ block: 0, begin: 0, lengthBytes: PART_BYTES }])
    expect(store.earlier?.guessedOf(3)).toEqual([0, 1, 2, 3])
  })

  it('are right whatever was changed, and the more the less that was', async () => {
    const change = fc.record({ at: fc.nat({ max: 10 * pieceBytes }), cut: fc.nat({ max: 3_000 }), put: fc.uint8Array({ maxLength: 99 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), fc.boolean(), async (changes, isInPlace) => {
        const at = await stage()
        for (const { at: place, cut, put } of changes) {
          edit(at, BIG, (bytes) =>
            isInPlace
              ? bytes.fill(7, place, Math.min(bytes.length, place + cut))
              : Buffer.concat([bytes.subarray(0, place), put, bytes.subarray(place + cut)]),
          )
        }
        const store = await fetchOf(at)
        const missing = await missingBytesOf(at, store)
        // An edit costs what is new, the parts at its two ends, and what lies between two edits of one block.
        const most = changes.reduce((sum, { cut }) => sum + cut + 3 * PART_BYTES, 0)
        expect(missing).toBeLessThanOrEqual(changes.length === 1 ? most : most + changes.length * block)
        await finish(at, store)
      }),
      { numRuns: 20 },
    )
  })
})
