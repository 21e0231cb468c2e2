import { BLOCK_BYTES } from '../base/units.ts'
import { type ActivePiece, BlockState } from './active-pieces.ts'
import type { Peer } from './peer.ts'

/** Peers asked for one block at the same time, at most. */
const ASKED_AT_MOST = 3
/** Outside the endgame a block is taken from a peer only if this one would deliver it so many times sooner. */
const STEAL_RATIO = 4
const STEAL_MINIMUM_SECONDS = 1

/**
 * A block that somebody else was asked for and that `peer`, which has nothing else to do, should be asked for as well.
 * In the endgame, when every piece has been begun, any block qualifies, the one expected last first. Before that only blocks that
 * a much slower peer holds up, because they keep a piece and its slot from being finished. Whoever comes second is sent a cancel.
 */
export function blockToSteal(
  peer: Peer,
  pieces: Iterable<ActivePiece>,
  peers: ReadonlyMap<number, Peer>,
  isEndgame: boolean,
  nowMs: number,
): { active: ActivePiece; block: number } | undefined {
  const ownSeconds = secondsUntil(peer, peer.requests.size + 1, nowMs)
  let best: { active: ActivePiece; block: number } | undefined
  let longestSeconds = 0
  for (const active of pieces) {
    if (peer.pieces?.has(active.piece) !== true) continue
    if (active.onlyFrom !== undefined && active.onlyFrom !== peer) continue
    for (let block = 0; block < active.blockCount; block++) {
      if (active.states[block] !== BlockState.requested || (active.askedPeers[block] as number) >= ASKED_AT_MOST) continue
      const holder = peers.get(active.senders[block] as number)
      if (holder === undefined || holder === peer) continue
      const position = holder.requests.positionOf(active.piece, block)
      const seconds = secondsUntil(holder, position + 1, nowMs)
      const isWorthIt = isEndgame ? seconds > ownSeconds : seconds > STEAL_RATIO * ownSeconds && seconds > STEAL_MINIMUM_SECONDS
      // Whoever was asked last may have left or turned it down: `peer` may be the one of whom it is still asked.
      if (isWorthIt && seconds > longestSeconds && peer.requests.positionOf(active.piece, block) < 0) {
        longestSeconds = seconds
        best = { active, block }
      }
    }
  }
  return best
}

/** How long `peer` needs for its next `blocks` blocks, by its measured rate; one that is silent for longer than that is late already. */
function secondsUntil(peer: Peer, blocks: number, nowMs: number): number {
  const bytesPerSecond = Math.max(peer.downMeter.bytesPerSecond(), 1_000)
  const silentSeconds = (nowMs - Math.max(peer.lastUsefulMs, Math.min(peer.requests.oldestMs, nowMs))) / 1_000
  return (blocks * BLOCK_BYTES) / bytesPerSecond + silentSeconds
}
