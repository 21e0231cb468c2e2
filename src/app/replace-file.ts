import { randomBytes } from 'node:crypto'
import { access, constants, lstat, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
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
    const hint = 'Make the folder first, or name another file.'
    throw new DistroError('DISK_FAILED', `Cannot write ${path}: its folder does not exist or is not writable.`, { hint, cause })
  }
  const tooLong = await lstat(unfinishedPath(path, '0'.repeat(8))).catch((cause: unknown) =>
    systemCode(cause) === 'ENAMETOOLONG' ? { cause } : {},
  )
  if ('cause' in tooLong) {
    const hint = `Give it a shorter name with ${example.split(' ', 1)[0]} FILE.`
    throw new DistroError('DISK_FAILED', `Cannot write ${path}: the name is too long for this file system.`, { hint, cause: tooLong.cause })
  }
  const status = await lstat(path).catch(() => undefined)
  if (status?.isDirectory() === true)
    throw new DistroError('DISK_FAILED', `Cannot write ${path}: it is a directory.`, { hint: `Name a file: ${example}.` })
}

function unfinishedPath(path: string, mark: string): string {
  return `${path}.${mark}.part`
}
