import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { changeRelease } from '../../bench/delta/change-release.ts'
import { type ReleaseFile, writeRelease } from '../../bench/delta/release.ts'

const SIZE = 4 * 2 ** 20
let folder: string
let old: string
let next: string
let files: ReleaseFile[]

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'distro-test-'))
  old = path.join(folder, 'old')
  next = path.join(folder, 'next')
  files = writeRelease(old, SIZE)
  cpSync(old, next, { recursive: true })
})
afterEach(() => rmSync(folder, { recursive: true }))

function filesIn(root: string): Map<string, Buffer> {
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(path.join(root, name)).isFile())
  return new Map(names.map((name) => [name, readFileSync(path.join(root, name))]))
}

test('a release has about the size that was asked for, in small files and large ones', () => {
  const sizes = [...filesIn(old).values()].map(({ length }) => length).sort((a, b) => a - b)
  expect(sizes).toEqual(files.map(({ bytes }) => bytes).sort((a, b) => a - b))
  expect(Math.abs(sizes.reduce((sum, bytes) => sum + bytes, 0) - SIZE)).toBeLessThan(files.length)
  expect((sizes.at(-1) ?? 0) / (sizes[0] ?? 1)).toBeGreaterThan(100)
})

describe.each([['file'], [65_536], [4_096]] as const)('the next release, changed by runs of %s', (run) => {
  test('has one file more, one less and one elsewhere, and differs from the old one in the bytes that are said to be new', () => {
    const newBytes = changeRelease(next, files, run)
    const [before, after] = [filesIn(old), filesIn(next)]
    const added = [...after.keys()].filter((name) => name.startsWith('added/'))
    const moved = [...after.keys()].filter((name) => name.startsWith('moved/'))
    const gone = [...before.keys()].filter((name) => !after.has(name))
    expect([added.length, moved.length, gone.length]).toEqual([1, 1, 2])
    const origin = gone.find((name) => path.basename(name) === path.basename(moved[0] ?? ''))
    expect(after.get(moved[0] ?? '')?.equals(before.get(origin ?? '') ?? Buffer.alloc(0))).toBe(true)
    const addedBytes = added.reduce((sum, name) => sum + (after.get(name)?.length ?? 0), 0)
    const changed = [...after].flatMap(([name, bytes]) => differences(before.get(name), bytes))
    // One byte in 256 happens to be the same as before, and runs may overlap.
    const changedBytes = changed.reduce((sum, count) => sum + count, 0)
    expect(changedBytes).toBeGreaterThan(0.9 * (newBytes - addedBytes))
    expect(changedBytes).toBeLessThanOrEqual(newBytes - addedBytes)
    expect(newBytes - addedBytes).toBeGreaterThan(run === 'file' ? 0 : 0.01 * SIZE - files.length)
    expect(newBytes - addedBytes).toBeLessThan(0.01 * SIZE + 65_536)
  })
})

function differences(before: Buffer | undefined, after: Buffer): number {
  if (before === undefined) return 0
  let count = 0
  for (let index = 0; index < after.length; index++) if (before[index] !== after[index]) count++
  return count
}
