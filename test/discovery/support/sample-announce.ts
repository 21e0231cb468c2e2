import type { TrackerAnnounce } from '../../../src/discovery/tracker-announce.ts'
import { idOf } from './krpc-sample.ts'

/** What a fetch tells a tracker at its start. */
export const sampleAnnounce: TrackerAnnounce = {
  infoHash: Uint8Array.from({ length: 20 }, (_, index) => index * 13),
  peerId: idOf(0x2d),
  listenPort: 6_881,
  uploadedBytes: 1,
  downloadedBytes: 2,
  bytesLeft: 3_000_000_000,
  event: 'started',
  peersWanted: 80,
  key: 0xfedcba98,
}
