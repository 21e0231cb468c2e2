import { chmodSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/base/system-clock.ts'
import { bulkWorkers, HashPool } from '../../src/store/hash-pool.ts'
import { piecesIn } from '../../src/store/right-pieces.ts'
import { type VerifyResult, verifyTree } from '../../src/store/verify-tree.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { changeByte } from './change-byte.ts'
import { publishSample, sampleTorrent } from './sample-torrent.ts'

const pool = new HashPool({ clock: systemClock, workers: bulkWorkers() })
afterAll(() => pool.close())

// Pieces of 16 KiB: 'a' in 0 and 1, 'dir/b' in 1 to 3, the empty file nowhere, 'd' in 3 to 5.
const sample = sampleTorrent([
  ['a', 20_000],
  ['dir/b', 30_000],
  ['empty', 0],
  ['d', 40_000],
])

async function verified(change: (root: string) => void): Promise<VerifyResult> {
  const root = publishSample(sample, await temporaryFolder())
  change(root)
  return verifyTree({ info: sample.info, root, pool })
}

describe('verifyTree', () => {
  it('finds nothing wrong with a whole tree', async () => {
    const result = await verified(() => undefined)
    expect(result).toMatchObject({ isWhole: true, missing: [], wrongLength: [], damaged: [], shared: [] })
    expect(result.verified.isComplete).toBe(true)
    expect(result.stamps.map((stamp) => stamp?.lengthBytes)).toEqual([20_000, 30_000, 0, 40_000])
  })

  it('names the one file in which a byte changed', async () => {
    const result = await verified((root) => changeByte(join(root, 'd'), 30_000))
    expect(result).toMatchObject({ isWhole: false, damaged: [3], missing: [], wrongLength: [] })
    expect(piecesIn(result.verified)).toEqual([0, 1, 2, 3, 5])
  })

  it('names the files that share a wrong piece apart, because nobody can tell which is damaged', async () => {
    const result = await verified((root) => changeByte(join(root, 'a'), 19_999))
    expect(result).toMatchObject({ isWhole: false, damaged: [], shared: [[0, 1]] })
  })

  it('blames a missing file alone for the pieces that it shares', async () => {
    const result = await verified((root) => rmSync(join(root, 'dir/b')))
    expect(result).toMatchObject({ missing: [1], wrongLength: [], damaged: [], shared: [] })
    expect(piecesIn(result.verified)).toEqual([0, 4, 5])
  })

  it.each([
    ['shorter', (root: string): void => truncateSync(join(root, 'd'), 100)],
    ['longer', (root: string): void => writeFileSync(join(root, 'd'), 'x', { flag: 'a' })],
    [
      'a directory',
      (root: string): void => {
        rmSync(join(root, 'd'))
        mkdirSync(join(root, 'd'))
      },
    ],
    [
      'a link',
      (root: string): void => {
        rmSync(join(root, 'd'))
        symlinkSync('/etc/hosts', join(root, 'd'))
      },
    ],
  ])('lists a file that is %s under wrong length', async (_what, change) => {
    expect(await verified(change)).toMatchObject({ isWhole: false, missing: [], wrongLength: [3], damaged: [] })
  })

  it('misses an empty file and one that should be empty', async () => {
    expect(await verified((root) => rmSync(join(root, 'empty')))).toMatchObject({ isWhole: false, missing: [2] })
    expect(await verified((root) => writeFileSync(join(root, 'empty'), 'x'))).toMatchObject({ isWhole: false, wrongLength: [2] })
  })

  it('lists everything when there is nothing', async () => {
    expect(await verified((root) => rmSync(root, { recursive: true }))).toMatchObject({ missing: [0, 1, 2, 3], damaged: [] })
  })

  it('checks a single file and tells how far it is', async () => {
    const single = sampleTorrent([['one', 50_000]], { isSingleFile: true, name: 'one' })
    const root = publishSample(single, await temporaryFolder())
    chmodSync(root, 0o400)
    const seen: number[] = []
    const result = await verifyTree({ info: single.info, root, pool, onProgress: (done, total) => seen.push(total - done) })
    expect([result.isWhole, seen.at(-1)]).toEqual([true, 0])
  })
})
