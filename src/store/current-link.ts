import { lstat, readlink, rename, rm, symlink } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { DistroError } from '../base/errors.ts'
import { diskError, systemCode } from './disk-error.ts'
import { hiddenName } from './hidden-name.ts'
import { syncPath } from './sync-path.ts'

/** What the link in a folder of releases is called. */
export const CURRENT = 'current'

/** The link of a folder of releases: what a service starts from. */
export function currentLink(dir: string): string {
  return join(dir, CURRENT)
}

/**
 * The release that `current` in `dir` names, whether or not its folder is still there; undefined when there is no such link, or no `dir`.
 * Throws TARGET_DIFFERS when `current` is no link, PATH_REFUSED when it leads out of `dir`, and DISK_FAILED. `dir` has no links in it.
 */
export async function readCurrent(dir: string): Promise<string | undefined> {
  const path = currentLink(dir)
  try {
    const stats = await lstat(path)
    if (!stats.isSymbolicLink()) {
      throw refusal('TARGET_DIFFERS', `${path} is a ${stats.isDirectory() ? 'directory' : 'file'} and not a link`)
    }
    const target = await readlink(path)
    const meant = resolve(dir, target)
    if (dirname(meant) !== dir || meant === path) throw refusal('PATH_REFUSED', `${path} leads to ${target}, which is not in ${dir}`)
    if (await isLink(meant)) throw refusal('PATH_REFUSED', `${path} leads to ${meant}, which is a link itself`)
    return basename(meant)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw diskError(error, 'look at', path)
  }
}

/**
 * Points `current` in `dir` at the release `name`, in one step: a new link is made beside it and renamed over it. The link is relative,
 * so that `dir` can be moved or be mounted elsewhere. Whoever looks sees the release before or this one. Throws DISK_FULL or DISK_FAILED.
 */
export async function pointCurrent(dir: string, name: string): Promise<void> {
  const path = currentLink(dir)
  const fresh = join(dir, hiddenName(CURRENT, 'new'))
  try {
    await rm(fresh, { force: true })
    await symlink(name, fresh)
    await rename(fresh, path)
  } catch (error) {
    throw diskError(error, 'switch', path)
  }
  await syncPath(dir)
}

async function isLink(path: string): Promise<boolean> {
  const stats = await lstat(path).catch((error: unknown) => (systemCode(error) === 'ENOENT' ? undefined : Promise.reject(error)))
  return stats?.isSymbolicLink() === true
}

function refusal(code: 'PATH_REFUSED' | 'TARGET_DIFFERS', what: string): DistroError {
  return new DistroError(code, `${what}.`, {
    hint: `Move it away or name another folder: ${CURRENT} has to be a link to a folder beside it, which distro makes and switches.`,
  })
}
