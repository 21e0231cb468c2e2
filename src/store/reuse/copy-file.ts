import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  linkSync,
  lstatSync,
  openSync,
  readSync,
  rmSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import { MiB } from '../../base/units.ts'
import { systemCode } from '../disk-error.ts'
import { madeMode } from '../exec-bit.ts'
import { type FileStamp, isSameStamp, stampOf } from '../file-stamp.ts'
import type { Candidate } from './files-below.ts'

/** Bytes `start` up to, not including, `end` of a file. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** What of a candidate is wanted, and how it may come. */
export interface FileCopy {
  readonly candidate: Candidate
  /** Where the copy goes; nothing is there that is to be kept, but for what was copied before of a file that comes in parts. */
  readonly path: string
  readonly lengthBytes: number
  /** In order, and apart from each other. */
  readonly ranges: readonly ByteRange[]
  readonly isExecutable: boolean
  /** True if all of the file is wanted, and one file under two names will do. */
  readonly mayLink: boolean
  /** True for another part of a file of which one was copied. */
  readonly isBegun: boolean
}

/** How a file came to its place, all of it or the ranges alone, and what it is there. */
export interface CopiedFile {
  readonly how: 'linked' | 'cloned' | 'copied'
  readonly stamp: FileStamp
}

/** Copies files into one folder; blocks its thread, so it runs in a worker. It remembers which file systems cannot share blocks with the folder. */
export class FileCopier {
  /** Devices of candidates. */
  readonly #unclonable = new Set<bigint>()

  /**
   * Brings ranges of a file to another place: as a second name of the file where that is allowed, as a clone that shares its blocks on the
   * disk where the file system can, as copied bytes otherwise. Undefined, and nothing is there, if it is not the file any more that was
   * hashed. Throws what the system says if the copy cannot be written, and nothing is there then either.
   */
  copy(copy: FileCopy): CopiedFile | undefined {
    const linked = copy.mayLink ? link(copy) : undefined
    if (linked !== undefined) return { how: 'linked', stamp: linked }
    try {
      const isClone = !copy.isBegun && this.#clone(copy)
      const stamp = isClone ? stampOfClone(copy) : copyRanges(copy)
      if (stamp !== undefined) return { how: isClone ? 'cloned' : 'copied', stamp }
    } catch (error) {
      rmSync(copy.path, { force: true })
      if (vanished.has(systemCode(error))) return undefined
      throw error
    }
    rmSync(copy.path, { force: true })
    return undefined
  }

  #clone(copy: FileCopy): boolean {
    const { device } = copy.candidate
    if (this.#unclonable.has(device)) return false
    const failure = clone(copy)
    if (failure !== undefined && noClones.has(failure)) this.#unclonable.add(device)
    return failure === undefined
  }
}

/** The candidate went away, or became something else. */
const vanished: ReadonlySet<string> = new Set(['ENOENT', 'ELOOP', 'ENOTDIR', 'EACCES', 'ESTALE'])

/** A file with a second name has another change time: what counts is that it had the old one right before. */
function link({ candidate, path }: FileCopy): FileStamp | undefined {
  if (!isSameFile(candidate.stamp, stampAt(candidate.path))) return undefined
  try {
    linkSync(candidate.path, path)
  } catch {
    return undefined
  }
  const after = stampAt(path)
  if (after !== undefined && isSameFile(candidate.stamp, { ...after, ctimeNs: candidate.stamp.ctimeNs })) return after
  rmSync(path, { force: true })
  return undefined
}

/** The file system does not do it at all, or not from that one: it has nothing to do with the file. */
const noClones: ReadonlySet<string> = new Set(['ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'ENOTTY', 'EXDEV'])

/** Undefined if it is there, else the system's word for why not. A clone comes with the mode of what was cloned; it gets that of a file that was made here. */
function clone({ candidate, path, isExecutable }: FileCopy): string | undefined {
  try {
    const fd = make(path, isExecutable)
    const { mode } = closing(fd, () => fstatSync(fd))
    copyFileSync(candidate.path, path, constants.COPYFILE_FICLONE_FORCE)
    chmodSync(path, mode & 0o777)
    return undefined
  } catch (error) {
    rmSync(path, { force: true })
    return systemCode(error)
  }
}

function stampOfClone({ candidate, path, lengthBytes }: FileCopy): FileStamp | undefined {
  if (!isSameFile(candidate.stamp, stampAt(candidate.path))) return undefined
  if (candidate.stamp.lengthBytes > lengthBytes) truncateSync(path, lengthBytes)
  return stampAt(path)
}

/** What the copy is, unless the file that was read is not the one that was hashed. */
function copyRanges({ candidate, path, ranges, isExecutable, isBegun }: FileCopy): FileStamp | undefined {
  const from = openSync(candidate.path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  return closing(from, () => {
    const to = isBegun ? openSync(path, constants.O_WRONLY | constants.O_NOFOLLOW) : make(path, isExecutable)
    return closing(to, () => {
      for (const range of ranges) copyRange(from, to, range)
      if (!isSameFile(candidate.stamp, stampOf(fstatSync(from, { bigint: true })))) return undefined
      return stampOf(fstatSync(to, { bigint: true }))
    })
  })
}

function copyRange(from: number, to: number, { start, end }: ByteRange): void {
  for (let position = start; position < end; ) {
    const readBytes = readSync(from, buffer, 0, Math.min(buffer.length, end - position), position)
    // It was cut meanwhile, which its stamp tells.
    if (readBytes === 0) return
    // The system may take less than it is given, above all when the disk is about to be full, and only the next write says why.
    for (let done = 0; done < readBytes; ) done += writeSync(to, buffer, done, readBytes - done, position + done)
    position += readBytes
  }
}

const buffer = Buffer.alloc(MiB)

/** Opens a new file for writing. What a worker that died had begun to copy there gives way. */
function make(path: string, isExecutable: boolean): number {
  try {
    return openSync(path, MAKE, madeMode(isExecutable))
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error
    rmSync(path)
    return openSync(path, MAKE, madeMode(isExecutable))
  }
}

const MAKE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW

function closing<Result>(fd: number, work: () => Result): Result {
  try {
    return work()
  } finally {
    closeSync(fd)
  }
}

function stampAt(path: string): FileStamp | undefined {
  try {
    const stats = lstatSync(path, { bigint: true })
    return stats.isFile() ? stampOf(stats) : undefined
  } catch {
    return undefined
  }
}

function isSameFile(hashed: FileStamp, now: FileStamp | undefined): boolean {
  return now !== undefined && isSameStamp(hashed, now)
}
