import { equalBytes } from '../../base/bytes.ts'
import { DistroError } from '../../base/errors.ts'
import type { InfoDictionary } from '../../torrent/info.ts'
import { decodeInfoDictionary } from '../../torrent/info-dictionary.ts'
import { shortInfoHash } from '../../torrent/info-hash.ts'
import type { FetchWatch } from '../network/fetch-watch.ts'
import type { Participation } from '../network/participation.ts'
import { unlessAborted } from '../waiting.ts'
import type { SoughtTorrent } from './resolve-torrent.ts'

/**
 * Waits until a peer has sent the info dictionary (BEP 9). If it says that the torrent is private, public sources are left at once.
 * Throws what `watch` gives up with, TORRENT_INVALID and the like, MAGNET_INVALID
 * for a magnet of two torrents, or the signal's reason.
 */
export async function askPeers(
  participation: Participation,
  watch: FetchWatch,
  signal: AbortSignal,
  sought: Pick<SoughtTorrent, 'infoHash' | 'infoHashV2'>,
): Promise<InfoDictionary> {
  const received = new Promise<Uint8Array>((resolve) => participation.swarm.events.on('metadata', resolve))
  const content = decodeInfoDictionary(await unlessAborted(Promise.race([received, watch.hopeless]), signal))
  if (!isSought(content, sought)) {
    throw new DistroError('MAGNET_INVALID', 'The magnet names two torrents: its v1 and its v2 info-hash do not belong together.', {
      hint: 'Ask whoever gave it to you, or leave out one of the two (xt).',
    })
  }
  if (content.info.isPrivate) await participation.leavePublic()
  return content
}

/** True if `content` has every info-hash by which it was sought. */
function isSought({ infoHash, v2 }: InfoDictionary, sought: Pick<SoughtTorrent, 'infoHash' | 'infoHashV2'>): boolean {
  if (sought.infoHashV2 !== undefined && (v2 === undefined || !equalBytes(v2.infoHash, sought.infoHashV2))) return false
  return equalBytes(infoHash, sought.infoHash) || (v2 !== undefined && equalBytes(shortInfoHash(v2.infoHash), sought.infoHash))
}
