import { type BigIntStats, constants, lstatSync } from 'node:fs'
import { lstat } from 'node:fs/promises'
import { type FileStamp, stampOf } from './file-stamp.ts'

/** What is at a path; a link counts as itself. */
export interface Look {
  readonly isFile: boolean
  /** With the bits of its kind. */
  readonly mode: number
  /** The number of its file system. */
  readonly device: bigint
  readonly stamp: FileStamp
}

/** What is at `path`. Throws what the system says where nothing is, or nothing that can be looked at. */
export async function lookOrThrow(path: string): Promise<Look> {
  return lookOf(await lstat(path, { bigint: true }))
}

/** What is at many paths, in the order in which they were named: 48 bytes each. */
export class Looks {
  /** Such as a worker gives it to the main thread. */
  readonly packed: BigInt64Array

  constructor(count: number) {
    this.packed = new BigInt64Array(count * FIELDS)
  }

  /** Undefined where nothing is, or nothing that can be looked at. */
  at(index: number): Look | undefined {
    const field = (number: number): bigint => this.packed[index * FIELDS + number] ?? 0n
    // Whatever is there has the bits of its kind.
    if (field(0) === 0n) return undefined
    return lookOf({ mode: field(0), dev: field(1), size: field(2), mtimeNs: field(3), ctimeNs: field(4), ino: field(5) })
  }

  /** Notes what is at the path of that index. */
  set(index: number, { mode, dev, size, mtimeNs, ctimeNs, ino }: LookStats): void {
    this.packed.set([mode, dev, size, mtimeNs, ctimeNs, ino], index * FIELDS)
  }

  /** Notes what was packed elsewhere of the path of that index and those behind it. */
  setPacked(first: number, packed: BigInt64Array): void {
    this.packed.set(packed, first * FIELDS)
  }
}

/** Looks at all of `paths`; blocks its thread, so it runs in a worker. */
export function lookNow(paths: readonly string[]): Looks {
  const looks = new Looks(paths.length)
  for (const [index, path] of paths.entries()) {
    const stats = statsAt(path)
    if (stats !== undefined) looks.set(index, stats)
  }
  return looks
}

type LookStats = Pick<BigIntStats, 'mode' | 'dev' | 'size' | 'mtimeNs' | 'ctimeNs' | 'ino'>

const FIELDS = 6

function lookOf(stats: LookStats): Look {
  const mode = Number(stats.mode)
  return { isFile: (mode & constants.S_IFMT) === constants.S_IFREG, mode, device: stats.dev, stamp: stampOf(stats) }
}

function statsAt(path: string): LookStats | undefined {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false })
  } catch {
    return undefined
  }
}
