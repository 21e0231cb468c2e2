import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { platform } from 'node:process'
import { DistroError } from '../../base/errors.ts'
import { makePrivateFolder } from '../../store/private-folder.ts'

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
  await makePrivateFolder(folder)
  return folder
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
