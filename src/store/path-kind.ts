import { lstat } from 'node:fs/promises'
import { systemCode } from './disk-error.ts'

/** What is at a path now; a link counts as 'other', wherever it points. */
export async function kindOf(path: string): Promise<'absent' | 'file' | 'directory' | 'other'> {
  try {
    const stats = await lstat(path)
    return stats.isDirectory() ? 'directory' : stats.isFile() ? 'file' : 'other'
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 'absent'
    throw error
  }
}
