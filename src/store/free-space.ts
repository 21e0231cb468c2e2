import { statfs } from 'node:fs/promises'
import { DistroError } from '../base/errors.ts'
import { diskError } from './disk-error.ts'

/** Throws DISK_FULL, which says how many bytes are missing, unless the file system of `directory` has `neededBytes` to spare. */
export async function requireFreeSpace(directory: string, neededBytes: number): Promise<void> {
  const stats = await statfs(directory).catch((error: unknown) => Promise.reject(diskError(error, 'ask for the free space of', directory)))
  // Some network and overlay file systems do not know their size and say 0.
  if (stats.blocks === 0) return
  const missingBytes = neededBytes - stats.bavail * stats.bsize
  if (missingBytes > 0) {
    throw new DistroError('DISK_FULL', `The disk that holds ${directory} needs ${missingBytes} more bytes (${neededBytes} in all).`, {
      hint: 'Free some space, or choose another directory with --out.',
    })
  }
}
