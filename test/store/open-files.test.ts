import { constants, fstatSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { DistroError } from '../../src/base/errors.ts'
import { FILES_AT_ONCE, OpenFiles, type OpenFilesOptions } from '../../src/store/open-files.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { commitMissing, openFetch, readPiece } from './driven-store.ts'
import { sampleTorrent, treeOf } from './sample-torrent.ts'

async function openFiles(options: Partial<OpenFilesOptions> = {}): Promise<OpenFiles> {
  const folder = await temporaryFolder()
  const files = new OpenFiles({ pathOf: (file) => join(folder, `f${file}`), flags: constants.O_RDWR | constants.O_CREAT, ...options })
  onTestFinished(() => files.closeAll())
  return files
}

const acquire = (files: OpenFiles, list: readonly number[]): Promise<readonly number[]> =>
  new Promise((resolve, reject) =>
    files.acquire(list, (error, descriptors) => (error === undefined ? resolve(descriptors) : reject(error))),
  )

describe('OpenFiles', () => {
  it('gives the same descriptor again while it is open', async () => {
    const files = await openFiles()
    const [first] = await acquire(files, [1])
    const [second, third] = await acquire(files, [1, 2])
    expect(second).toBe(first)
    expect(fstatSync(third ?? -1).isFile()).toBe(true)
    files.release([1])
    files.release([1, 2])
  })

  it('closes the file that was used longest ago to make room', async () => {
    const files = await openFiles({ limit: FILES_AT_ONCE })
    for (let file = 0; file < FILES_AT_ONCE; file++) {
      await acquire(files, [file])
      files.release([file])
    }
    await acquire(files, [0])
    files.release([0])
    await acquire(files, [99])
    files.release([99])
    expect(files.count).toBe(FILES_AT_ONCE)
    let isAtOnce = false
    files.acquire([0], () => (isAtOnce = true))
    expect(isAtOnce).toBe(true)
    files.release([0])
  })

  it('makes a caller wait, in order, while the files it would displace are held', async () => {
    const files = await openFiles({ limit: FILES_AT_ONCE })
    const held = Array.from({ length: FILES_AT_ONCE }, (_, file) => file)
    await acquire(files, held)
    const order: number[] = []
    const later = [20, 21].map((file) => acquire(files, [file]).then(() => order.push(file)))
    files.release(held)
    await Promise.all(later)
    expect(order).toEqual([20, 21])
    files.release([20, 21])
  })

  it('reports a file that cannot be opened with its path and goes on with others', async () => {
    const folder = await temporaryFolder()
    const files = await openFiles({ pathOf: (file) => (file === 0 ? join(folder, 'none/f') : join(folder, 'f')) })
    await expect(acquire(files, [0, 1])).rejects.toMatchObject({ code: 'DISK_FAILED', message: expect.stringContaining('none/f') })
    expect(await acquire(files, [1])).toHaveLength(1)
    files.release([1])
  })

  it('opens the files of callers that wait at the same time, each of which may fail alone', async () => {
    const folder = await temporaryFolder()
    let [atWork, mostAtWork] = [0, 0]
    const files = await openFiles({
      pathOf: (file) => (file === 5 ? join(folder, 'none/f') : join(folder, `f${file}`)),
      prepare: async () => {
        mostAtWork = Math.max(mostAtWork, ++atWork)
        await new Promise(setImmediate)
        atWork--
      },
    })
    const lists = Array.from({ length: 40 }, (_, file) => [file])
    const results = await Promise.allSettled(lists.map((list) => acquire(files, list)))
    expect(results.flatMap(({ status }, file) => (status === 'rejected' ? [file] : []))).toEqual([5])
    expect(mostAtWork).toBe(FILES_AT_ONCE)
    for (const list of lists) if (list[0] !== 5) files.release(list)
  })

  it('does not keep a descriptor whose file fails the check', async () => {
    const files = await openFiles({ check: () => Promise.reject(new DistroError('SOURCE_CHANGED', 'changed')) })
    await expect(acquire(files, [0])).rejects.toMatchObject({ code: 'SOURCE_CHANGED' })
    expect(files.count).toBe(0)
  })

  it('waits for holders before it closes the last descriptor', async () => {
    const files = await openFiles()
    const [fd] = await acquire(files, [3])
    const closed = files.closeAll()
    expect(fstatSync(fd ?? -1).isFile()).toBe(true)
    files.release([3])
    await closed
    expect(files.count).toBe(0)
    expect(() => fstatSync(fd ?? -1)).toThrow()
  })

  it('does with fewer descriptors when the system has no more, and fails when the fewest are too many', async () => {
    let systemHas = 40
    const noMore = Object.assign(new Error('too many'), { code: 'EMFILE' })
    const files: OpenFiles = await openFiles({
      limit: 60,
      check: () => (files.count >= systemHas ? Promise.reject(noMore) : Promise.resolve()),
    })
    for (let file = 0; file < 100; file++) {
      await acquire(files, [file])
      files.release([file])
      expect(files.count).toBeLessThanOrEqual(systemHas)
    }
    systemHas = 0
    await expect(acquire(files, [200])).rejects.toMatchObject({
      code: 'DISK_FAILED',
      message: expect.stringContaining('the limit of open files'),
    })
  })

  it('never exceeds its limit and serves everybody, whatever is asked for at once', async () => {
    const lists = fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: FILES_AT_ONCE }), { maxLength: 40 })
    const files = await openFiles({ limit: 20 })
    await fc.assert(
      fc.asyncProperty(lists, async (asked) => {
        await Promise.all(
          asked.map(async (list) => {
            const descriptors = await acquire(files, list)
            expect(files.count).toBeLessThanOrEqual(20)
            for (const fd of descriptors) fstatSync(fd)
            files.release(list)
          }),
        )
      }),
      { numRuns: 20 },
    )
  })
})

describe('a fetch of 2,000 files', () => {
  it('works with a handful of descriptors, workers included', async () => {
    const many = sampleTorrent(Array.from({ length: 2_000 }, (_, index) => [`d${index % 20}/f${index}`, 1 + ((index * 37) % 300)] as const))
    const before = readdirSync('/proc/self/fd').length
    const store = await openFetch(many, await temporaryFolder(), { descriptors: 24 })
    await commitMissing(store, many)
    expect(store.descriptorCount).toBeLessThanOrEqual(24)
    // Event loop and message ports of the workers take some of their own.
    expect(readdirSync('/proc/self/fd').length - before).toBeLessThan(24 + 40)
    expect(await readPiece(store, 0, 0, 16_384)).toHaveLength(16_384)
    const path = await store.place()
    expect(await readPiece(store, 3, 0, 16_384)).toHaveLength(16_384)
    expect(treeOf(path).size).toBe(2_020)
    await store.close()
    writeFileSync(join(path, 'd0/f0'), '')
  })
})
