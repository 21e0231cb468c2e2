import type { SwarmIdentity } from '../network/swarm-identity.ts'
import type { SoughtTorrent } from '../resolve/resolve-torrent.ts'
import type { FetchRequest } from './fetch-request.ts'

/** What a fetch knows of the torrent before it joins the swarm, and what it is there for. */
export function fetchIdentity(request: FetchRequest, sought: SoughtTorrent): SwarmIdentity {
  const { keepSeeding, seedForMs, webSeedMode, webSeedDelayMs, hostName } = request
  const { infoHash, infoHashV2, trackers, peers, content } = sought
  return {
    infoHash,
    infoHashV2,
    isPrivate: content?.info.isPrivate ?? false,
    trackers,
    magnetPeers: peers,
    bytesLeft: content?.info.totalBytes,
    isBrief: !keepSeeding && seedForMs === undefined,
    copies: 'told',
    hostName,
    webSeeds: { mode: webSeedMode, delayMs: webSeedDelayMs },
  }
}
