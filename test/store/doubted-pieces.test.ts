import { chmodSync, linkSync, lstatSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Bitfield } from '../../src/base/bitfield.ts'
import { contentStamps } from '../../src/store/content-stamps.ts'
import { DoubtedPieces } from '../../src/store/doubted-pieces.ts'
import { ContentLayout } from '../../src/store/file-layout.ts'
import { stampOf } from '../../src/store/file-stamp.ts'
import { SeedStore } from '../../src/store/seed-store.ts'
import type { MerkleTrees } from '../../src/torrent/merkle-trees.ts'
import { PieceGeometry } from '../../src/torrent/piece-geometry.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { pieceBytesOf, readPiece } from './driven-store.ts'
import { publishSample, type SampleTorrent, sampleTorrent } from './sample-torrent.ts'
import { sampleV2 } from './sample-v2.ts'

const sample = sampleTorrent([
  ['a', 20_000],
  ['b', 5_000],
  ['c', 5_000],
  ['d', 60_000],
])
const names = ['a', 'b', 'c', 'd']
const published = 1_000_000

interface Seeding {
  readonly store: SeedStore
  readonly root: string
  readonly clock: ManualClock
}

async function seeding(torrent: SampleTorrent = sample, trees?: MerkleTrees): Promise<Seeding> {
  const root = publishSample(torrent, await temporaryFolder())
  // A time that can be set again to the nanosecond.
  for (const { path, kind } of torrent.info.files) if (kind === 'file') utimesSync(join(root, ...path), published, published)
  const clock = new ManualClock()
  const store = new SeedStore({ info: torrent.info, trees, root, stamps: await contentStamps(torrent.info, root), clock })
  onTestFinished(() => store.close())
  return { store, root, clock }
}

/** Writes other bytes of the same length, and sets back the modification time. */
function forge(path: string, at: number): void {
  const bytes = readFileSync(path)
  bytes[at] = (bytes[at] as number) ^ 1
  writeFileSync(path, bytes)
  utimesSync(path, published, published)
}

function pieces(store: SeedStore): number[] {
  return [...new Array(store.verified.length).keys()]
}

async function readAll(store: SeedStore): Promise<void> {
  for (const piece of pieces(store)) {
    const bytes = pieceBytesOf(sample, piece)
    expect(await readPiece(store, piece, 0, bytes.length)).toEqual(new Uint8Array(bytes))
  }
}

const harmless: readonly (readonly [what: string, change: (path: string) => void])[] = [
  ['gets a second name', (path) => linkSync(path, `${path}.link`)],
  ['gets another mode', (path) => chmodSync(path, 0o640)],
  [
    'is written again as it was, with its modification time',
    (path) => {
      writeFileSync(path, readFileSync(path))
      utimesSync(path, published, published)
    },
  ],
]

describe('a seeded file', () => {
  it.each(harmless)('that %s is read on', async (_what, change) => {
    const { store, root, clock } = await seeding()
    await readAll(store)
    for (const name of names) change(join(root, name))
    clock.advance(101)
    await readAll(store)
    expect(store.changed).toBeUndefined()
  })

  it.each(harmless)('that %s before it is opened is read', async (_what, change) => {
    const { store, root } = await seeding()
    for (const name of names) change(join(root, name))
    const reads = await Promise.all(pieces(store).map((piece) => readPiece(store, piece, 0, pieceBytesOf(sample, piece).length)))
    expect(reads).toEqual(pieces(store).map((piece) => new Uint8Array(pieceBytesOf(sample, piece))))
    expect(await readPiece(store, 0, 100, 50_000)).toEqual(new Uint8Array(sample.content.subarray(100, 50_100)))
  })

  it('that got a second name is confirmed once it hashed right again', async () => {
    const { store, root } = await seeding()
    linkSync(join(root, 'd'), join(root, 'd.link'))
    expect(await new Promise((resolve) => store.confirm(3, 0, sample.info.files[3]?.lengthBytes ?? 0, resolve))).toBeUndefined()
    forge(join(root, 'd'), 59_000)
    expect(await new Promise((resolve) => store.confirm(3, 0, sample.info.files[3]?.lengthBytes ?? 0, resolve))).toMatchObject({
      code: 'SOURCE_CHANGED',
    })
  })

  it('that was forged after it got a second name is named, and nothing of its wrong piece is given out', async () => {
    const { store, root, clock } = await seeding()
    linkSync(join(root, 'd'), join(root, 'd.link'))
    await readAll(store)
    forge(join(root, 'd'), 59_000)
    clock.advance(101)
    expect(await readPiece(store, 2, 0, 100)).toEqual(new Uint8Array(pieceBytesOf(sample, 2).subarray(0, 100)))
    const expected = { code: 'SOURCE_CHANGED', message: expect.stringContaining(join(root, 'd')) }
    expect(await readPiece(store, 5, 0, 100)).toMatchObject(expected)
    expect(await readPiece(store, 2, 0, 100)).toMatchObject(expected)
  })

  it('that was forged is named where it shares its piece with others', async () => {
    const { store, root } = await seeding()
    forge(join(root, 'b'), 0)
    const expected = { code: 'SOURCE_CHANGED', message: expect.stringContaining(join(root, 'b')) }
    expect(await readPiece(store, 1, 0, 16_384)).toMatchObject(expected)
  })

  it('whose neighbour in a piece was edited cannot be proven', async () => {
    const { store, root } = await seeding()
    linkSync(join(root, 'b'), join(root, 'b.link'))
    writeFileSync(join(root, 'c'), 'other')
    const expected = { code: 'SOURCE_CHANGED', message: expect.stringContaining(join(root, 'c')) }
    expect(await readPiece(store, 1, 4_000, 10)).toMatchObject(expected)
  })

  it.skipIf(process.getuid?.() === 0)('that nobody may read any more is said to be that', async () => {
    const { store, root, clock } = await seeding()
    await readAll(store)
    chmodSync(join(root, 'd'), 0)
    clock.advance(101)
    expect(await readPiece(store, 3, 0, 100)).toMatchObject({ code: 'DISK_FAILED', message: expect.stringContaining(join(root, 'd')) })
  })

  it('may get 64 names in a minute, and more in the next one', async () => {
    const { store, root, clock } = await seeding()
    const read = (): Promise<unknown> => readPiece(store, 4, 0, 100)
    const right = new Uint8Array(pieceBytesOf(sample, 4).subarray(0, 100))
    const change = (): void => {
      const before = lstatSync(join(root, 'd'), { bigint: true }).ctimeNs
      // The clock of the file system may stand still for some milliseconds.
      do chmodSync(join(root, 'd'), 0o640)
      while (lstatSync(join(root, 'd'), { bigint: true }).ctimeNs === before)
      clock.advance(101)
    }
    for (let round = 0; round < 64; round++) {
      change()
      expect(await read()).toEqual(right)
    }
    clock.advance(60_000)
    for (let round = 0; round < 64; round++) {
      change()
      expect(await read()).toEqual(right)
    }
    change()
    expect(await read()).toMatchObject({ code: 'SOURCE_CHANGED' })
  })

  it.each(['v2', 'hybrid'] as const)('of %s is proven too, padding and all', async (format) => {
    const other = sampleV2([['one', 300_000] as const, ['two', 20_000] as const], { format })
    const { store, root } = await seeding(other, format === 'v2' ? other.trees : undefined)
    const geometry = new PieceGeometry(other.info)
    const path = join(root, 'one')
    linkSync(path, `${path}.link`)
    expect(await readPiece(store, 4, 0, geometry.pieceLengthBytes)).toHaveLength(geometry.pieceLengthBytes)
    expect(await readPiece(store, 3, 60_000, 100_000)).toHaveLength(100_000)
    forge(path, 299_999)
    expect(await new Promise((resolve) => store.confirm(0, 0, 60_000, resolve))).toBeUndefined()
    expect(await new Promise((resolve) => store.confirm(0, 200_000, 100_000, resolve))).toMatchObject({ code: 'SOURCE_CHANGED' })
  })
})

describe('DoubtedPieces', () => {
  async function doubting(): Promise<{ doubts: DoubtedPieces; root: string }> {
    const { info } = sample
    const root = publishSample(sample, await temporaryFolder())
    const geometry = new PieceGeometry(info)
    const readable = new Bitfield(geometry.pieceCount)
    readable.fill()
    readable.delete(5)
    const layout = new ContentLayout(info, geometry, root)
    const stamps = await contentStamps(info, root)
    const doubts = new DoubtedPieces({ info, geometry, layout, trees: undefined, readable, stamps, clock: new ManualClock() })
    onTestFinished(() => doubts.close())
    return { doubts, root }
  }

  const now = (path: string) => stampOf(lstatSync(path, { bigint: true }))

  it('hashes a piece once for each change, and none that may not be read', async () => {
    const { doubts, root } = await doubting()
    expect(doubts.among([1, 2, 3, 4])).toEqual([])
    linkSync(join(root, 'd'), join(root, 'd.link'))
    expect(doubts.doubt(3, now(join(root, 'd')))).toBe(true)
    expect(doubts.among([1, 2, 3, 4])).toEqual([1, 2, 3, 4])
    const proof = doubts.prove(3)
    expect(doubts.prove(3)).toBe(proof)
    expect(await proof).toBeUndefined()
    expect(doubts.among([1, 2, 3, 4])).toEqual([1, 2, 4])
    expect(doubts.among([3, 4, 5])).toEqual([4])
  })

  it('leaves a piece in doubt of which a file changed again while it was hashed', async () => {
    const { doubts, root } = await doubting()
    doubts.doubt(3, now(join(root, 'd')))
    const proof = doubts.prove(3)
    doubts.doubt(3, now(join(root, 'd')))
    expect(await proof).toBeUndefined()
    expect(doubts.among([3])).toEqual([3])
  })
})
