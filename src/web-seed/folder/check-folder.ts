import type { Clock } from '../../base/clock.ts'
import { DistroError } from '../../base/errors.ts'
import { quoteName } from '../../torrent/quote-name.ts'
import { FolderDisk } from './folder-disk.ts'

/**
 * Throws INPUT_MISSING where there is nothing at `path`, which is absolute. Says nothing of a mount that does not answer within 2 s: whoever
 * reads it tells of that, and may be served by others meanwhile.
 */
export async function checkFolder(path: string, clock: Clock, disk: FolderDisk = new FolderDisk(clock)): Promise<void> {
  const timer = clock.after(LOOK_MS, () => disk.giveUp())
  const answer = await disk.call({ kind: 'look', path })
  timer.cancel()
  disk.close()
  if (answer.kind !== 'failed' || (answer.code !== 'ENOENT' && answer.code !== 'ENOTDIR')) return
  throw new DistroError('INPUT_MISSING', `The web seed ${quoteName(path)} is not there.`, {
    hint: 'Name a folder that holds the content, or is it; is its disk mounted?',
  })
}

const LOOK_MS = 2_000
