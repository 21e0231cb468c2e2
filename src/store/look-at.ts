import { lstat } from 'node:fs/promises'
import type { HashPool } from './hash-pool.ts'
import { inBatches, poolForMany } from './in-batches.ts'
import { inParallel } from './in-parallel.ts'
import { Looks } from './look.ts'

/** Paths looked at together from here: more than libuv has threads for would only queue. */
export const STATS_AT_ONCE = 8

/** How to look at many paths. */
export interface LookOptions {
  /** Workers that look where there are many; without them all are looked at from here. */
  readonly pool?: HashPool | undefined
  readonly signal?: AbortSignal | undefined
}

/** What is at each of `paths`. Rejects with the signal's reason. */
export async function lookAt(paths: readonly string[], options: LookOptions = {}): Promise<Looks> {
  const { signal } = options
  const pool = poolForMany(options.pool, paths.length)
  const looks = new Looks(paths.length)
  const lookFromHere = async (index: number): Promise<void> => {
    signal?.throwIfAborted()
    const stats = await lstat(paths[index] as string, { bigint: true }).catch(() => undefined)
    if (stats !== undefined) looks.set(index, stats)
  }
  if (pool === undefined) await inParallel([...paths.keys()], STATS_AT_ONCE, lookFromHere)
  else {
    await inBatches(paths, { pool, signal }, async (batch, first) => {
      looks.setPacked(first, (await pool.perform({ kind: 'look', paths: batch })).looks)
    })
  }
  return looks
}
