import { decodeInfoDictionary, type InfoDictionary } from '../torrent/info-dictionary.ts'
import type { FetchWatch } from './fetch-watch.ts'
import type { Participation } from './participation.ts'
import { unlessAborted } from './waiting.ts'

/**
 * Waits until a peer has sent the info dictionary (BEP 9). If it says that the torrent is private, public sources are left at once.
 * Throws what `watch` gives up with, TORRENT_INVALID and the like, or the signal's reason.
 */
export async function askPeers(participation: Participation, watch: FetchWatch, signal: AbortSignal): Promise<InfoDictionary> {
  const received = new Promise<Uint8Array>((resolve) => participation.swarm.events.on('metadata', resolve))
  const content = decodeInfoDictionary(await unlessAborted(Promise.race([received, watch.hopeless]), signal))
  if (content.info.isPrivate) await participation.leavePublic()
  return content
}
