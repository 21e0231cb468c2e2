import { existsSync, readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { piecesIn } from '../../src/store/right-pieces.ts'
import { Selection } from '../../src/store/selection.ts'
import { stagingPaths } from '../../src/store/staging.ts'
import { PieceGeometry } from '../../src/torrent/piece-geometry.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { commitMissing, openFetch, pieceBytesOf, readPiece } from './driven-store.ts'
import { publishSample, sampleTorrent, treeOf } from './sample-torrent.ts'

// Pieces of 16 KiB: 'a' is in piece 0, 'b' in 0 to 2, 'c' in 2 alone, 'd' in 2 to 5.
const sample = sampleTorrent([
  ['a', 10_000],
  ['dir/b', 25_000],
  ['c', 5_000],
  ['dir/d', 50_000],
])
const selectionOf = (...files: number[]): Selection => new Selection(sample.info, new PieceGeometry(sample.info), new Set(files))

describe('Selection', () => {
  it('wants every piece of every file when nothing is selected', () => {
    const whole = new Selection(sample.info, new PieceGeometry(sample.info), undefined)
    expect([whole.isWhole, whole.wanted.isComplete, whole.servable.isComplete, whole.boundary]).toEqual([true, true, true, []])
    expect(selectionOf(0, 1, 2, 3).isWhole).toBe(true)
  })

  it('wants the pieces that hold a selected file and serves those that hold nothing else', () => {
    const selection = selectionOf(1)
    expect(piecesIn(selection.wanted)).toEqual([0, 1, 2])
    expect(piecesIn(selection.servable)).toEqual([1])
    expect(selection.boundary).toEqual([0, 2])
    expect(selection.wantedBytes).toBe(3 * 16_384)
  })

  it('wants nothing when an empty file is selected', () => {
    const torrent = sampleTorrent([
      ['empty', 0],
      ['a', 5],
    ])
    const selection = new Selection(torrent.info, new PieceGeometry(torrent.info), new Set([0]))
    expect([selection.wanted.count, selection.fileIndexes()]).toEqual([0, [0]])
  })

  it('agrees with a definition by bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 300 }), fc.boolean()), { minLength: 1, maxLength: 12 }), (parts) => {
        const torrent = sampleTorrent(
          parts.map(([length], index) => [`f${index}`, length] as const),
          { pieceLengthBytes: 64 },
        )
        const selected = new Set([...parts.keys()].filter((index) => parts[index]?.[1]))
        const selection = new Selection(torrent.info, new PieceGeometry(torrent.info), selected)
        const owners = torrent.info.files.flatMap((file, index) => new Array<number>(file.lengthBytes).fill(index))
        for (let piece = 0; piece < selection.wanted.length; piece++) {
          const inPiece = owners.slice(piece * 64, piece * 64 + 64)
          expect(selection.wanted.has(piece)).toBe(inPiece.some((file) => selected.has(file)))
          expect(selection.servable.has(piece)).toBe(inPiece.every((file) => selected.has(file)))
        }
      }),
    )
  })
})

describe('a fetch of selected files', () => {
  it('places only these and offers only pieces that it can still read', async () => {
    const outDir = await temporaryFolder()
    const store = await openFetch(sample, outDir, { selected: new Set([1]) })
    await commitMissing(store, sample)
    for (const piece of [0, 1, 2]) expect(await readPiece(store, piece, 0, 16_384)).toEqual(new Uint8Array(pieceBytesOf(sample, piece)))
    expect(existsSync(join(stagingPaths(outDir, sample.info, sample.infoHash).sides, '0'))).toBe(true)
    const path = await store.place()
    expect([...treeOf(path).keys()]).toEqual(['dir/', 'dir/b'])
    expect(await readPiece(store, 1, 0, 16_384)).toEqual(new Uint8Array(pieceBytesOf(sample, 1)))
    expect(piecesIn(store.servable)).toEqual([1])
    await store.close()
    expect(readdirSync(outDir)).toEqual(['sample'])
  })

  it('goes on from what another selection left, without its files', async () => {
    const outDir = await temporaryFolder()
    const first = await openFetch(sample, outDir, { selected: new Set([1, 2]) })
    await commitMissing(first, sample)
    await first.close()
    const second = await openFetch(sample, outDir, { selected: new Set([1]) })
    expect(second.verified.has(1)).toBe(true)
    await commitMissing(second, sample)
    expect([...treeOf(await second.place()).keys()]).toEqual(['dir/', 'dir/b'])
    await second.close()
  })

  it('resumes with the boundary pieces that it had', async () => {
    const outDir = await temporaryFolder()
    const first = await openFetch(sample, outDir, { selected: new Set([1]) })
    await commitMissing(first, sample)
    await first.close()
    const second = await openFetch(sample, outDir, { selected: new Set([1]) })
    expect([second.resumed, second.isComplete]).toEqual(['believed', true])
    await second.close()
  })

  it('succeeds again when the same files are in place already', async () => {
    const outDir = await temporaryFolder()
    for (let round = 0; round < 2; round++) {
      const store = await openFetch(sample, outDir, { selected: new Set([1]) })
      await commitMissing(store, sample)
      await store.place()
      await store.close()
    }
    expect(readdirSync(outDir)).toEqual(['sample'])
  })

  it('places exactly the selected files of any tree', async () => {
    const shape = fc.array(fc.tuple(fc.integer({ min: 0, max: 60_000 }), fc.boolean()), { minLength: 1, maxLength: 10 })
    await fc.assert(
      fc.asyncProperty(shape, async (parts) => {
        const torrent = sampleTorrent(parts.map(([length], index) => [`d${index % 2}/f${index}`, length] as const))
        const selected = new Set([...parts.keys()].filter((index) => parts[index]?.[1] || index === 0))
        const folder = await mkdtemp(join(tmpdir(), 'distro-test-'))
        const store = await openFetch(torrent, join(folder, 'out'), { selected })
        try {
          await commitMissing(store, torrent)
          const expected = treeOf(publishSample(torrent, join(folder, 'in')))
          const filesOnly = [...treeOf(await store.place())].filter(([path]) => !path.endsWith('/'))
          expect(filesOnly).toEqual([...expected].filter(([path]) => selected.has(Number(path.match(/f(\d+)$/)?.[1]))))
        } finally {
          await store.close()
          await rm(folder, { recursive: true, force: true })
        }
      }),
      { numRuns: 8 },
    )
  })
})
