import { randomBytes } from 'node:crypto'
import { access, constants, lstat, readlink, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { DistroError } from '../base/errors.ts'
import { diskError, systemCode } from '../store/disk-error.ts'

/** A reader of `path` sees the old file or the whole new one. Throws DISK_FULL or DISK_FAILED. */
export async function replaceFile(path: string, bytes: Uint8Array | string): Promise<void> {
  const unfinished = unfinishedPath(path, randomBytes(4).toString('hex'))
  try {
    await writeFile(unfinished, bytes, { flag: 'wx' })
    await rename(unfinished, path)
  } catch (cause) {
    await rm(unfinished, { force: true }).catch(() => undefined)
    throw diskError(cause, 'write', path)
  }
}

/**
 * Throws DISK_FAILED if `path` could not be written: asked before long work whose result is to go there. `example` is a flag with
 * a value that would do, for whoever named a directory.
 */
export async function checkReplaceable(path: string, example: string): Promise<void> {
  try {
    await access(dirname(path), constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw await folderFault(path, cause)
  }
  const tooLong = await lstat(unfinishedPath(path, '0'.repeat(8))).catch((cause: unknown) =>
    systemCode(cause) === 'ENAMETOOLONG' ? { cause } : {},
  )
  if ('cause' in tooLong) {
    const hint = `Give it a shorter name with ${example.split(' ', 1)[0]} FILE.`
    throw new DistroError('DISK_FAILED', `Cannot write ${path}: the name is too long for this file system.`, { hint, cause: tooLong.cause })
  }
  const obstacle = await obstacleAt(path)
  if (obstacle !== undefined)
    throw new DistroError('DISK_FAILED', `Cannot write ${path}: ${obstacle}.`, { hint: `Name a file: ${example}.` })
}

/** Why nothing can be written into the folder of `path`, of which the system says no more than `cause`. */
async function folderFault(path: string, cause: unknown): Promise<DistroError> {
  const refusal = (what: string, hint: string): DistroError =>
    new DistroError('DISK_FAILED', `Cannot write ${path}: its folder ${what}.`, { hint, cause })
  if (systemCode(cause) === 'ENOENT') return refusal('does not exist', 'Make the folder first, or name another file.')
  if (systemCode(cause) !== 'EACCES') return diskError(cause, 'write', path)
  const folder = await stat(dirname(path)).catch(() => undefined)
  if (folder?.isDirectory() === false) return refusal('is a file', 'Name another file.')
  return refusal('is not writable', 'Let this user write there, or name another file.')
}

/** What is at `path` that no file may take the place of, in words that follow it; undefined for a file, a link to one, and nothing. */
async function obstacleAt(path: string): Promise<string | undefined> {
  const isLink = (await lstat(path).catch(() => undefined))?.isSymbolicLink() === true
  const status = await stat(path).catch(() => undefined)
  if (status?.isDirectory() === true) return 'it is a directory'
  // As root the rename would go through, and the machine be without its /dev/null or /dev/stdout.
  if (status?.isFile() === false || (isLink && (await leadsToStream(path)))) return 'it is a device or a stream, which a file would replace'
  return undefined
}

/** True for a link such as /dev/stdout: to what a process has open, be it a file now. */
async function leadsToStream(link: string): Promise<boolean> {
  const target = resolve(dirname(link), await readlink(link))
  return (await realpath(dirname(target)).catch(() => '')).startsWith('/proc/')
}

function unfinishedPath(path: string, mark: string): string {
  return `${path}.${mark}.part`
}
