import { rmSync } from 'node:fs'
import { chmod, lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCode } from './disk-error.ts'
import type { HashPool } from './hash-pool.ts'

/**
 * Removes what is at `path`, with everything below it; nothing there is fine. Folders that their owner may not write into, as published trees may
 * have them, are opened first. With `pool` a worker removes it, which suits many files. Throws what the file system says.
 */
export async function removeTree(path: string, pool?: HashPool): Promise<void> {
  // What a worker could not remove shows itself again here.
  if (pool !== undefined && (await pool.perform({ kind: 'remove', path })).systemCode === undefined) return
  try {
    await rm(path, { recursive: true, force: true })
  } catch (error) {
    if (!['EACCES', 'EPERM', 'ENOTEMPTY'].includes(systemCode(error))) throw error
    await openFolders(path)
    await rm(path, { recursive: true, force: true })
  }
}

/** The same, blocking its thread, for a worker, but without opening folders. */
export function removeTreeNow(path: string): void {
  rmSync(path, { recursive: true, force: true })
}

/** What was being removed when that failed may go on vanishing. */
async function openFolders(path: string): Promise<void> {
  try {
    if (!(await lstat(path)).isDirectory()) return
    await chmod(path, 0o700)
    for (const entry of await readdir(path, { withFileTypes: true })) {
      if (entry.isDirectory()) await openFolders(join(path, entry.name))
    }
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error
  }
}
