import { createHash } from 'node:crypto'
import { renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { concatBytes } from '../../src/base/bytes.ts'
import { systemClock } from '../../src/base/system-clock.ts'
import { MiB } from '../../src/base/units.ts'
import { bulkWorkers, HashPool } from '../../src/store/hash-pool.ts'
import { hashTree } from '../../src/store/hash-tree.ts'
import { walkTree } from '../../src/store/tree-walker.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { NaiveMerkleTree } from '../torrent/naive-merkle.ts'
import { pseudoRandomBytes, publishSample, sampleTorrent } from './sample-torrent.ts'

const pool = new HashPool({ clock: systemClock, workers: bulkWorkers() })
afterAll(() => pool.close())

/** The SHA-1 of the pieces of a hybrid: zeros fill up the last piece of every file but the last. */
function paddedPieces(contents: readonly Uint8Array[], pieceLengthBytes: number): Uint8Array {
  const pieces = contents.flatMap((content) =>
    Array.from({ length: Math.ceil(content.length / pieceLengthBytes) }, (_, piece) =>
      content.subarray(piece * pieceLengthBytes, (piece + 1) * pieceLengthBytes),
    ),
  )
  return concatBytes(
    pieces.map((piece, index) => {
      const zeros = index === pieces.length - 1 ? 0 : pieceLengthBytes - piece.length
      return createHash('sha1').update(piece).update(new Uint8Array(zeros)).digest()
    }),
  )
}

describe('hashTree', () => {
  it('gives the digests of any tree, whatever the piece length', async () => {
    const trees = fc.record({
      lengths: fc.array(fc.integer({ min: 0, max: 70_000 }), { minLength: 1, maxLength: 12 }),
      pieceLengthBytes: fc.constantFrom(16_384, 32_768, 131_072),
    })
    await fc.assert(
      fc.asyncProperty(trees, async ({ lengths, pieceLengthBytes }) => {
        // Names that sort as they are numbered, so that the walker's order is the sample's.
        const torrent = sampleTorrent(
          lengths.map((length, index) => [`f${String.fromCharCode(97 + index)}`, length] as const),
          { pieceLengthBytes },
        )
        const folder = await mkdtemp(join(tmpdir(), 'distro-test-'))
        const tree = await walkTree(publishSample(torrent, folder))
        expect(await hashTree({ tree, pieceLengthBytes, format: 'v1', pool })).toEqual({
          pieceHashes: torrent.info.pieceHashes,
          merkle: undefined,
        })
        await rm(folder, { recursive: true })
      }),
      { numRuns: 20 },
    )
  })

  it('gives the merkle trees of the files of any tree, and for a hybrid the SHA-1 of its padded pieces too', async () => {
    const trees = fc.record({
      lengths: fc.array(fc.oneof(fc.integer({ min: 0, max: 140_000 }), fc.constantFrom(0, 1, 16_384, 32_768, 65_536)), {
        minLength: 1,
        maxLength: 8,
      }),
      pieceLengthBytes: fc.constantFrom(16_384, 32_768, 131_072),
      format: fc.constantFrom('v2', 'hybrid'),
    })
    await fc.assert(
      fc.asyncProperty(trees, async ({ lengths, pieceLengthBytes, format }) => {
        const folder = await mkdtemp(join(tmpdir(), 'distro-test-'))
        const contents = lengths.map((length, index) => pseudoRandomBytes(length, index + 1))
        for (const [index, content] of contents.entries()) writeFileSync(join(folder, String.fromCharCode(97 + index)), content)
        const { pieceHashes, merkle } = await hashTree({ tree: await walkTree(folder), pieceLengthBytes, format, pool })
        for (const [index, content] of contents.entries()) {
          const tree = content.length === 0 ? undefined : new NaiveMerkleTree(content)
          const pieceLayer = content.length > pieceLengthBytes ? tree?.layer(Math.log2(pieceLengthBytes / 16_384)) : undefined
          expect(merkle?.[index]).toEqual({ piecesRoot: tree?.root, pieceLayer })
        }
        expect(pieceHashes).toEqual(format === 'v2' ? undefined : paddedPieces(contents, pieceLengthBytes))
        await rm(folder, { recursive: true })
      }),
      { numRuns: 30 },
    )
  })

  it('hashes a large file in many jobs and tells how far it is', async () => {
    const path = join(await temporaryFolder(), 'large')
    const bytes = pseudoRandomBytes(40 * MiB + 123, 1)
    writeFileSync(path, bytes)
    const tree = await walkTree(path)
    const seen: number[] = []
    const onProgress = (done: number, total: number): number => seen.push(done / total)
    const { pieceHashes: digests } = await hashTree({ tree, pieceLengthBytes: MiB, format: 'v1', pool, onProgress })
    expect(digests).toHaveLength(41 * 20)
    expect(Buffer.from(digests?.subarray(-20) ?? [])).toEqual(
      createHash('sha1')
        .update(bytes.subarray(40 * MiB))
        .digest(),
    )
    expect(seen.length).toBeGreaterThan(3)
    expect(seen).toEqual([...seen].sort((left, right) => left - right))
    expect(seen.at(-1)).toBe(1)
  })

  it.each([
    ['edited', (path: string): void => writeFileSync(path, 'other')],
    ['cut', (path: string): void => truncateSync(path, 1)],
    ['deleted', (path: string): void => rmSync(path)],
    [
      'replaced by a link',
      (path: string): void => {
        renameSync(path, `${path}.kept`)
        symlinkSync(`${path}.kept`, path)
      },
    ],
  ])('says which file was %s after it was found', async (_what, change) => {
    const torrent = sampleTorrent([
      ['a', 30_000],
      ['b', 30_000],
    ])
    const root = publishSample(torrent, await temporaryFolder())
    const tree = await walkTree(root)
    change(join(root, 'b'))
    const hashing = hashTree({ tree, pieceLengthBytes: 16_384, format: 'v1', pool })
    await expect(hashing).rejects.toMatchObject({ code: 'SOURCE_CHANGED', message: expect.stringContaining(join(root, 'b')) })
  })

  it('stops between two jobs when it is aborted', async () => {
    const path = join(await temporaryFolder(), 'large')
    writeFileSync(path, new Uint8Array(64 * MiB))
    const abort = new AbortController()
    const reason = new Error('stop')
    let jobs = 0
    const onProgress = (): void => {
      jobs++
      abort.abort(reason)
    }
    const tree = await walkTree(path)
    await expect(hashTree({ tree, pieceLengthBytes: MiB, format: 'hybrid', pool, onProgress, signal: abort.signal })).rejects.toBe(reason)
    expect(jobs).toBeLessThanOrEqual(1 + pool.size * 2)
    expect(pool.pendingCount).toBe(0)
  })
})
