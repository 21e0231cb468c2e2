import type { ActivePiece } from './active-pieces.ts'
import type { Peer } from './peer.ts'

/** Asks `peer` for a block that nobody is asked for. */
export function askForBlock(peer: Peer, active: ActivePiece, block: number, nowMs: number): void {
  active.ask(block, peer.number)
  peer.requests.push(active.piece, block, nowMs)
  peer.silence.onAsk(nowMs)
  peer.link.request(active.piece, active.begin(block), active.bytes(block))
}

/** Whoever is asked for the block need not send it any more; returns who that was. */
export function cancelBlock(peers: ReadonlyMap<number, Peer>, active: ActivePiece, block: number, nowMs: number): Peer | undefined {
  const holder = peers.get(active.asked[block] as number)
  active.unask(block)
  if (holder === undefined || holder.requests.take(active.piece, block) < 0) return undefined
  holder.owedBlocks++
  if (holder.requests.size === 0) holder.silence.onPause(nowMs)
  holder.link.cancel(active.piece, active.begin(block), active.bytes(block))
  return holder
}

/** Nobody is asked for any block of `active` any more. */
export function cancelPiece(peers: ReadonlyMap<number, Peer>, active: ActivePiece, nowMs: number): void {
  for (let block = 0; block < active.blockCount; block++) if (active.asked[block] !== 0) cancelBlock(peers, active, block, nowMs)
}
