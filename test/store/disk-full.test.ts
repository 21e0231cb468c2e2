import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, type TestContext } from 'vitest'
import { MiB } from '../../src/base/units.ts'
import { diskError } from '../../src/store/disk-error.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { commitMissing, openFetch } from './driven-store.ts'
import { publishSample, sampleTorrent, treeOf } from './sample-torrent.ts'

const sample = sampleTorrent([
  ['a', 2 * MiB],
  ['b', 2 * MiB],
])

/** A file system of `sizeBytes` of its own; the test is skipped where this user may not mount one. */
async function smallDisk(context: TestContext, sizeBytes: number): Promise<string> {
  const folder = await temporaryFolder()
  const disk = join(folder, 'disk')
  mkdirSync(disk)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeBytes}`, 'tmpfs', disk], { stdio: 'ignore' })
  } catch {
    context.skip('mounting a small disk takes root')
  }
  onTestFinished(() => void execFileSync('umount', ['-l', disk]))
  return disk
}

describe('a disk without room', () => {
  it('is noticed before the first byte is written, with the number of missing bytes', async (context) => {
    const disk = await smallDisk(context, 3 * MiB)
    await expect(openFetch(sample, disk)).rejects.toMatchObject({
      code: 'DISK_FULL',
      message: expect.stringMatching(new RegExp(`^The disk that holds ${disk} lacks 1(\\.\\d)? MiB of the 4 MiB that are to come\\.$`)),
    })
    expect(readdirSync(disk)).toEqual([])
  })

  it('fails the pieces that do not fit, keeps the others, and lets the next run finish', async (context) => {
    const disk = await smallDisk(context, 6 * MiB)
    const first = await openFetch(sample, disk)
    writeFileSync(join(disk, 'somebody-elses'), new Uint8Array(4 * MiB))
    const results = await commitMissing(first, sample)
    const failed = results.filter((result) => result.kind === 'failed')
    expect(failed.length).toBeGreaterThan(0)
    for (const { error } of failed)
      expect(error).toMatchObject({ code: 'DISK_FULL', message: expect.stringMatching(/needs \d+(\.\d)? (KiB|MiB)/) })
    const keptPieces = first.verified.count
    expect(keptPieces).toBeGreaterThan(50)
    await first.close()
    rmSync(join(disk, 'somebody-elses'))
    const second = await openFetch(sample, disk)
    expect(second.verified.count).toBe(keptPieces)
    await commitMissing(second, sample)
    expect(treeOf(await second.place()).size).toBe(2)
    await second.close()
  })

  it('is told of while many small files are taken over, and nothing is left of them', async (context) => {
    const disk = await smallDisk(context, MiB)
    const many = sampleTorrent([...new Array(400).keys()].map((number) => [`d/${number}`, 4_096] as const))
    const before = publishSample(many, await temporaryFolder())
    await expect(openFetch(many, disk, { reuse: [before] })).rejects.toMatchObject({
      code: 'DISK_FULL',
      message: expect.stringMatching(/^Cannot copy to .*\/d\/\d+: the disk is full\.$/),
    })
    expect(readdirSync(disk)).toEqual([])
  })
})

describe('diskError', () => {
  it.each([
    ['ENOSPC', 'DISK_FULL'],
    ['EDQUOT', 'DISK_FULL'],
    ['EIO', 'DISK_FAILED'],
    ['EROFS', 'DISK_FAILED'],
    ['EACCES', 'DISK_FAILED'],
    ['ELOOP', 'PATH_REFUSED'],
    ['EWHATEVER', 'DISK_FAILED'],
  ])('says what %s means, where, and what to do', (systemCode, code) => {
    const error = diskError(Object.assign(new Error('x'), { code: systemCode }), 'write', '/some/path')
    expect(error.code).toBe(code)
    expect(error.message).toMatch(/^Cannot write \/some\/path: ./)
    expect(error.hint).toMatch(/./)
    expect(diskError(error, 'open', '/other')).toBe(error)
  })
})
