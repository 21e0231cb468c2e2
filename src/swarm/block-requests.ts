import type { ActivePiece } from './active-pieces.ts'
import type { BlockSource } from './block-source.ts'

/** Asks `source` for a block that nobody is asked for. */
export function askForBlock(source: BlockSource, active: ActivePiece, block: number, nowMs: number): void {
  active.ask(block, source.number)
  source.requests.push(active.piece, block, nowMs)
  source.silence.onAsk(nowMs)
  source.request(active.piece, active.begin(block), active.bytes(block))
}

/** Whoever is asked for the block need not send it any more; returns who that was. */
export function cancelBlock(
  sources: ReadonlyMap<number, BlockSource>,
  active: ActivePiece,
  block: number,
  nowMs: number,
): BlockSource | undefined {
  const holder = sources.get(active.asked[block] as number)
  active.unask(block)
  if (holder === undefined || holder.requests.take(active.piece, block) < 0) return undefined
  holder.owedBlocks++
  if (holder.requests.size === 0) holder.silence.onPause(nowMs)
  holder.cancel(active.piece, active.begin(block), active.bytes(block))
  return holder
}

/** Nobody is asked for any block of `active` any more. */
export function cancelPiece(sources: ReadonlyMap<number, BlockSource>, active: ActivePiece, nowMs: number): void {
  for (let block = 0; block < active.blockCount; block++) if (active.asked[block] !== 0) cancelBlock(sources, active, block, nowMs)
}
