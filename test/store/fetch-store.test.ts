import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { PieceStore } from '../../src/swarm/piece-store.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { commitMissing, openFetch } from './driven-store.ts'
import { publishSample, sampleTorrent, treeOf } from './sample-torrent.ts'

const sample = sampleTorrent([
  ['a.bin', 40_000],
  ['deep/er/b.bin', 100_000],
  ['empty', 0],
  ['deep/c.bin', 1],
])

describe('FetchStore', () => {
  it('is a piece store for the swarm', async () => {
    const store = await openFetch(sample, await temporaryFolder())
    expect(store satisfies PieceStore).toBe(store)
    await store.close()
  })

  it('places a tree that equals the published one', async () => {
    const published = publishSample(sample, await temporaryFolder())
    const outDir = await temporaryFolder()
    const store = await openFetch(sample, outDir)
    const results = await commitMissing(store, sample)
    expect(results.map((result) => result.kind)).toEqual(results.map(() => 'stored'))
    expect(await store.place()).toBe(join(outDir, 'sample'))
    expect(treeOf(join(outDir, 'sample'))).toEqual(treeOf(published))
    await store.close()
    expect(readdirSync(outDir)).toEqual(['sample'])
  })
})
