import { createHash } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { systemClock } from '../../../src/base/system-clock.ts'
import { systemRandom } from '../../../src/base/system-random.ts'
import type { FetchStoreOptions } from '../../../src/store/fetch-options.ts'
import type { FetchStore } from '../../../src/store/fetch-store.ts'
import { HashPool } from '../../../src/store/hash-pool.ts'
import { FolderContents } from '../../../src/store/reuse/files-below.ts'
import { findCandidates } from '../../../src/store/reuse/find-candidates.ts'
import { surveyFetch } from '../../../src/store/survey-fetch.ts'
import { MerkleTrees } from '../../../src/torrent/merkle-trees.ts'
import { decodeMetainfo } from '../../../src/torrent/metainfo.ts'
import { PieceGeometry } from '../../../src/torrent/piece-geometry.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { buildTorrent } from '../../torrent/build-v2.ts'
import { naiveBlockSums } from '../../torrent/naive-block-sums.ts'
import { commitMissing, openFetch } from '../driven-store.ts'
import { poolOfTwo } from '../pool-of.ts'
import { publishedTree } from '../published-tree.ts'
import { pseudoRandomBytes, type SampleTorrent, sampleTorrent, treeOf } from '../sample-torrent.ts'

const block = 16_384
const pieceBytes = 4 * block
const fileBytes = 3 * pieceBytes

type Format = 'v1' | 'v2' | 'hybrid'

/** A torrent, and what a fetch of it is to know. */
interface Shards {
  readonly torrent: SampleTorrent
  readonly options: Pick<FetchStoreOptions, 'trees'>
}

/** A torrent of files with these contents, by their paths. */
function shardsOf(format: Format, contents: ReadonlyMap<string, Uint8Array>, { hasSums = false, hasLayers = true } = {}): Shards {
  if (format === 'v1') {
    const torrent = sampleTorrent(
      [...contents].map(([path, { length }]) => [path, length]),
      { pieceLengthBytes: pieceBytes, name: 'release' },
    )
    torrent.content.set(Buffer.concat([...contents.values()]))
    for (let piece = 0; piece * pieceBytes < torrent.content.length; piece++) {
      const bytes = torrent.content.subarray(piece * pieceBytes, (piece + 1) * pieceBytes)
      torrent.info.pieceHashes.set(createHash('sha1').update(bytes).digest(), piece * 20)
    }
    return { torrent, options: {} }
  }
  const files = [...contents].map(([path, content]) => ({ path: path.split('/'), content }))
  const { info, infoHash, v2, pieceLayers } = decodeMetainfo(buildTorrent(files, pieceBytes, format).bytes)
  const geometry = new PieceGeometry(info)
  const content = new Uint8Array(geometry.pieceCount * pieceBytes)
  for (const { kind, path, offsetBytes } of info.files) {
    if (kind === 'file') content.set(contents.get(path.join('/')) ?? new Uint8Array(), offsetBytes)
  }
  const trees = new MerkleTrees(v2?.info ?? { files: [], pieceLengthBytes: pieceBytes }, hasLayers ? pieceLayers : new Map())
  const sums = hasSums ? { blockSums: naiveBlockSums([...contents.values()], block) } : {}
  return { torrent: { info: { ...info, ...sums }, infoHash, content }, options: { trees } }
}

/** The content of shard number `seed`. */
const shard = (seed: number, lengthBytes = fileBytes): Uint8Array => pseudoRandomBytes(lengthBytes, seed)

/** Six files of the same length. */
function six(lengthBytes = fileBytes): Map<string, Uint8Array> {
  return new Map([1, 2, 3, 4, 5, 6].map((number) => [`s${number}.bin`, shard(number, lengthBytes)]))
}

function write(root: string, files: Iterable<readonly [path: string, content: Uint8Array]>): string {
  for (const [path, content] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  return root
}

let outDir: string
let target: string
let earlier: string
let hashedBytes: number
let scannedBytes: number

beforeEach(async () => {
  outDir = await temporaryFolder()
  target = join(outDir, 'release')
  earlier = await temporaryFolder()
  hashedBytes = 0
  scannedBytes = 0
  const { digest, scan } = HashPool.prototype
  vi.spyOn(HashPool.prototype, 'digest').mockImplementation(function (this: HashPool, job, done) {
    for (const { path, lengthBytes } of job.spans) if (path !== '') hashedBytes += lengthBytes
    digest.call(this, job, done)
  })
  vi.spyOn(HashPool.prototype, 'scan').mockImplementation(function (this: HashPool, job, done) {
    scannedBytes += job.startBytes
    scan.call(this, job, done)
  })
})

afterEach(() => vi.restoreAllMocks())

/** How many bytes are missing according to a look ahead. */
async function missingOf({ torrent, options }: Shards, more: Partial<FetchStoreOptions> = {}): Promise<number> {
  const { info, infoHash } = torrent
  const outlook = await surveyFetch({ info, infoHash, outDir, clock: systemClock, random: systemRandom, ...options, ...more })
  return outlook.missingBytes
}

/** Opens a fetch, fetches what is missing, and compares what is in place then with what was published; gives the pieces that it began with. */
async function fetched({ torrent, options }: Shards, more: Partial<FetchStoreOptions> = {}): Promise<number[]> {
  const store: FetchStore = await openFetch(torrent, outDir, { ...options, ...more })
  onTestFinished(() => store.close())
  const begun = [...store.verified.members()]
  await commitMissing(store, torrent)
  await store.place()
  expect(treeOf(store.targetPath)).toEqual(await publishedTree(torrent))
  return begun
}

describe.each(['v1', 'v2', 'hybrid'] as const)('of files of the same length in %s', (format) => {
  it.each([1, 3])('those that are at the target, here %i, are read once while the others are missing', async (count) => {
    const files = six()
    write(target, [...files].slice(1, 1 + count))
    expect(await missingOf(shardsOf(format, files))).toBe((6 - count) * fileBytes)
    expect(hashedBytes).toBe(count * fileBytes)
  })

  it('those that are at an earlier version are read once while the others are missing', async () => {
    const files = six()
    write(earlier, [...files].slice(0, 3))
    expect(await missingOf(shardsOf(format, files), { reuse: [earlier] })).toBe(3 * fileBytes)
    expect(hashedBytes).toBe(3 * fileBytes)
  })

  it('one that has another name is read once, and found to be the one that it is', async () => {
    const files = six()
    write(earlier, [['t.bin', shard(4)]])
    const shards = shardsOf(format, files)
    expect(await missingOf(shards, { reuse: [earlier] })).toBe(5 * fileBytes)
    expect(hashedBytes).toBe(fileBytes)
    expect(await fetched(shards, { reuse: [earlier] })).toEqual([9, 10, 11])
  })

  it('one that is several of them but for a piece is read once, and gives each what it has', async () => {
    const files = six()
    files.set('s3.bin', shard(5))
    write(earlier, [['t.bin', Buffer.from(shard(5)).fill(0, pieceBytes, pieceBytes + 1)]])
    const shards = shardsOf(format, files)
    expect(await missingOf(shards, { reuse: [earlier] })).toBe(4 * fileBytes + 2 * pieceBytes)
    expect(hashedBytes).toBe(fileBytes)
    expect(await fetched(shards, { reuse: [earlier] })).toEqual([6, 8, 12, 14])
  })

  it('two names of one file are taken over as two files where links are allowed', async () => {
    const files = new Map(['a.bin', 'b.bin'].map((path) => [path, shard(1)]))
    write(earlier, [['a.bin', shard(1)]])
    linkSync(join(earlier, 'a.bin'), join(earlier, 'b.bin'))
    expect(await fetched(shardsOf(format, files), { reuse: [earlier], mayLink: true })).toEqual([0, 1, 2, 3, 4, 5])
  })

  it('one that is missing, and the same as one at the target, is known without a look', async () => {
    const files = six()
    files.set('s6.bin', shard(2))
    write(target, [['s2.bin', shard(2)]])
    const shards = shardsOf(format, files)
    expect(await missingOf(shards)).toBe(4 * fileBytes)
    expect(hashedBytes).toBe(fileBytes)
    expect(await fetched(shards)).toEqual([3, 4, 5, 15, 16, 17])
  })

  it('those of a target that is to be overwritten are read once', async () => {
    const files = six()
    write(target, files)
    write(target, [['s4.bin', Buffer.from(shard(4)).fill(0, 0, 1)]])
    const shards = shardsOf(format, files)
    expect(await missingOf(shards, { overwrite: true })).toBe(pieceBytes)
    expect(hashedBytes).toBe(6 * fileBytes)
    expect(await fetched(shards, { overwrite: true })).toHaveLength(17)
  })
})

describe.each(['v2', 'hybrid'] as const)('of files of the same length in %s with sums of blocks', (format) => {
  it('those with other names are looked through once each, whatever is in them', async () => {
    const files = six()
    const shards = shardsOf(format, files, { hasSums: true })
    const renamed = [11, 12, 13, 14, 15, 16].map((number) => [`t${number}.bin`, shard(number)] as const)
    write(earlier, renamed)
    expect(await missingOf(shards, { reuse: [earlier] })).toBe(6 * fileBytes)
    expect([hashedBytes, scannedBytes]).toEqual([fileBytes, 6 * fileBytes])
  })

  it('what moved inside one with another name is found in whichever of them it is', async () => {
    const files = six()
    const moved = Buffer.concat([Buffer.from('x'), shard(2).subarray(0, -1)])
    write(earlier, [['t.bin', moved]])
    const shards = shardsOf(format, files, { hasSums: true })
    expect(await missingOf(shards, { reuse: [earlier] })).toBe(5 * fileBytes + block)
    expect([hashedBytes, scannedBytes]).toEqual([fileBytes, fileBytes])
    expect(await fetched(shards, { reuse: [earlier] })).toEqual([3, 4])
  })

  it('one that stands where it should is looked through once for all that are missing', async () => {
    const files = six()
    write(earlier, [...files].slice(0, 2))
    expect(await missingOf(shardsOf(format, files, { hasSums: true }), { reuse: [earlier] })).toBe(4 * fileBytes)
    expect([hashedBytes, scannedBytes]).toEqual([2 * fileBytes, fileBytes])
  })
})

describe('of files of the same length in v1 that start anywhere in pieces', () => {
  const lengthBytes = fileBytes + pieceBytes / 2

  it('one with another name is read once for all that start at the same place in a piece', async () => {
    const files = six(lengthBytes)
    write(earlier, [['t.bin', shard(4, lengthBytes)]])
    // Pieces 10 to 13 hold bytes of the fourth file, the first of them some of the third.
    expect(await fetched(shardsOf('v1', files), { reuse: [earlier] })).toEqual([11, 12, 13])
    hashedBytes = 0
    outDir = await temporaryFolder()
    await missingOf(shardsOf('v1', files), { reuse: [earlier] })
    // Once from its start and once from the middle of its first piece, and the piece that two of them share.
    expect(hashedBytes).toBe(2 * fileBytes + pieceBytes)
  })

  it('one at the target is not read for those that are missing, but where they share a piece', async () => {
    const files = six(lengthBytes)
    write(target, [['s1.bin', shard(1, lengthBytes)]])
    await missingOf(shardsOf('v1', files))
    expect(hashedBytes).toBe(fileBytes + pieceBytes)
  })
})

describe('a piece of a hybrid of which only the digests of v1 are known', () => {
  it('is told from one with the same bytes and other zeros behind it', async () => {
    const lengthBytes = pieceBytes + 5
    const files = new Map([1, 2, 3].map((number) => [`s${number}.bin`, shard(1, lengthBytes)]))
    write(earlier, [['t.bin', shard(1, lengthBytes)]])
    const shards = shardsOf('hybrid', files, { hasLayers: false })
    expect(await missingOf(shards, { reuse: [earlier] })).toBe(0)
    expect(hashedBytes).toBe(lengthBytes + 5)
  })
})

describe('whatever is there', () => {
  /** Which pieces are right when each file of the torrent is what its candidate holds. */
  async function naivelyRight({ torrent: { info, content } }: Shards, root: string): Promise<number[]> {
    const files = [...info.files.keys()]
    const candidates = await findCandidates({ info, files, roots: [root], contents: new FolderContents(), pool: poolOfTwo() })
    const there = new Uint8Array(content.length).fill(255)
    const geometry = new PieceGeometry(info)
    for (const { kind, offsetBytes, lengthBytes } of info.files) {
      if (kind === 'padding') there.fill(0, offsetBytes, offsetBytes + lengthBytes)
    }
    for (const [file, { path }] of candidates) {
      const { offsetBytes, lengthBytes } = info.files[file] ?? { offsetBytes: 0, lengthBytes: 0 }
      there.set(readFileSync(path).subarray(0, lengthBytes), offsetBytes)
    }
    return [...new Array(geometry.pieceCount).keys()].filter((piece) => {
      const [start, end] = [geometry.pieceOffset(piece), geometry.pieceOffset(piece) + geometry.pieceBytes(piece)]
      return Buffer.compare(there.subarray(start, end), content.subarray(start, end)) === 0
    })
  }

  const name = fc.constantFrom('a.bin', 'b.bin', 'c.bin', 'd/a.bin', 'd/b.bin', 'e.txt')
  const content = fc.record({ seed: fc.integer({ min: 1, max: 3 }), lengthBytes: fc.constantFrom(pieceBytes, 90_000, 150_000) })
  const files = fc.uniqueArray(fc.tuple(name, content), { selector: ([path]) => path, minLength: 1 })

  it('is found as if each file were looked at by itself, and what is in place then is what was published', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('v1', 'v2', 'hybrid'), fc.boolean(), files, files, fc.nat(), async (...run) => {
        const [format, isTarget, published, there, touched] = run
        const contents = (entries: typeof published): Map<string, Uint8Array> =>
          new Map(entries.map(([path, { seed, lengthBytes }]) => [path, shard(seed, lengthBytes)]))
        const shards = shardsOf(format, contents(published))
        const old = contents(there)
        const [path, bytes] = [...old][touched % old.size] ?? ['', new Uint8Array(1)]
        old.set(path, Buffer.from(bytes).fill(0, touched % bytes.length, (touched % bytes.length) + 1))
        outDir = await temporaryFolder()
        const root = write(isTarget ? join(outDir, 'release') : await temporaryFolder(), old)
        const right = await naivelyRight(shards, root)
        const found = await fetched(shards, isTarget ? { overwrite: true } : { reuse: [root] })
        if (format === 'v1' && isTarget) expect(right).toEqual(expect.arrayContaining(found))
        else expect(found).toEqual(right)
      }),
      { numRuns: 60 },
    )
  }, 60_000)
})
