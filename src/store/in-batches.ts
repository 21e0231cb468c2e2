import { MiB } from '../base/units.ts'
import type { HashPool } from './hash-pool.ts'
import { inParallel } from './in-parallel.ts'

/** Fewer are not worth the start of workers: that takes as long as some hundreds of ways to another thread and back. */
export const MANY_FILES = 1_024
/** Some milliseconds of work, so that a stopped run ends soon and all workers end together. */
const BATCH_FILES = 128
/** The same where bytes are copied. */
export const BATCH_BYTES: number = 16 * MiB
/** Batches given to each worker ahead of time, so that none waits for the main thread. */
const BATCHES_AHEAD = 2

/** The workers of `pool` if so many files are better worked on there. */
export function poolForMany(pool: HashPool | undefined, count: number): HashPool | undefined {
  return count < MANY_FILES ? undefined : pool
}

/** How batches are made and given out. */
export interface Batching<Item> {
  readonly pool: HashPool
  /** How much of an item is read or written, where that is what takes time. */
  readonly bytesOf?: (item: Item) => number
  readonly signal?: AbortSignal | undefined
}

/**
 * Runs `work` on batches of neighbouring items, as many at a time as keep the workers of the pool busy; `first` is the index of the first
 * of a batch. Rejects with the first failure, or the signal's reason, once those under way have ended.
 */
export async function inBatches<Item>(
  items: readonly Item[],
  { pool, bytesOf, signal }: Batching<Item>,
  work: (batch: readonly Item[], first: number) => Promise<void>,
): Promise<void> {
  await inParallel(batchesOf(items, bytesOf), pool.size * BATCHES_AHEAD, async ({ first, end }) => {
    signal?.throwIfAborted()
    await work(items.slice(first, end), first)
  })
}

function batchesOf<Item>(items: readonly Item[], bytesOf: (item: Item) => number = () => 0): { first: number; end: number }[] {
  const batches: { first: number; end: number }[] = []
  let bytes = 0
  for (const [index, item] of items.entries()) {
    const last = batches.at(-1)
    const itemBytes = bytesOf(item)
    bytes += itemBytes
    if (last !== undefined && bytes <= BATCH_BYTES && index - last.first < BATCH_FILES) last.end = index + 1
    else {
      batches.push({ first: index, end: index + 1 })
      bytes = itemBytes
    }
  }
  return batches
}
