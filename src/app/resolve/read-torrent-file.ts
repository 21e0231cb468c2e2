import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { DistroError } from '../../base/errors.ts'
import { diskError, systemCode } from '../../store/disk-error.ts'
import { METAINFO_MAX_BYTES } from '../../torrent/metainfo.ts'

/** The bytes of the .torrent at `path`; `hint` is for one that is not there. Throws INPUT_MISSING, LIMIT_EXCEEDED, TORRENT_INVALID (not a file) or DISK_FAILED. */
export async function readTorrentFile(path: string, hint = 'Check the path; a magnet must be quoted in the shell.'): Promise<Uint8Array> {
  try {
    // Without O_NONBLOCK opening a FIFO waits until somebody writes into it, perhaps for ever.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const status = await file.stat()
      if (!status.isFile()) throw new DistroError('TORRENT_INVALID', `${path} is not a file.`, { hint: 'Name the .torrent itself.' })
      if (status.size > METAINFO_MAX_BYTES) {
        throw new DistroError('LIMIT_EXCEEDED', `${path} is larger than 10 MB and cannot be a .torrent.`, {
          hint: 'Is it the content itself? A .torrent is made with distro create.',
        })
      }
      return await file.readFile()
    } finally {
      await file.close()
    }
  } catch (cause) {
    if (cause instanceof DistroError) throw cause
    if (systemCode(cause) !== 'ENOENT' && systemCode(cause) !== 'ENOTDIR') throw diskError(cause, 'read', path)
    throw new DistroError('INPUT_MISSING', `There is no file ${path}.`, { hint, cause })
  }
}
