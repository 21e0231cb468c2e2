import { randomBytes } from 'node:crypto'
import { rename, rm, writeFile } from 'node:fs/promises'
import { diskError } from '../store/disk-error.ts'

/** A reader of `path` sees the old file or the whole new one. Throws DISK_FULL or DISK_FAILED. */
export async function replaceFile(path: string, bytes: Uint8Array | string): Promise<void> {
  const unfinished = `${path}.${randomBytes(4).toString('hex')}.part`
  try {
    await writeFile(unfinished, bytes, { flag: 'wx' })
    await rename(unfinished, path)
  } catch (cause) {
    await rm(unfinished, { force: true }).catch(() => undefined)
    throw diskError(cause, 'write', path)
  }
}
