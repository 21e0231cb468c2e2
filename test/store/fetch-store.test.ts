import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { FetchStoreOptions } from '../../src/store/fetch-options.ts'
import type { FetchStore } from '../../src/store/fetch-store.ts'
import { stagingPaths } from '../../src/store/staging.ts'
import type { PieceStore } from '../../src/swarm/piece-store.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { commitMissing, commitPiece, commitPieces, openFetch, pieceBytesOf, readPiece } from './driven-store.ts'
import { bytesOfFile, publishSample, type SampleTorrent, sampleTorrent, treeOf } from './sample-torrent.ts'

const sample = sampleTorrent([
  ['a.bin', 40_000],
  ['deep/er/b.bin', 100_000],
  ['empty', 0],
  ['deep/c.bin', 1],
])

async function fetchOf(torrent: SampleTorrent, outDir: string, options: Partial<FetchStoreOptions> = {}): Promise<FetchStore> {
  const store = await openFetch(torrent, outDir, options)
  onTestFinished(() => store.close())
  return store
}

async function placed(torrent: SampleTorrent, outDir: string, options: Partial<FetchStoreOptions> = {}): Promise<string> {
  const store = await openFetch(torrent, outDir, options)
  try {
    await commitMissing(store, torrent)
    return await store.place()
  } finally {
    await store.close()
  }
}

describe('FetchStore', () => {
  it('is a piece store for the swarm', async () => {
    const store = await fetchOf(sample, await temporaryFolder())
    expect(store satisfies PieceStore).toBe(store)
  })

  it('places a tree that equals the published one and leaves nothing else behind', async () => {
    const published = publishSample(sample, await temporaryFolder())
    const outDir = await temporaryFolder()
    expect(await placed(sample, outDir)).toBe(join(outDir, 'sample'))
    expect(treeOf(join(outDir, 'sample'))).toEqual(treeOf(published))
    expect(readdirSync(outDir)).toEqual(['sample'])
  })

  it('shows nothing under the final name before the tree is complete', async () => {
    const outDir = await temporaryFolder()
    const store = await fetchOf(sample, outDir)
    await commitPieces(store, sample, [0, 1, 2])
    expect(existsSync(store.targetPath)).toBe(false)
    await expect(store.place()).rejects.toMatchObject({ code: 'INCOMPLETE' })
  })

  it('places trees of any shape whose pieces come in any order', async () => {
    const shapes = fc.record({
      lengths: fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 90_000 })), {
        minLength: 1,
        maxLength: 24,
      }),
      pieceLengthBytes: fc.constantFrom(16_384, 32_768, 65_536),
      isSingleFile: fc.boolean(),
      seed: fc.integer({ min: 1, max: 1_000 }),
      withPadding: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(shapes, async ({ lengths, pieceLengthBytes, isSingleFile, seed, withPadding }) => {
        const files = isSingleFile
          ? [['sample', lengths[0] ?? 0] as const]
          : lengths.map(
              (length, index) =>
                [withPadding && index % 3 === 1 ? `.pad/${index}` : `d${index % 4}/e${index % 3}/f${index}`, length] as const,
            )
        const torrent = sampleTorrent(files, { pieceLengthBytes, seed, isSingleFile })
        const folder = mkdtempSync(join(tmpdir(), 'distro-test-'))
        try {
          const published = publishSample(torrent, join(folder, 'in'))
          const store = await openFetch(torrent, join(folder, 'out'), { slotMemoryBytes: 4 * pieceLengthBytes })
          try {
            const order = [...new Array(store.wanted.length).keys()].sort(
              (left, right) => ((left * 7 + seed) % 11) - ((right * 7 + seed) % 11),
            )
            await commitPieces(store, torrent, order)
            for (const piece of order.slice(0, 3)) {
              expect(await readPiece(store, piece, 0, pieceBytesOf(torrent, piece).length)).toEqual(
                new Uint8Array(pieceBytesOf(torrent, piece)),
              )
            }
            await store.place()
            for (const piece of order.slice(0, 3)) {
              expect(await readPiece(store, piece, 0, pieceBytesOf(torrent, piece).length)).toEqual(
                new Uint8Array(pieceBytesOf(torrent, piece)),
              )
            }
          } finally {
            await store.close()
          }
          if (isSingleFile) expect(readFileSync(join(folder, 'out/sample'))).toEqual(readFileSync(published))
          else if (existsSync(published)) expect(treeOf(join(folder, 'out/sample'))).toEqual(treeOf(published))
        } finally {
          rmSync(folder, { recursive: true, force: true })
        }
      }),
      { numRuns: 12 },
    )
  })

  it('finds a corrupt piece, writes none of it and takes it again', async () => {
    const store = await fetchOf(sample, await temporaryFolder())
    const wrong = pieceBytesOf(sample, 1).slice()
    wrong[5] = (wrong[5] ?? 0) ^ 1
    const result = await commitPiece(store, 1, wrong)
    expect(result.kind === 'corrupt' && result.blockDigests).toHaveLength(20)
    expect(store.verified.has(1)).toBe(false)
    expect((await commitPiece(store, 1, pieceBytesOf(sample, 1))).kind).toBe('stored')
    expect(store.verified.has(1)).toBe(true)
  })

  it('gives block digests of right pieces when asked, also of pieces of many files', async () => {
    const many = sampleTorrent(
      Array.from({ length: 50 }, (_, index) => [`f${index}`, 1_000] as const),
      { pieceLengthBytes: 65_536 },
    )
    const store = await fetchOf(many, await temporaryFolder())
    const result = await commitPiece(store, 0, pieceBytesOf(many, 0), true)
    expect(result.kind === 'stored' && result.blockDigests).toHaveLength(Math.ceil(50_000 / 16_384) * 20)
    await store.place()
    expect(readFileSync(join(store.targetPath, 'f49'))).toEqual(Buffer.from(bytesOfFile(many, 49)))
  })

  it('frees the slot whatever happens to the piece', async () => {
    const store = await fetchOf(sample, await temporaryFolder(), { slotMemoryBytes: 1 })
    expect([store.acquireSlot(), store.acquireSlot(), store.acquireSlot()]).toEqual([0, 1, -1])
    store.releaseSlot(0)
    store.releaseSlot(1)
    for (const bytes of [new Uint8Array(16_384), pieceBytesOf(sample, 0), pieceBytesOf(sample, 0)]) await commitPiece(store, 0, bytes)
    expect([store.acquireSlot(), store.acquireSlot(), store.acquireSlot()].sort()).toEqual([-1, 0, 1])
  })

  it('reads from the target once the tree is placed and notices when it changes', async () => {
    const store = await fetchOf(sample, await temporaryFolder())
    await commitMissing(store, sample)
    const reads = [...new Array(8).keys()].map((piece) => readPiece(store, piece, 0, 16_384))
    const [path] = await Promise.all([store.place(), ...reads])
    expect(await Promise.all(reads)).toEqual(reads.map((_, piece) => new Uint8Array(pieceBytesOf(sample, piece))))
    truncateSync(join(path, 'a.bin'), 10)
    expect(await readPiece(store, 0, 0, 100)).toMatchObject({ code: 'SOURCE_CHANGED', message: expect.stringContaining('a.bin') })
  })

  it('is complete and in place at once when the target holds the content already', async () => {
    const outDir = await temporaryFolder()
    await placed(sample, outDir)
    const store = await fetchOf(sample, outDir)
    expect([store.isComplete, store.isPlaced, store.resumed]).toEqual([true, true, 'in place'])
    expect(await store.place()).toBe(join(outDir, 'sample'))
    expect(await readPiece(store, 0, 0, 10)).toEqual(new Uint8Array(pieceBytesOf(sample, 0).subarray(0, 10)))
  })

  it.each([
    ['a changed byte', (path: string): void => writeFileSync(join(path, 'deep/c.bin'), 'X')],
    ['a longer file', (path: string): void => writeFileSync(join(path, 'empty'), 'X')],
    ['a file too many', (path: string): void => writeFileSync(join(path, 'extra'), '')],
    ['a directory too many', (path: string): void => mkdirSync(join(path, 'deep/extra'))],
    ['a file instead of a tree', (path: string): void => rmSync(path, { recursive: true, force: true })],
  ])('refuses a target with %s and replaces it with overwrite', async (_what, change) => {
    const outDir = await temporaryFolder()
    const path = await placed(sample, outDir)
    const original = treeOf(path)
    change(path)
    if (!existsSync(path)) writeFileSync(path, 'a file')
    await expect(openFetch(sample, outDir)).rejects.toMatchObject({ code: 'TARGET_DIFFERS' })
    expect(readdirSync(outDir)).toEqual(['sample'])
    await placed(sample, outDir, { overwrite: true })
    expect(treeOf(path)).toEqual(original)
    expect(readdirSync(outDir)).toEqual(['sample'])
  })

  it('makes what is missing in a target', async () => {
    const outDir = await temporaryFolder()
    const path = await placed(sample, outDir)
    const original = treeOf(path)
    rmSync(join(path, 'empty'))
    await placed(sample, outDir)
    expect(treeOf(path)).toEqual(original)
  })

  it('refuses a target that appeared while it was fetching', async () => {
    const outDir = await temporaryFolder()
    const store = await fetchOf(sample, outDir)
    await commitMissing(store, sample)
    mkdirSync(join(outDir, 'sample'))
    writeFileSync(join(outDir, 'sample/mine'), 'mine')
    await expect(store.place()).rejects.toMatchObject({ code: 'TARGET_DIFFERS' })
    expect(readFileSync(join(outDir, 'sample/mine'), 'utf8')).toBe('mine')
    rmSync(join(outDir, 'sample'), { recursive: true })
    expect(await store.place()).toBe(join(outDir, 'sample'))
  })

  it('is content with the same tree that appeared while it was fetching', async () => {
    const outDir = await temporaryFolder()
    const store = await fetchOf(sample, outDir)
    await commitMissing(store, sample)
    publishSample(sample, outDir)
    await store.place()
    await store.close()
    expect(readdirSync(outDir)).toEqual(['sample'])
  })

  it('fills an empty directory that waits for it', async () => {
    const outDir = await temporaryFolder()
    mkdirSync(join(outDir, 'sample'))
    const path = await placed(sample, outDir)
    expect(treeOf(path).size).toBe(6)
  })

  it('never replaces a single file that differs and never writes through its other names', async () => {
    const single = sampleTorrent([['one.iso', 50_000]], { isSingleFile: true, name: 'one.iso' })
    const outDir = await temporaryFolder()
    const store = await fetchOf(single, outDir)
    await commitMissing(store, single)
    writeFileSync(join(outDir, 'one.iso'), 'old')
    linkSync(join(outDir, 'one.iso'), join(outDir, 'other-name'))
    await expect(store.place()).rejects.toMatchObject({ code: 'TARGET_DIFFERS' })
    await store.close()
    await placed(single, outDir, { overwrite: true })
    expect(readFileSync(join(outDir, 'one.iso'))).toEqual(Buffer.from(single.content))
    expect(readFileSync(join(outDir, 'other-name'), 'utf8')).toBe('old')
  })

  it('refuses a target that is a link', async () => {
    const outDir = await temporaryFolder()
    const elsewhere = await temporaryFolder()
    symlinkSync(elsewhere, join(outDir, 'sample'))
    await expect(openFetch(sample, outDir, { overwrite: true })).rejects.toMatchObject({ code: 'PATH_REFUSED' })
    expect(readdirSync(elsewhere)).toEqual([])
  })

  it('writes nothing through links that were planted in its staging directory', async () => {
    const outDir = await temporaryFolder()
    const elsewhere = await temporaryFolder()
    writeFileSync(join(elsewhere, 'victim'), 'untouched')
    const { content, dir } = stagingPaths(outDir, sample.info, sample.infoHash)
    mkdirSync(content, { recursive: true })
    symlinkSync(elsewhere, join(content, 'deep'))
    symlinkSync(join(elsewhere, 'victim'), join(content, 'a.bin'))
    writeFileSync(join(content, 'not-wanted'), '')
    await placed(sample, outDir)
    expect(readdirSync(elsewhere)).toEqual(['victim'])
    expect(readFileSync(join(elsewhere, 'victim'), 'utf8')).toBe('untouched')
    expect(existsSync(dir)).toBe(false)
    expect(treeOf(join(outDir, 'sample')).size).toBe(6)
  })

  it('refuses a link that is planted while it writes', async () => {
    const outDir = await temporaryFolder()
    const elsewhere = await temporaryFolder()
    const store = await fetchOf(sample, outDir)
    const { content } = stagingPaths(outDir, sample.info, sample.infoHash)
    symlinkSync(elsewhere, join(content, 'deep'))
    symlinkSync(join(elsewhere, 'new'), join(content, 'a.bin'))
    expect(await commitPiece(store, 0, pieceBytesOf(sample, 0))).toMatchObject({ kind: 'failed', error: { code: 'PATH_REFUSED' } })
    expect(await commitPiece(store, 4, pieceBytesOf(sample, 4))).toMatchObject({ kind: 'failed', error: { code: 'PATH_REFUSED' } })
    expect(readdirSync(elsewhere)).toEqual([])
  })

  it('refuses a staging directory that is a link', async () => {
    const outDir = await temporaryFolder()
    symlinkSync(await temporaryFolder(), stagingPaths(outDir, sample.info, sample.infoHash).dir)
    await expect(openFetch(sample, outDir)).rejects.toMatchObject({ code: 'PATH_REFUSED' })
  })

  it('keeps nothing of a fetch that got no piece', async () => {
    const outDir = await temporaryFolder()
    await (await openFetch(sample, outDir)).close()
    expect(readdirSync(outDir)).toEqual([])
  })

  it('works with a name as long as file systems allow', async () => {
    const outDir = await temporaryFolder()
    await placed(sampleTorrent([['a', 5]], { name: 'n'.repeat(255) }), outDir)
    expect(readdirSync(outDir)).toEqual(['n'.repeat(255)])
  })

  it('takes the place of an interrupted swap back before anything else', async () => {
    const outDir = await temporaryFolder()
    const path = await placed(sample, outDir)
    const { displaced } = stagingPaths(outDir, sample.info, sample.infoHash)
    mkdirSync(displaced)
    writeFileSync(join(displaced, 'old'), 'old')
    await (await openFetch(sample, outDir)).close()
    expect(existsSync(displaced)).toBe(false)
    rmSync(path, { recursive: true })
    mkdirSync(displaced)
    writeFileSync(join(displaced, 'old'), 'old')
    await expect(openFetch(sample, outDir)).rejects.toMatchObject({ code: 'TARGET_DIFFERS' })
    expect(readFileSync(join(path, 'old'), 'utf8')).toBe('old')
  })
})
