import { rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../src/base/system-clock.ts'
import { contentStamps } from '../../src/store/content-stamps.ts'
import { bulkWorkers, HashPool } from '../../src/store/hash-pool.ts'
import { SeedStore } from '../../src/store/seed-store.ts'
import { stagingPaths } from '../../src/store/staging.ts'
import { verifyTree } from '../../src/store/verify-tree.ts'
import type { MerkleTrees } from '../../src/torrent/merkle-trees.ts'
import { PieceGeometry } from '../../src/torrent/piece-geometry.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { commitMissing, commitPiece, commitPieces, openFetch, pieceBytesOf, readPiece } from './driven-store.ts'
import { publishedTree } from './published-tree.ts'
import { publishSample, type SampleFile, treeOf } from './sample-torrent.ts'
import { type SampleV2, sampleV2 } from './sample-v2.ts'

const files: readonly SampleFile[] = [
  ['bin/app', 300_000],
  ['bin/empty', 0],
  ['bin/tool', 65_536],
  ['docs/readme', 100],
  ['docs/two', 20_000],
  ['z', 131_073],
]

const v2 = sampleV2(files, { format: 'v2' })
const hybrid = sampleV2(files, { format: 'hybrid' })

/** Every way in which pieces of aligned content are checked. */
const ways: readonly (readonly [string, SampleV2, MerkleTrees | undefined])[] = [
  ['v2', v2, v2.trees],
  ['a hybrid by its merkle trees', hybrid, hybrid.trees],
  ['a hybrid by SHA-1', hybrid, undefined],
  ['a hybrid whose piece layers are not known', hybrid, hybrid.bareTrees],
]

function poolOf(): HashPool {
  const pool = new HashPool({ clock: systemClock, workers: bulkWorkers() })
  onTestFinished(() => pool.close())
  return pool
}

const verified = (sample: SampleV2, trees: MerkleTrees | undefined, root: string) =>
  verifyTree({ info: sample.info, trees, root, pool: poolOf() })

describe.each(ways)('content of %s', (_, sample, trees) => {
  it('is fetched, placed as it was published, verified and found again', async () => {
    const outDir = await temporaryFolder()
    const published = publishSample(sample, await temporaryFolder())
    await using store = await openFetch(sample, outDir, { trees })
    expect(store.selection.boundary).toEqual([])
    expect((await commitMissing(store, sample)).map(({ kind }) => kind)).toEqual(new Array(store.wanted.length).fill('stored'))
    await store.place()
    expect(treeOf(join(outDir, 'release'))).toEqual(treeOf(published))
    await store.close()
    const result = await verified(sample, trees, join(outDir, 'release'))
    expect(result).toMatchObject({ isWhole: true, missing: [], damaged: [], wrongLength: [] })
    await using again = await openFetch(sample, outDir, { trees })
    expect(again.resumed).toBe('in place')
    expect(again.isPlaced).toBe(true)
  })

  it('is refused where one byte of a piece is wrong, with the digest of each block', async () => {
    await using store = await openFetch(sample, await temporaryFolder(), { trees })
    const geometry = new PieceGeometry(sample.info)
    for (const piece of [0, 4, geometry.pieceCount - 1]) {
      const right = pieceBytesOf(sample, piece)
      const wrong = right.slice()
      const block = geometry.blockCount(piece) - 1
      wrong[wrong.length - 1] = (wrong[wrong.length - 1] as number) ^ 1
      const refused = await commitPiece(store, piece, wrong)
      const accepted = await commitPiece(store, piece, right, true)
      expect([refused.kind, accepted.kind]).toEqual(['corrupt', 'stored'])
      if (refused.kind !== 'corrupt' || accepted.kind !== 'stored') continue
      const digestBytes = refused.blockDigests.length / geometry.blockCount(piece)
      const digestsOf = (digests: Uint8Array | undefined) =>
        Array.from({ length: block + 1 }, (_digest, index) =>
          Buffer.from(digests ?? []).toString('hex', index * digestBytes, (index + 1) * digestBytes),
        )
      const differing = digestsOf(refused.blockDigests).flatMap((digest, index) =>
        digest === digestsOf(accepted.blockDigests)[index] ? [] : [index],
      )
      expect(differing).toEqual([block])
    }
  })

  it('is resumed, from the state and from the files alone', async () => {
    const outDir = await temporaryFolder()
    const first = await openFetch(sample, outDir, { trees })
    await commitPieces(first, sample, [0, 1, 5, 7])
    await first.close()
    await using second = await openFetch(sample, outDir, { trees })
    expect([second.resumed, [...second.verified.members()]]).toEqual(['believed', [0, 1, 5, 7]])
    await second.close()
    rmSync(stagingPaths(outDir, sample.info, sample.infoHash).state)
    await using third = await openFetch(sample, outDir, { trees })
    expect([third.resumed, [...third.verified.members()]]).toEqual(['checked', [0, 1, 5, 7]])
    await commitMissing(third, sample)
    await third.place()
    expect(third.isPlaced).toBe(true)
  })

  it('is fetched in part, without a piece of a file that is not wanted', async () => {
    const outDir = await temporaryFolder()
    const wanted = sample.info.files.findIndex(({ path }) => path.join('/') === 'docs/two')
    await using store = await openFetch(sample, outDir, { trees, selected: new Set([wanted]) })
    expect(store.wanted.count).toBe(1)
    expect(store.selection.wantedBytes).toBe(20_000)
    expect(store.servable.count).toBe(1)
    await commitMissing(store, sample)
    await store.place()
    expect([...treeOf(join(outDir, 'release')).keys()]).toEqual(['docs/', 'docs/two'])
  })

  it('is read with zeros behind each file, for those who ask for padding', async () => {
    const root = publishSample(sample, await temporaryFolder())
    const stamps = await contentStamps(sample.info, root)
    await using store = new SeedStore({ info: sample.info, root, stamps, clock: systemClock })
    const geometry = new PieceGeometry(sample.info)
    for (let piece = 0; piece < geometry.pieceCount; piece++) {
      const start = geometry.pieceOffset(piece)
      const bytes = await readPiece(store, piece, 0, geometry.servedBytes(piece))
      const expected = new Uint8Array(geometry.pieceLengthBytes)
      expected.set(sample.content.subarray(start, start + geometry.pieceLengthBytes))
      expect(bytes).toEqual(expected)
    }
  })

  it('is found damaged, short and missing by the right files', async () => {
    const root = publishSample(sample, await temporaryFolder())
    writeFileSync(join(root, 'bin/tool'), new Uint8Array(65_536))
    truncateSync(join(root, 'z'), 131_072)
    rmSync(join(root, 'docs/two'))
    const result = await verified(sample, trees, root)
    const named = (indexes: readonly number[]) => indexes.map((index) => sample.info.files[index]?.path.join('/'))
    expect(named(result.damaged)).toEqual(['bin/tool'])
    expect(named(result.wrongLength)).toEqual(['z'])
    expect(named(result.missing)).toEqual(['docs/two'])
    expect(result.shared).toEqual([])
    expect(statSync(join(root, 'bin/app')).size).toBe(300_000)
  })
})

describe('a fetch store', () => {
  it('fails a piece of v2 only whose hash is not known', async () => {
    await using store = await openFetch(v2, await temporaryFolder(), { trees: v2.bareTrees })
    const result = await commitPiece(store, 0, pieceBytesOf(v2, 0))
    expect(result).toMatchObject({ kind: 'failed', error: { code: 'INTERNAL' } })
    expect((await commitPiece(store, 5, pieceBytesOf(v2, 5))).kind).toBe('stored')
  })
})

describe('content of any v2 or hybrid torrent', () => {
  it('arrives as it was published, whatever its files are', { timeout: 60_000 }, async () => {
    const tree = fc.uniqueArray(
      fc.tuple(fc.stringMatching(/^[a-e]{1,2}(?:\/[f-j]{1,2})?$/), fc.oneof(fc.constant(0), fc.nat(40_000), fc.nat(200_000))),
      { minLength: 1, maxLength: 8, selector: ([path]) => path.split('/')[0] },
    )
    const shape = fc.record({
      format: fc.constantFrom('v2' as const, 'hybrid' as const),
      pieceLengthBytes: fc.constantFrom(16_384, 32_768, 131_072),
      seed: fc.nat(100),
    })
    await fc.assert(
      fc.asyncProperty(tree, shape, fc.boolean(), async (entries, cut, usesTrees) => {
        fc.pre(entries.some(([, lengthBytes]) => lengthBytes > 0))
        const sample = sampleV2(entries, cut)
        const trees = usesTrees || cut.format === 'v2' ? sample.trees : sample.bareTrees
        const outDir = await temporaryFolder()
        await using store = await openFetch(sample, outDir, { trees })
        await commitMissing(store, sample)
        await store.place()
        expect(treeOf(join(outDir, 'release'))).toEqual(await publishedTree(sample))
        expect((await verified(sample, trees, join(outDir, 'release'))).isWhole).toBe(true)
      }),
      { numRuns: 25 },
    )
  })
})
