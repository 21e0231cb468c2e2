import { type ActivePiece, type ActivePieces, BlockState } from './active-pieces.ts'
import type { BlockSource } from './block-source.ts'
import { deliverySeconds } from './delivery-time.ts'

/** A block is taken from a peer only if this one would deliver it so many times sooner, and only if that would be late enough. */
const RATIO = 3
/** What comes sooner than that may be on its way already: a cancel would come too late, and the block would come twice. */
const MINIMUM_SECONDS = 0.8
/** A stranger that is silent for longer than this is tried with a block at a time. */
const TRUST_MS = 1_000

/** A block of a piece that is being gathered. */
export interface StolenBlock {
  readonly active: ActivePiece
  readonly block: number
}

/**
 * A block that was asked of somebody else and that `source`, which has nothing else to do, would deliver much sooner; of all such blocks
 * the one expected last. The caller cancels it there and asks for it here: what stands at the end of a long queue is not on its way
 * yet, so hardly anything comes twice. This levels the load of the swarm's uplinks at any time, and is the endgame when no piece is
 * left to begin. Costs a look at each peer, and at the newest requests of the latest.
 */
export function blockToSteal(
  source: BlockSource,
  pieces: ActivePieces,
  sources: ReadonlyMap<number, BlockSource>,
  blockLengthBytes: number,
  nowMs: number,
): StolenBlock | undefined {
  if (isDoubtful(source, nowMs) && source.requests.size > 0) return undefined
  let found: StolenBlock | undefined
  let latestSeconds = Math.max(MINIMUM_SECONDS, RATIO * deliverySeconds(source, (source.requests.size + 1) * blockLengthBytes, nowMs))
  for (const holder of sources.values()) {
    if (holder === source || holder.isFinishing(nowMs)) continue
    // Blocks come in the order in which they were asked for: the newest request is answered last.
    for (let position = holder.requests.size - 1; position >= 0; position--) {
      const seconds = deliverySeconds(holder, (position + 1) * blockLengthBytes, nowMs)
      if (seconds <= latestSeconds) break
      const active = pieces.get(holder.requests.pieceAt(position))
      const block = holder.requests.blockAt(position)
      if (active === undefined || !isToBeHad(source, active, block)) continue
      latestSeconds = seconds
      found = { active, block }
      break
    }
  }
  return found
}

/** True for a peer that delivered nothing yet and had the time: it may be one of those that claim everything and give nothing. */
function isDoubtful(source: BlockSource, nowMs: number): boolean {
  return source.serviceRate.bytesPerSecond() === undefined && source.silentMs(nowMs) > TRUST_MS
}

function isToBeHad(source: BlockSource, active: ActivePiece, block: number): boolean {
  if (active.onlyFrom !== undefined && active.onlyFrom !== source) return false
  return active.states[block] === BlockState.requested && source.canGive(active.piece) && source.isWorthAsking(active.piece)
}
