import { chmod, lstat, mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { getuid, platform } from 'node:process'
import { DistroError } from '../../base/errors.ts'
import { systemCode } from '../../store/disk-error.ts'
import { makeFolder } from '../../store/make-folder.ts'

/** What fits into the address of a Unix domain socket (sun_path), without the zero at its end: 107 bytes on Linux, 103 elsewhere. */
const LINUX_PATH_BYTES = 107
const OTHER_PATH_BYTES = 103

/** The folder of the control sockets. */
export function runsFolder(stateDir: string): string {
  return join(stateDir, 'runs')
}

/** Makes the folder for the control sockets, for nobody but us. Throws PATH_REFUSED if somebody else made it, and what the file system says. */
export async function makeRunsFolder(stateDir: string): Promise<string> {
  const folder = runsFolder(stateDir)
  // Looked for first: mostly it is there, and an error for what is there already costs a starting run a millisecond.
  const mode = await checkOwner(folder, false).catch(async (error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw error
    await makeFolder(stateDir)
    await mkdir(folder, 0o700).catch(unlessThere)
    return checkOwner(folder, false)
  })
  if (mode !== 0o700) await chmod(folder, 0o700)
  return folder
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

/**
 * Calls `use` with a path of the socket `name` in `folder` that fits into a socket's address: on Linux through the open folder when the
 * path itself is too long. Throws PATH_REFUSED where there is no such way.
 */
export async function withSocketPath<Result>(folder: string, name: string, use: (path: string) => Promise<Result>): Promise<Result> {
  const path = join(folder, name)
  const isLinux = platform === 'linux'
  if (Buffer.byteLength(path) <= (isLinux ? LINUX_PATH_BYTES : OTHER_PATH_BYTES)) return use(path)
  if (!isLinux) {
    throw new DistroError('PATH_REFUSED', `${path} is too long for a socket, which may have ${OTHER_PATH_BYTES} bytes.`, {
      hint: 'Choose a shorter folder with --state-dir.',
    })
  }
  await using handle = await open(folder, 'r')
  return await use(`/proc/self/fd/${handle.fd}/${name}`)
}
