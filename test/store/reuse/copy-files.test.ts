import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { MiB } from '../../../src/base/units.ts'
import type { FileCopy } from '../../../src/store/reuse/copy-file.ts'
import { copyFiles } from '../../../src/store/reuse/copy-files.ts'
import { candidatesBelow } from '../../../src/store/reuse/files-below.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { poolOfTwo } from '../pool-of.ts'

const lengthBytes = 40 * MiB
const ranges = [
  { start: 0, end: 10 * MiB },
  { start: 11 * MiB, end: lengthBytes },
]

/** A copy of most of a file of 40 MiB, in which every MiB is different. It has begun, or a file system that shares blocks would be done at once. */
async function largeCopy(): Promise<FileCopy> {
  const [from, to] = [await temporaryFolder(), await temporaryFolder()]
  const bytes = Buffer.alloc(lengthBytes)
  for (let at = 0; at < lengthBytes; at += MiB) bytes.fill(at / MiB + 1, at, at + MiB)
  writeFileSync(join(from, 'large'), bytes)
  const [candidate] = await candidatesBelow(from, [join(from, 'large')])
  if (candidate === undefined) throw new TypeError('it is not there')
  writeFileSync(join(to, 'large'), '')
  return { candidate, path: join(to, 'large'), lengthBytes, ranges, isExecutable: false, mayLink: false, isBegun: true }
}

it('brings all ranges of a large file, and tells how far it is', async () => {
  const copy = await largeCopy()
  const told: number[] = []
  const [copied] = await copyFiles([copy], { pool: poolOfTwo(), onCopied: (bytes) => told.push(bytes) })
  expect(copied).toMatchObject({ stamp: { lengthBytes } })
  const [right, bytes] = [readFileSync(copy.candidate.path), readFileSync(copy.path)]
  for (const { start, end } of ranges) expect(right.subarray(start, end).equals(bytes.subarray(start, end))).toBe(true)
  expect(told.reduce((sum, more) => sum + more, 0)).toBe(39 * MiB)
  expect(told[0]).toBe(16 * MiB)
})

it('ends in the middle of a large file when the run is stopped, or when the file changes, and leaves nothing of it', async () => {
  const copy = await largeCopy()
  const abort = new AbortController()
  const stopped = copyFiles([copy], { pool: poolOfTwo(), signal: abort.signal, onCopied: () => abort.abort(new RangeError('stopped')) })
  await expect(stopped).rejects.toThrow('stopped')
  expect(existsSync(copy.path)).toBe(false)
  writeFileSync(copy.path, '')
  const cut = (): void => truncateSync(copy.candidate.path, 20 * MiB)
  expect(await copyFiles([copy], { pool: poolOfTwo(), onCopied: cut })).toEqual([undefined])
  expect(existsSync(copy.path)).toBe(false)
})

it('has nothing to do with no files', async () => {
  expect(await copyFiles([], { pool: poolOfTwo() })).toEqual([])
})
