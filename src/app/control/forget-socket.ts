import { link, lstat, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { systemRandom } from '../../base/system-random.ts'
import { hiddenSocketName } from './socket-name.ts'

/** What tells a socket from a later one of the same name; undefined for what is gone or no socket. */
export async function birthOf(path: string): Promise<string | undefined> {
  const stats = await lstat(path).catch(() => undefined)
  return stats?.isSocket() === true ? `${stats.ino} ${stats.mtimeMs}` : undefined
}

/**
 * Removes the socket `name` on which nobody listens, if it is still the one that was `born` so. It is moved aside first and looked at
 * again: another may have removed it meanwhile and a new run have taken its name, which then gets its socket back. Never rejects.
 */
export async function forgetSocket(folder: string, name: string, born: string): Promise<void> {
  const [path, aside] = [join(folder, name), join(folder, hiddenSocketName(systemRandom))]
  try {
    await rename(path, aside)
    if ((await birthOf(aside)) !== born) await link(aside, path)
    await rm(aside, { force: true })
  } catch {
    // Somebody else was faster.
  }
}
