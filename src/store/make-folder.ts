import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DistroError } from '../base/errors.ts'
import { danglingLink } from './dangling-link.ts'
import { systemCode } from './disk-error.ts'

/**
 * Makes a folder and the ones above it that are missing; one that is there already is fine. Not `mkdir` with `recursive`, which
 * never returns where a file system says of a folder it does not want that its parent is missing, as /proc does.
 * Throws what the file system says.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path)
  } catch (error) {
    const code = systemCode(error)
    if (code === 'EEXIST') {
      const dangling = await danglingLink(path)
      if (dangling !== undefined) {
        throw new DistroError('DISK_FAILED', `${dangling}.`, { hint: 'Make that directory, remove the link, or choose another directory.' })
      }
      if ((await stat(path)).isDirectory()) return
      throw new DistroError('DISK_FAILED', `${path} is not a directory.`, { hint: 'Choose another directory.' })
    }
    const parent = dirname(path)
    if (code !== 'ENOENT' || parent === path) throw error
    await makeFolder(parent)
    await mkdir(path).catch((again: unknown) => {
      const refusal = systemCode(again)
      if (refusal === 'ENOENT') {
        throw new DistroError('DISK_FAILED', `Cannot make the directory ${path}: this file system makes none there.`, {
          hint: 'Choose another directory.',
          cause: again,
        })
      }
      if (refusal !== 'EEXIST') throw again
    })
  }
}
