import { LIMITS } from './limits.ts'
import type { Peer } from './peer.ts'

/** Two peers that both have everything part after this time, in which the last messages reach each other. */
const SEEDS_PART_MS = 5_000

/** And not before a connection has lived so long, in which copies are told of. */
const TELLING_MS = 2_000

/** Ends the connections that nothing comes of, and says something on those that are quiet. `completeMs` is `Infinity` before. */
export function careForConnections(peers: Iterable<Peer>, nowMs: number, completeMs: number): void {
  for (const peer of [...peers]) {
    if (peer.link.queuedBytes === 0) peer.lastTakenMs = nowMs
    const reason = whyPart(peer, nowMs, completeMs)
    if (reason !== undefined) peer.link.close(reason)
    else if (nowMs - peer.lastSentMs > LIMITS.keepAliveMs) peer.link.keepAlive()
  }
}

function whyPart(peer: Peer, nowMs: number, completeMs: number): string | undefined {
  if (nowMs - Math.max(peer.lastSentMs, peer.lastTakenMs) > LIMITS.unreadMs) return 'took nothing that was sent to it'
  if (nowMs - peer.lastHeardMs > LIMITS.idleTimeoutMs) return 'said nothing for too long'
  if (peer.isUploadOnly && nowMs - completeMs > SEEDS_PART_MS && !mayTell(peer, nowMs)) return 'both have everything'
  return undefined
}

/** True if it may tell us of its copy, or wants to hear of those of others. */
function mayTell({ extension, link, connectedMs }: Peer, nowMs: number): boolean {
  if (extension?.gathersCopies === true) return true
  if (!link.peer.supportsExtensions || nowMs - connectedMs > TELLING_MS) return false
  return extension === undefined || extension.extensions.copyHeard !== undefined
}
