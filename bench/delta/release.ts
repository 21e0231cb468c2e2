import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { GiB } from '../../src/base/units.ts'
import { noiseOf } from '../harness/noise.ts'

/** Files of a release of 2 GiB; a smaller one has as many fewer, but not fewer than 30. */
const FILES = 3_000
const FULL_BYTES: number = 2 * GiB
const FEWEST_FILES = 30
const FILES_IN_FOLDER = 50

/** The largest file is about so many times as long as the smallest: from a few KiB to many MiB. */
const SIZE_RANGE = 8_192

/** One file of a release. */
export interface ReleaseFile {
  /** In the release. */
  readonly path: string
  readonly bytes: number
}

/** How many of a thing that a release of 2 GiB has `whole` of there are in one of `files` files; at least one. */
export function shareOf(whole: number, files: number): number {
  return Math.max(1, Math.round((whole * files) / FILES))
}

/** Writes a release of `sizeBytes` into `folder`: many small files and a few large ones, the same everywhere. */
export function writeRelease(folder: string, sizeBytes: number): ReleaseFile[] {
  const count = Math.max(FEWEST_FILES, Math.round((FILES * sizeBytes) / FULL_BYTES))
  const chance = noiseOf('sizes')
  const weights = Array.from({ length: count }, () => SIZE_RANGE ** ((chance.below(2 ** 32) / 2 ** 32) ** 3))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return weights.map((weight, index) => {
    const name = path.join(`part-${Math.floor(index / FILES_IN_FOLDER)}`, `file-${index}.bin`)
    return writeFile(folder, name, Math.max(1, Math.round((sizeBytes * weight) / total)))
  })
}

/** Writes a file of a release; its content follows from its first name. */
export function writeFile(folder: string, name: string, bytes: number): ReleaseFile {
  const file = path.join(folder, name)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, noiseOf(path.basename(name)).bytes(bytes))
  return { path: name, bytes }
}
