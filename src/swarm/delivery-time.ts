import type { BlockSource } from './block-source.ts'

/** What a peer is given credit for until it has delivered something. */
const UNKNOWN_BYTES_PER_SECOND = 1_000_000
/** Slower than this is as slow as this. */
const LEAST_BYTES_PER_SECOND = 1_000

/**
 * How many seconds `source` needs for its next `bytes`, by its measured rate. The time in which it gave nothing of what it was asked for
 * is added: so whoever falls silent loses its credit with time.
 */
export function deliverySeconds(source: BlockSource, bytes: number, nowMs: number): number {
  const bytesPerSecond = Math.max(LEAST_BYTES_PER_SECOND, source.serviceRate.bytesPerSecond() ?? UNKNOWN_BYTES_PER_SECOND)
  return bytes / bytesPerSecond + source.silentMs(nowMs) / 1_000
}
