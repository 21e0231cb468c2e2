import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { GiB, KiB, MiB } from '../../src/base/units.ts'
import { noiseOf } from '../harness/noise.ts'
import { runOrFail } from '../harness/run-or-fail.ts'
import { type Change, changeRelease } from './change-release.ts'
import { writeRelease } from './release.ts'

/** One kind of little change. */
export interface DeltaCase {
  readonly name: string
  /** A file of its own, or a folder. */
  readonly kind: 'file' | 'tree'
  readonly defaultBytes: number
  /** Makes the version before at `old` and the one after at `next`, and tells how many bytes are new. */
  make(old: string, next: string, sizeBytes: number): number
}

const INSERTED_BYTES: number = 100 * KiB
const CUT_BYTES: number = 50 * KiB

/** The same for every user at any time. */
const TAR_FLAGS = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--mode=0644']

/** Each case with the size that is published. */
export const DELTA_CASES: readonly DeltaCase[] = [
  { name: 'tar', kind: 'file', defaultBytes: GiB, make: makeTars },
  releases('files', 'file'),
  releases('runs-64K', 64 * KiB),
  releases('runs-4K', 4 * KiB),
  releases('each-file', 'each-file'),
  { name: 'shift', kind: 'tree', defaultBytes: 256 * MiB, make: makeShifted },
]

/** An uncompressed tar, and the same with one byte before it. */
function makeTars(old: string, next: string, sizeBytes: number): number {
  const content = `${old}-content`
  writeRelease(content, sizeBytes)
  runOrFail('tar', [...TAR_FLAGS, '-cf', old, '-C', content, '.'])
  rmSync(content, { recursive: true })
  runOrFail('sh', ['-c', '{ printf x; cat "$1"; } >"$2"', 'sh', old, next])
  return 1
}

function releases(name: string, change: Change): DeltaCase {
  const make = (old: string, next: string, sizeBytes: number): number => {
    const files = writeRelease(old, sizeBytes)
    cpSync(old, next, { recursive: true })
    return changeRelease(next, files, change)
  }
  return { name, kind: 'tree', defaultBytes: 2 * GiB, make }
}

/** A folder with a large file that gets bytes in one place of its middle and loses others in another, so that what is between them moves. */
function makeShifted(old: string, next: string, sizeBytes: number): number {
  const bytes = noiseOf('image').bytes(sizeBytes)
  const [first, second] = [Math.floor(0.4 * sizeBytes), Math.floor(0.6 * sizeBytes)]
  const parts = [
    bytes.subarray(0, first),
    noiseOf('inserted').bytes(INSERTED_BYTES),
    bytes.subarray(first, second),
    bytes.subarray(second + CUT_BYTES),
  ]
  for (const folder of [old, next]) {
    mkdirSync(folder)
    writeFileSync(path.join(folder, 'notes.txt'), 'the same as before\n')
  }
  writeFileSync(path.join(old, 'image.bin'), bytes)
  writeFileSync(path.join(next, 'image.bin'), Buffer.concat(parts))
  return INSERTED_BYTES
}
