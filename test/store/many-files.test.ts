import { chmodSync, linkSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { stampOf } from '../../src/store/file-stamp.ts'
import { firstDifference } from '../../src/store/first-difference.ts'
import { inBatches, MANY_FILES } from '../../src/store/in-batches.ts'
import { lookAt } from '../../src/store/look-at.ts'
import { syncPaths } from '../../src/store/sync-paths.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { poolOfTwo } from './pool-of.ts'

const numbers = [...new Array(MANY_FILES).keys()]

/** As many files as are worked on by workers, each of which holds its number. */
async function manyFiles(): Promise<string[]> {
  const folder = await temporaryFolder()
  const paths = numbers.map((number) => join(folder, String(number)))
  for (const [number, path] of paths.entries()) writeFileSync(path, String(number))
  return paths
}

describe('batches', () => {
  it('hold neighbours, a bounded number of them and of their bytes, and each item once', async () => {
    const batches = async (bytesOf?: (item: number) => number): Promise<number[]> => {
      const lengths: number[] = []
      const seen: number[] = []
      const batching = { pool: poolOfTwo(), ...(bytesOf === undefined ? {} : { bytesOf }) }
      await inBatches(numbers, batching, async (batch, first) => {
        expect(batch).toEqual(numbers.slice(first, first + batch.length))
        lengths.push(batch.length)
        seen.push(...batch)
      })
      expect(seen).toEqual(numbers)
      return lengths
    }
    expect(await batches()).toEqual(new Array(8).fill(128))
    expect((await batches(() => 4 * 1_048_576)).slice(0, 2)).toEqual([4, 4])
    expect((await batches((item) => (item < 2 ? 1e9 : 0))).slice(0, 4)).toEqual([1, 1, 128, 128])
  })

  it('are not begun any more once the run is stopped', async () => {
    const abort = new AbortController()
    const begun: number[] = []
    const work = inBatches(numbers, { pool: poolOfTwo(), signal: abort.signal }, async (_batch, first) => {
      begun.push(first)
      abort.abort(new RangeError('stopped'))
    })
    await expect(work).rejects.toThrow('stopped')
    expect(begun).toEqual([0])
  })
})

describe('many paths', () => {
  it('are looked at in workers as a few are from here', async () => {
    const paths = await manyFiles()
    const [file = '', folder = '', link = '', gone = '', behind = ''] = paths
    chmodSync(file, 0o755)
    for (const path of [folder, link, gone, behind]) rmSync(path)
    mkdirSync(folder)
    symlinkSync('elsewhere', link)
    const odd = paths.with(4, join(file, 'below a file'))
    const [many, few] = [await lookAt(odd, { pool: poolOfTwo() }), await lookAt(odd)]
    for (const number of numbers) expect(many.at(number)).toEqual(few.at(number))
    const stats = await lstat(file, { bigint: true })
    expect(many.at(0)).toEqual({ isFile: true, mode: 0o100755, device: stats.dev, stamp: stampOf(stats) })
    expect([many.at(1)?.isFile, many.at(2)?.isFile, many.at(3), many.at(4)]).toEqual([false, false, undefined, undefined])
    expect(many.at(numbers.length - 1)?.stamp.lengthBytes).toBe(4)
  })

  it.each([true, false])('are synced, and the one that cannot be is named, data only: %s', async (isDataOnly) => {
    const paths = await manyFiles()
    const options = { pool: poolOfTwo(), width: 2, isDataOnly }
    await syncPaths(paths, options)
    rmSync(paths[700] ?? '')
    const failure = { code: 'DISK_FAILED', message: `Cannot make durable ${paths[700]}: it does not exist.` }
    await expect(syncPaths(paths, options)).rejects.toMatchObject(failure)
    await expect(syncPaths(paths.slice(700, 701), options)).rejects.toMatchObject(failure)
  })
})

describe('files of two trees', () => {
  it('are the same until the first pair that is not, byte by byte', async () => {
    const [ours, theirs, pool] = [await manyFiles(), await manyFiles(), poolOfTwo()]
    const pairs = ours.map((path, number) => [path, theirs[number] ?? ''] as const)
    expect(await firstDifference(pairs, pool)).toBe(undefined)
    writeFileSync(theirs[900] ?? '', '9o0')
    truncateSync(theirs[1000] ?? '', 3)
    expect(await firstDifference(pairs, pool)).toBe(900)
    rmSync(theirs[900] ?? '')
    linkSync(ours[900] ?? '', theirs[900] ?? '')
    expect(await firstDifference(pairs, pool)).toBe(1000)
    rmSync(theirs[0] ?? '')
    await expect(firstDifference(pairs, pool)).rejects.toMatchObject({
      code: 'DISK_FAILED',
      message: expect.stringContaining(theirs[0] ?? ''),
    })
  })

  it('are compared to their ends where they are large', async () => {
    const folder = await temporaryFolder()
    const [one, other] = [join(folder, 'one'), join(folder, 'other')]
    const bytes = Buffer.alloc(700_000, 7)
    writeFileSync(one, bytes)
    writeFileSync(other, bytes)
    expect(await firstDifference([[one, other]], poolOfTwo())).toBe(undefined)
    writeFileSync(other, bytes.fill(8, 699_999))
    expect(await firstDifference([[one, other]], poolOfTwo())).toBe(0)
  })
})
