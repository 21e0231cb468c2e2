import { mkdirSync, renameSync, rmSync, statSync, symlinkSync, truncateSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { contentStamps } from '../../src/store/content-stamps.ts'
import { SeedStore } from '../../src/store/seed-store.ts'
import type { PieceStore } from '../../src/swarm/piece-store.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { pieceBytesOf, readPiece } from './driven-store.ts'
import { publishSample, type SampleTorrent, sampleTorrent } from './sample-torrent.ts'

const sample = sampleTorrent([
  ['a', 20_000],
  ['dir/b', 30_000],
  ['.pad/0', 15_536],
  ['c', 16_384],
])

async function seeding(torrent: SampleTorrent = sample): Promise<{ store: SeedStore; root: string; clock: ManualClock }> {
  const root = publishSample(torrent, await temporaryFolder())
  // A time that can be set again to the nanosecond.
  utimesSync(join(root, 'a'), 1_000_000, 1_000_000)
  const clock = new ManualClock()
  const store = new SeedStore({ info: torrent.info, root, stamps: await contentStamps(torrent.info, root), clock })
  onTestFinished(() => store.close())
  return { store, root, clock }
}

const changes: readonly (readonly [what: string, change: (path: string) => void])[] = [
  ['is edited', (path: string): void => writeFileSync(path, new Uint8Array(20_000))],
  ['is cut', (path: string): void => truncateSync(path, 19_999)],
  ['grows', (path: string): void => writeFileSync(path, 'x', { flag: 'a' })],
  ['is deleted', (path: string): void => unlinkSync(path)],
  ['is touched', (path: string): void => utimesSync(path, 0, 0)],
  [
    'is replaced by a file of the same size and time',
    (path: string): void => {
      writeFileSync(`${path}.new`, new Uint8Array(20_000))
      renameSync(`${path}.new`, path)
    },
  ],
  [
    'is replaced by a link to the same bytes',
    (path: string): void => {
      renameSync(path, `${path}.kept`)
      symlinkSync(`${path}.kept`, path)
    },
  ],
  [
    'is replaced by a directory',
    (path: string): void => {
      rmSync(path)
      mkdirSync(path)
    },
  ],
  [
    'is edited and gets its modification time back',
    (path: string): void => {
      const { mtime } = statSync(path)
      writeFileSync(path, new Uint8Array(20_000))
      utimesSync(path, mtime, mtime)
    },
  ],
]

describe('SeedStore', () => {
  it('is a piece store that has everything and takes nothing', async () => {
    const { store } = await seeding()
    expect((store satisfies PieceStore).verified.isComplete).toBe(true)
    expect([store.acquireSlot(), store.slotOffset(0), store.blockMemory.length]).toEqual([-1, 0, 0])
    store.releaseSlot(0)
    store.commit(0, 1, false, (result) => expect(result).toMatchObject({ kind: 'failed', error: { code: 'INTERNAL' } }))
  })

  it('reads every piece, padding included, in bodies of any size', async () => {
    const { store } = await seeding()
    for (let piece = 0; piece < store.verified.length; piece++) {
      const bytes = pieceBytesOf(sample, piece)
      for (const bodyBytes of [16_384, 1_000, 7_777]) {
        expect(await readPiece(store, piece, 0, bytes.length, bodyBytes)).toEqual(new Uint8Array(bytes))
      }
      expect(await readPiece(store, piece, 100, 50)).toEqual(new Uint8Array(bytes.subarray(100, 150)))
    }
  })

  it('reads many bursts at once', async () => {
    const { store } = await seeding()
    const bursts = await Promise.all(Array.from({ length: 60 }, (_, index) => readPiece(store, index % 5, 0, 16_000)))
    expect(bursts).toEqual(bursts.map((_, index) => new Uint8Array(pieceBytesOf(sample, index % 5).subarray(0, 16_000))))
  })

  it.each(changes)('stops and names the file when it %s', async (_what, change) => {
    const { store, root, clock } = await seeding()
    expect(await readPiece(store, 0, 0, 100)).toHaveLength(100)
    change(join(root, 'a'))
    clock.advance(101)
    const expected = { code: 'SOURCE_CHANGED', message: expect.stringContaining(join(root, 'a')) }
    expect(await readPiece(store, 0, 0, 100)).toMatchObject(expected)
    expect(await readPiece(store, 4, 0, 100)).toMatchObject(expected)
    expect(store.changed).toMatchObject(expected)
  })

  it.each(changes)('stops and names a file that was never read when it %s', async (_what, change) => {
    const { store, root } = await seeding()
    change(join(root, 'a'))
    const expected = { code: 'SOURCE_CHANGED', message: expect.stringContaining(join(root, 'a')) }
    expect(await readPiece(store, 0, 0, 100)).toMatchObject(expected)
  })

  it('believes one look for a tenth of a second', async () => {
    const { store, root, clock } = await seeding()
    await readPiece(store, 4, 0, 100)
    writeFileSync(join(root, 'c'), new Uint8Array(16_384))
    clock.advance(99)
    expect(await readPiece(store, 4, 0, 100)).toHaveLength(100)
    clock.advance(2)
    expect(await readPiece(store, 4, 0, 100)).toMatchObject({ code: 'SOURCE_CHANGED' })
  })

  it('reads on into the pieces that follow', async () => {
    const { store } = await seeding()
    expect(await readPiece(store, 0, 16_000, 40_000)).toEqual(new Uint8Array(sample.content.subarray(16_000, 56_000)))
  })

  it('looks again at once when it is to confirm what it read', async () => {
    const { store, root } = await seeding()
    const confirmed = (): Promise<unknown> => new Promise((resolve) => store.confirm(3, 0, 1, resolve))
    await readPiece(store, 4, 0, 100)
    expect(await confirmed()).toBeUndefined()
    writeFileSync(join(root, 'c'), new Uint8Array(16_384))
    expect(await confirmed()).toMatchObject({ code: 'SOURCE_CHANGED', message: expect.stringContaining(join(root, 'c')) })
  })

  it('notices a file that was cut within that time because the read ends early', async () => {
    const { store, root } = await seeding()
    await readPiece(store, 4, 0, 100)
    truncateSync(join(root, 'c'), 10)
    expect(await readPiece(store, 4, 0, 100)).toMatchObject({ code: 'SOURCE_CHANGED' })
  })

  it('notices on first sight a file that changed before it was ever opened', async () => {
    const { store, root } = await seeding()
    writeFileSync(join(root, 'dir/b'), 'other')
    expect(await readPiece(store, 0, 0, 100)).toHaveLength(100)
    expect(await readPiece(store, 2, 0, 100)).toMatchObject({ code: 'SOURCE_CHANGED', message: expect.stringContaining('dir/b') })
  })
})
