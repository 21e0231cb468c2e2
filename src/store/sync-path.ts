import { closeSync, constants, fdatasyncSync, fsyncSync, openSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { diskError, systemCode } from './disk-error.ts'

const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW

/**
 * Makes a file's bytes, or a directory's entries, survive a power cut (fsync); with `isDataOnly` a file's bytes, not its times (fdatasync).
 * Throws DISK_FULL or DISK_FAILED.
 */
export async function syncPath(path: string, isDataOnly = false): Promise<void> {
  try {
    const handle = await open(path, FLAGS)
    try {
      await (isDataOnly ? handle.datasync() : handle.sync())
    } catch (error) {
      if (!isNoneToSync(error, isDataOnly)) throw error
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw diskError(error, 'make durable', path)
  }
}

/** The same, blocking its thread, for a worker. Throws what the system says. */
export function syncPathNow(path: string, isDataOnly: boolean): void {
  const fd = openSync(path, FLAGS)
  try {
    if (isDataOnly) fdatasyncSync(fd)
    else fsyncSync(fd)
  } catch (error) {
    if (!isNoneToSync(error, isDataOnly)) throw error
  } finally {
    closeSync(fd)
  }
}

/** Some file systems cannot sync a directory and say so with EINVAL; there is nothing more to be done there. */
function isNoneToSync(error: unknown, isDataOnly: boolean): boolean {
  return !isDataOnly && systemCode(error) === 'EINVAL'
}
