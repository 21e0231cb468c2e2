import { chmodSync, lstatSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../../src/base/system-clock.ts'
import { systemRandom } from '../../../src/base/system-random.ts'
import type { FetchStoreOptions } from '../../../src/store/fetch-options.ts'
import type { FetchStore } from '../../../src/store/fetch-store.ts'
import { MANY_FILES } from '../../../src/store/in-batches.ts'
import { surveyFetch } from '../../../src/store/survey-fetch.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { commitMissing, openFetch } from '../driven-store.ts'
import { bytesOfFile, publishSample, sampleTorrent, treeOf } from '../sample-torrent.ts'

/** More than are worked on from the main thread; the files of a folder share pieces, and some are empty. */
const files = [...new Array(MANY_FILES + 100).keys()].map((number) => [`d${number % 7}/${number}`, (number * 37) % 200] as const)
const sample = sampleTorrent(files)

let before: string
let outDir: string

beforeEach(async () => {
  before = publishSample(sample, await temporaryFolder())
  outDir = await temporaryFolder()
})

async function fetchOf(options: Partial<FetchStoreOptions>): Promise<FetchStore> {
  const store = await openFetch(sample, outDir, options)
  onTestFinished(() => store.close())
  return store
}

/** A target in which the bytes of one file differ. */
function publishChanged(): { readonly target: string; readonly changed: string } {
  const target = publishSample(sample, outDir)
  const changed = join(target, `d${900 % 7}/900`)
  const { length } = bytesOfFile(sample, 900)
  writeFileSync(changed, new Uint8Array(length).fill(7))
  return { target, changed }
}

/** Fetches what is missing, and what is in place then is what was published. */
async function finish(store: FetchStore): Promise<void> {
  await commitMissing(store, sample)
  await store.place()
  expect(treeOf(store.targetPath)).toEqual(treeOf(publishSample(sample, await temporaryFolder())))
}

describe('a tree of many small files', () => {
  it('is taken over whole from an equal one, which stays as it is', async () => {
    const whole = treeOf(before)
    chmodSync(join(before, 'd1/1'), 0o750)
    const store = await fetchOf({ reuse: [before] })
    expect(store.isComplete).toBe(true)
    await finish(store)
    expect(treeOf(before)).toEqual(whole)
    expect(lstatSync(join(store.targetPath, 'd1/1')).mode & 0o111).toBe(0)
  })

  it('is taken over but for what was changed, and what was moved is found', async () => {
    writeFileSync(join(before, `d${500 % 7}/500`), 'changed')
    renameSync(join(before, 'd1/1'), join(before, 'd2/1'))
    const store = await fetchOf({ reuse: [before] })
    expect(store.wanted.count - store.verified.count).toBe(1)
  })

  it('is foreseen as it is taken over', async () => {
    const options = { ...sample, outDir, clock: systemClock, random: systemRandom, reuse: [before] }
    expect(await surveyFetch(options)).toMatchObject({ hereBytes: sample.info.totalBytes, missingBytes: 0 })
    expect(readdirSync(outDir)).toEqual([])
  })

  it('leaves one alone that became the same meanwhile', async () => {
    const { target, changed } = publishChanged()
    const inode = lstatSync(target).ino
    const store = await fetchOf({ overwrite: true, reuse: [before] })
    writeFileSync(changed, bytesOfFile(sample, 900))
    await finish(store)
    expect(lstatSync(target).ino).toBe(inode)
  })

  it('replaces one in which a byte differs', async () => {
    publishChanged()
    const first = await fetchOf({ overwrite: true, reuse: [before] })
    await finish(first)
    await first.close()
    expect(readdirSync(outDir)).toEqual(['sample'])
  })

  it('is believed to be here after a stop', async () => {
    rmSync(join(before, `d${900 % 7}/900`))
    const first = await openFetch(sample, outDir, { reuse: [before] })
    const count = first.verified.count
    await first.close()
    const store = await fetchOf({})
    expect([store.resumed, store.verified.count]).toEqual(['believed', count])
  })

  it('is left where it is when the fetch is stopped before it is taken over, and nothing is left of the fetch', async () => {
    const abort = new AbortController()
    const onCheck = (done: number, total: number): void => {
      if (done === total) abort.abort(new RangeError('stopped'))
    }
    await expect(openFetch(sample, outDir, { reuse: [before], signal: abort.signal, onCheck })).rejects.toThrow('stopped')
    expect(readdirSync(outDir)).toEqual([])
  })
})
