import type { BlockSource } from './block-source.ts'
import { LIMITS } from './limits.ts'

/** What is done about a peer that is late. */
export interface LateRequests {
  /** Lets others be asked for what was asked of `peer`. */
  releaseRequests(peer: BlockSource): void
  fill(peer: BlockSource): void
}

/** A peer whose connection is to be ended, and why. */
export interface LostPeer {
  readonly peer: BlockSource
  readonly reason: string
}

/** Finds the peers that are late: snubbing ones are asked for little, and those that are of no use at all are returned. */
export function checkTimeOuts(peers: Iterable<BlockSource>, requests: LateRequests, nowMs: number): LostPeer[] {
  const lost: LostPeer[] = []
  for (const peer of peers) {
    if (peer.arriving !== undefined && nowMs - peer.arrivingSinceMs > LIMITS.blockTimeoutMs) {
      lost.push({ peer, reason: 'a block did not end in time' })
    } else if (peer.requests.size > 0 && isLate(peer, nowMs)) {
      peer.onLate()
      requests.releaseRequests(peer)
    }
    if (peer.isSnubbing && peer.silentMs(nowMs) > LIMITS.uselessPeerMs) lost.push({ peer, reason: 'sent nothing useful in 60 s' })
    requests.fill(peer)
  }
  return lost
}

/** Its silence makes it so, whatever others took over meanwhile; one that is snubbing already gets as long for each thing that it is asked. */
function isLate(peer: BlockSource, nowMs: number): boolean {
  const silentMs = peer.isSnubbing ? nowMs - Math.max(peer.requests.oldestMs, peer.lastUsefulMs) : peer.silentMs(nowMs)
  return silentMs > LIMITS.requestTimeoutMs
}
