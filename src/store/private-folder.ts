import { chmod, lstat, mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { getuid } from 'node:process'
import { DistroError } from '../base/errors.ts'
import { systemCode } from './disk-error.ts'
import { makeFolder } from './make-folder.ts'

/** Makes a folder for nobody but us, and those above it that are missing. Throws PATH_REFUSED if somebody else made it, and what the file system says. */
export async function makePrivateFolder(folder: string): Promise<void> {
  // Looked for first: mostly it is there, and an error for what is there already costs a starting run a millisecond.
  const mode = await checkOwner(folder, false).catch(async (error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw error
    await makeFolder(dirname(folder))
    await mkdir(folder, 0o700).catch(unlessThere)
    return checkOwner(folder, false)
  })
  if (mode !== 0o700) await chmod(folder, 0o700)
}

/** Two that start at once both make it. */
function unlessThere(error: unknown): void {
  if (systemCode(error) !== 'EEXIST') throw error
}

/**
 * Throws PATH_REFUSED unless `folder` is a folder of ours: in a place where others may write, such as the temporary folder, somebody could
 * have made it to listen in. Its mode. The system's own user may look at everybody's with `mayBeOfAnybody`.
 */
export async function checkOwner(folder: string, mayBeOfAnybody: boolean): Promise<number> {
  const stats = await lstat(folder)
  const user = getuid?.()
  if (stats.isDirectory() && (stats.uid === user || (mayBeOfAnybody && user === 0))) return stats.mode & 0o777
  throw new DistroError('PATH_REFUSED', `${folder} is not a folder of this user.`, { hint: 'Choose another folder with --state-dir.' })
}
