import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { diskError, systemCode } from './disk-error.ts'

/** Makes a file's bytes, or a directory's entries, survive a power cut (fsync). */
export async function syncPath(path: string): Promise<void> {
  try {
    const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
    try {
      await handle.sync()
    } catch (error) {
      // Some file systems cannot sync a directory and say so with EINVAL; there is nothing more to be done there.
      if (systemCode(error) !== 'EINVAL') throw error
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw diskError(error, 'make durable', path)
  }
}
