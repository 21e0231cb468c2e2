import { chmodSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { FetchStoreOptions } from '../../src/store/fetch-options.ts'
import type { FetchStore } from '../../src/store/fetch-store.ts'
import { piecesIn } from '../../src/store/right-pieces.ts'
import { hasPerl } from '../support/has-perl.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { changeByte } from './change-byte.ts'
import { commitMissing, openFetch } from './driven-store.ts'
import { publishedTree } from './published-tree.ts'
import { sampleTorrent, treeOf } from './sample-torrent.ts'

// Pieces of 16 KiB, some of which files share.
const sample = sampleTorrent([
  ['a', 10_000],
  ['dir/b', 25_000],
  ['c', 5_000],
  ['dir/d', 50_000],
])

let outDir: string
let sidesDir: string
let target: string

beforeEach(async () => {
  outDir = await temporaryFolder()
  sidesDir = join(await temporaryFolder(), 'sides')
  target = join(outDir, 'sample')
})

async function fetchOf(selected: readonly number[] | undefined, options: Partial<FetchStoreOptions> = {}): Promise<FetchStore> {
  const selection = selected === undefined ? {} : { selected: new Set(selected) }
  const store = await openFetch(sample, outDir, { ...selection, sidesDir, ...options })
  onTestFinished(() => store.close())
  return store
}

/** Puts some files in place, each right. */
async function placed(selected: readonly number[] | undefined, options: Partial<FetchStoreOptions> = {}): Promise<void> {
  await using store = await fetchOf(selected, options)
  await commitMissing(store, sample)
  await store.place()
}

const missingOf = (store: FetchStore): number[] => piecesIn(store.wanted).filter((piece) => !store.verified.has(piece))

describe('a target that gives way to one that has more', () => {
  it.runIf(hasPerl)('is completed in one step where it may not be absent, and refused where there is no such step', async () => {
    const options = { isNeverAbsent: true }
    await placed([1], options)
    // As a published tree may be, and a folder has to be open to its owner where it moves to another one.
    chmodSync(target, 0o555)
    const part = treeOf(target)
    vi.stubEnv('PATH', '/nowhere')
    onTestFinished(() => void vi.unstubAllEnvs())
    await expect((async () => placed(undefined, options))()).rejects.toMatchObject({
      code: 'TARGET_DIFFERS',
      message: expect.stringContaining('one rename that exchanges two folders'),
    })
    expect(treeOf(target)).toEqual(part)
    expect(statSync(target).mode & 0o777).toBe(0o555)
    vi.unstubAllEnvs()
    const store = await fetchOf(undefined, options)
    expect(missingOf(store)).toEqual([])
    await store.place()
    await store.close()
    expect(treeOf(target)).toEqual(await publishedTree(sample))
    expect(readdirSync(outDir)).toEqual(['sample'])
  })

  it.runIf(hasPerl)('comes back when something comes to it between the last look and the exchange', async () => {
    await placed([1])
    const store = await fetchOf(undefined)
    await commitMissing(store, sample)
    const programs = await temporaryFolder()
    // The first program that is asked to exchange them; it does not, so that the next one is.
    const late = `#!/bin/sh\n[ -e '${programs}/once' ] || { : > '${programs}/once'; echo mine > "$5/mine"; }\nexit 1\n`
    writeFileSync(join(programs, 'mv'), late, { mode: 0o755 })
    vi.stubEnv('PATH', `${programs}:${process.env.PATH}`)
    onTestFinished(() => void vi.unstubAllEnvs())
    await expect(store.place()).rejects.toMatchObject({ code: 'TARGET_DIFFERS', message: expect.stringContaining('"mine" is not in') })
    expect([...treeOf(target).keys()]).toEqual(['dir/', 'dir/b', 'mine'])
    rmSync(join(target, 'mine'))
    await store.place()
    expect(treeOf(target)).toEqual(await publishedTree(sample))
  })

  it.each(['other bytes', 'more bytes'])('is not completed with %s that came to it meanwhile, and keeps them', async (what) => {
    await placed([1])
    const path = join(target, 'dir/b')
    utimesSync(path, 1_000, 1_000)
    const store = await fetchOf(undefined)
    await commitMissing(store, sample)
    if (what === 'other bytes') changeByte(path, 20_000)
    else writeFileSync(path, 'mine', { flag: 'a' })
    const changed = treeOf(target)
    await expect(store.place()).rejects.toMatchObject({ code: 'DISK_FAILED', message: expect.stringContaining('changed there since') })
    await store.close()
    await expect(fetchOf(undefined)).rejects.toMatchObject({ code: 'TARGET_DIFFERS' })
    expect(treeOf(target)).toEqual(changed)
  })

  it('comes back also where nothing exchanges the two again', async () => {
    await placed([1])
    chmodSync(target, 0o555)
    const store = await fetchOf(undefined)
    await commitMissing(store, sample)
    const programs = await temporaryFolder()
    const once = `PATH='${process.env.PATH}'\n! [ -e '${programs}/once' ] || exit 1\n: > '${programs}/once'`
    const exchanged = 'mv "$4" "$4.x" && mv "$5" "$4" && mv "$4.x" "$5"'
    writeFileSync(join(programs, 'mv'), `#!/bin/sh\n${once}\necho mine > "$5/mine"\n${exchanged}\n`, { mode: 0o755 })
    vi.stubEnv('PATH', programs)
    onTestFinished(() => void vi.unstubAllEnvs())
    await expect(store.place()).rejects.toMatchObject({ code: 'TARGET_DIFFERS', message: expect.stringContaining('"mine" is not in') })
    expect([...treeOf(target).keys()]).toEqual(['dir/', 'dir/b', 'mine'])
    expect(statSync(target).mode & 0o777).toBe(0o555)
    chmodSync(target, 0o755)
    rmSync(join(target, 'mine'))
    await store.place()
    expect(treeOf(target)).toEqual(await publishedTree(sample))
    expect(readdirSync(outDir)).toEqual(['.sample.distro-lock', 'sample'])
  })

  it('gets what somebody puts into the new one, until the old one is back', async () => {
    await placed([1])
    const store = await fetchOf(undefined)
    await commitMissing(store, sample)
    const programs = await temporaryFolder()
    const first = `: > '${programs}/1'; echo mine > "$5/mine"`
    const second = `: > '${programs}/2'; mkdir "$5/dir/more"; for name in mine late dir/more/late; do echo late > "$5/$name"; done`
    const each = `if ! [ -e '${programs}/1' ]; then ${first}; elif ! [ -e '${programs}/2' ]; then ${second}; fi`
    const exchanged = 'mv "$4" "$4.x" && mv "$5" "$4" && mv "$4.x" "$5"'
    writeFileSync(join(programs, 'mv'), `#!/bin/sh\nPATH='${process.env.PATH}'\n${each}\n${exchanged}\n`, { mode: 0o755 })
    vi.stubEnv('PATH', programs)
    onTestFinished(() => void vi.unstubAllEnvs())
    await expect(store.place()).rejects.toMatchObject({ code: 'TARGET_DIFFERS', message: expect.stringContaining('"mine" is not in') })
    expect([...treeOf(target).keys()]).toEqual(['dir/', 'dir/b', 'dir/more/', 'dir/more/late', 'late', 'mine'])
    expect(readFileSync(join(target, 'mine'), 'utf8')).toBe('late\n')
    for (const name of ['mine', 'late', 'dir/more']) rmSync(join(target, name), { recursive: true })
    await store.place()
    expect(treeOf(target)).toEqual(await publishedTree(sample))
  })

  it('is completed where nothing exchanges two folders', async () => {
    vi.stubEnv('PATH', '/nowhere')
    onTestFinished(() => void vi.unstubAllEnvs())
    await placed([1])
    await placed(undefined)
    expect(treeOf(target)).toEqual(await publishedTree(sample))
    expect(readdirSync(outDir)).toEqual(['sample'])
  })
})
