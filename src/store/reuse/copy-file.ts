import { constants } from 'node:fs'
import { chmod, copyFile, link, lstat, open, rm, truncate } from 'node:fs/promises'
import { MiB } from '../../base/units.ts'
import { diskError, systemCode } from '../disk-error.ts'
import { madeMode } from '../exec-bit.ts'
import { type FileStamp, isSameStamp, stampOf } from '../file-stamp.ts'
import { writeAll } from '../write-all.ts'
import type { Candidate } from './files-below.ts'

/** Bytes `start` up to, not including, `end` of a file. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** What of a candidate is wanted, and how it may come. */
export interface FileCopy {
  readonly candidate: Candidate
  /** Where the copy goes; nothing is there. */
  readonly path: string
  readonly lengthBytes: number
  /** In order, and apart from each other. */
  readonly ranges: readonly ByteRange[]
  readonly isExecutable: boolean
  /** True if the mode and the time of the candidate are those that the torrent says. */
  readonly hasAttributes: boolean
  /** True if one file under two names will do, where all of it is wanted and its mode is right. */
  readonly mayLink: boolean
  /** Called with each number of bytes that came. */
  readonly onCopied?: ((bytes: number) => void) | undefined
}

/**
 * Copies files into one folder, and keeps what serves the next of many small ones: its buffers, and which file systems cannot share blocks
 * with the folder.
 */
export class FileCopier {
  readonly #buffers: Buffer[] = []
  /** Devices of candidates. */
  readonly #unclonable = new Set<bigint>()

  /**
   * Brings ranges of a file to another place: as a second name of the file where that is allowed, as a clone that shares its blocks on the
   * disk where the file system can, as copied bytes otherwise. Undefined, and nothing is there, if it is not the file any more that was
   * hashed. Throws DISK_FULL or DISK_FAILED if the copy cannot be written.
   */
  async copy(copy: FileCopy): Promise<'linked' | 'copied' | undefined> {
    const { candidate, path, lengthBytes } = copy
    if (copy.mayLink && (await linked(copy))) {
      tellAll(copy)
      return 'linked'
    }
    try {
      if (await this.#clone(copy)) tellAll(copy)
      else await this.#copyRanges(copy)
      if (isSameFile(candidate.stamp, await stampAt(candidate.path))) {
        if (candidate.stamp.lengthBytes > lengthBytes) await truncate(path, lengthBytes)
        return 'copied'
      }
    } catch (error) {
      await rm(path, { force: true })
      if (vanished.has(systemCode(error))) return undefined
      throw diskError(error, 'copy to', path)
    }
    await rm(path, { force: true })
    return undefined
  }

  async #clone(copy: FileCopy): Promise<boolean> {
    const { device } = copy.candidate
    if (this.#unclonable.has(device)) return false
    const failure = await clone(copy)
    if (failure !== undefined && noClones.has(failure)) this.#unclonable.add(device)
    return failure === undefined
  }

  async #copyRanges(copy: FileCopy): Promise<void> {
    const buffer = this.#buffers.pop() ?? Buffer.allocUnsafe(MiB)
    try {
      await copyRanges(copy, buffer)
    } finally {
      this.#buffers.push(buffer)
    }
  }
}

/** The candidate went away, or became something else. */
const vanished: ReadonlySet<string> = new Set(['ENOENT', 'ELOOP', 'ENOTDIR', 'EACCES', 'ESTALE'])

/** A file with a second name has another change time: what counts is that it had the old one right before. */
async function linked({ candidate, path, lengthBytes, ranges, hasAttributes }: FileCopy): Promise<boolean> {
  const [first] = ranges
  const isWhole = first !== undefined && first.start === 0 && first.end === lengthBytes && candidate.stamp.lengthBytes === lengthBytes
  if (!isWhole || !hasAttributes) return false
  if (!isSameFile(candidate.stamp, await stampAt(candidate.path))) return false
  try {
    await link(candidate.path, path)
  } catch {
    return false
  }
  const after = await stampAt(path)
  if (after !== undefined && isSameFile(candidate.stamp, { ...after, ctimeNs: candidate.stamp.ctimeNs })) return true
  await rm(path, { force: true })
  return false
}

/** The file system does not do it at all, or not from that one: it has nothing to do with the file. */
const noClones: ReadonlySet<string> = new Set(['ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'ENOTTY', 'EXDEV'])

/** Undefined if it is there, else the system's word for why not. A clone comes with the mode of what was cloned; it gets that of a file that was made here. */
async function clone({ candidate, path, isExecutable }: FileCopy): Promise<string | undefined> {
  try {
    const handle = await open(path, 'wx', madeMode(isExecutable))
    const { mode } = await handle.stat().finally(() => handle.close())
    await copyFile(candidate.path, path, constants.COPYFILE_FICLONE_FORCE)
    await chmod(path, mode & 0o777)
    return undefined
  } catch (error) {
    await rm(path, { force: true })
    return systemCode(error)
  }
}

/** What takes no copying comes at once. */
function tellAll({ ranges, onCopied }: FileCopy): void {
  for (const { start, end } of ranges) onCopied?.(end - start)
}

async function copyRanges({ candidate, path, ranges, isExecutable, onCopied }: FileCopy, buffer: Buffer): Promise<void> {
  await using from = await open(candidate.path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  await using to = await open(
    path,
    constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
    madeMode(isExecutable),
  )
  for (const { start, end } of ranges) {
    for (let position = start; position < end; ) {
      const { bytesRead } = await from.read(buffer, 0, Math.min(buffer.length, end - position), position)
      // It was cut meanwhile, which its stamp tells.
      if (bytesRead === 0) return
      await writeAll(to, buffer.subarray(0, bytesRead), position)
      position += bytesRead
      onCopied?.(bytesRead)
    }
  }
}

async function stampAt(path: string): Promise<FileStamp | undefined> {
  const stats = await lstat(path, { bigint: true }).catch(() => undefined)
  return stats?.isFile() === true ? stampOf(stats) : undefined
}

function isSameFile(hashed: FileStamp, now: FileStamp | undefined): boolean {
  return now !== undefined && isSameStamp(hashed, now)
}
