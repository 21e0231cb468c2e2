import { equalBytes } from '../base/bytes.ts'
import { DistroError } from '../base/errors.ts'
import type { InfoDictionary } from '../torrent/info.ts'
import { decodeInfoDictionary } from '../torrent/info-dictionary.ts'
import type { FetchWatch } from './fetch-watch.ts'
import type { Participation } from './participation.ts'
import { unlessAborted } from './waiting.ts'

/**
 * Waits until a peer has sent the info dictionary (BEP 9). If it says that the torrent is private, public sources are left at once.
 * `infoHashV2` is what the magnet says of v2, if anything. Throws what `watch` gives up with, TORRENT_INVALID and the like, MAGNET_INVALID
 * for a magnet of two torrents, or the signal's reason.
 */
export async function askPeers(
  participation: Participation,
  watch: FetchWatch,
  signal: AbortSignal,
  infoHashV2: Uint8Array | undefined,
): Promise<InfoDictionary> {
  const received = new Promise<Uint8Array>((resolve) => participation.swarm.events.on('metadata', resolve))
  const content = decodeInfoDictionary(await unlessAborted(Promise.race([received, watch.hopeless]), signal))
  if (infoHashV2 !== undefined && (content.v2 === undefined || !equalBytes(content.v2.infoHash, infoHashV2))) {
    throw new DistroError('MAGNET_INVALID', 'The magnet names two torrents: its v1 and its v2 info-hash do not belong together.', {
      hint: 'Ask whoever gave it to you, or leave out one of the two (xt).',
    })
  }
  if (content.info.isPrivate) await participation.leavePublic()
  return content
}
