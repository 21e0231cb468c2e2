import { link } from 'node:fs/promises'
import { systemCode } from './disk-error.ts'

/**
 * Gives `from` the second name `to`, in one step, unless there is something at `to`: `linked` or `taken`, or `no-links` where the file
 * system has no hard links, or none for such a file. Rejects with what else the system says.
 */
export async function linkFile(from: string, to: string): Promise<'linked' | 'taken' | 'no-links'> {
  try {
    await link(from, to)
    return 'linked'
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return 'taken'
    if (noLinks.has(systemCode(error))) return 'no-links'
    throw error
  }
}

/** What file systems without hard links answer. */
const noLinks: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])
