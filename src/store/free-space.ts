import { statfs } from 'node:fs/promises'
import { DistroError } from '../base/errors.ts'
import { formatSize } from '../base/format.ts'
import { diskError } from './disk-error.ts'

/** Throws DISK_FULL, which says how much is missing, unless the file system of `directory` has `neededBytes` to spare; it is told of as `named`. */
export async function requireFreeSpace(directory: string, neededBytes: number, named: string): Promise<void> {
  const stats = await statfs(directory).catch((error: unknown) => Promise.reject(diskError(error, 'ask for the free space of', named)))
  // Some network and overlay file systems do not know their size and say 0.
  if (stats.blocks === 0) return
  const missingBytes = neededBytes - stats.bavail * stats.bsize
  if (missingBytes > 0) {
    throw new DistroError(
      'DISK_FULL',
      `The disk that holds ${named} lacks ${formatSize(missingBytes)} of the ${formatSize(neededBytes)} that are to come.`,
      {
        hint: 'Free some space, or choose another directory.',
      },
    )
  }
}
