import { readlink, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { diskError, systemCode } from './disk-error.ts'
import { ensureDirectory } from './staging.ts'

/**
 * Makes what of a tree holds no bytes below `root`: the folders, none of them a link, and then the symbolic links, so that nothing is
 * ever written through one. `directories` has every folder after those around it. Throws PATH_REFUSED, DISK_FULL or DISK_FAILED.
 */
export async function makeEntries(root: string, directories: Iterable<string>, links: ReadonlyMap<string, string>): Promise<void> {
  for (const directory of directories) {
    const path = join(root, directory)
    await ensureDirectory(path).catch((error: unknown) => Promise.reject(diskError(error, 'create', path)))
  }
  for (const [path, text] of links) await makeLink(join(root, path), text)
}

async function makeLink(path: string, text: string): Promise<void> {
  try {
    if ((await linkedTo(path)) === text) return
    await rm(path, { force: true })
    await symlink(text, path)
  } catch (error) {
    throw diskError(error, 'make the link', path)
  }
}

async function linkedTo(path: string): Promise<string | undefined> {
  try {
    return await readlink(path)
  } catch (error) {
    if (['ENOENT', 'EINVAL'].includes(systemCode(error))) return undefined
    throw error
  }
}
