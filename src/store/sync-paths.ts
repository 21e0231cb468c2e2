import { diskErrorFromCode } from './disk-error.ts'
import type { HashPool } from './hash-pool.ts'
import { inBatches, poolForMany } from './in-batches.ts'
import { inParallel } from './in-parallel.ts'
import { syncPath } from './sync-path.ts'

/** How to sync many paths. */
export interface SyncOptions {
  /** Workers that sync where there are many. */
  readonly pool: HashPool
  /** How many are synced together where there are few. */
  readonly width: number
  /** As in `syncPath`. */
  readonly isDataOnly?: boolean
  /** Called with the index of each path that is on the disk. */
  readonly onSynced?: (index: number) => void
}

/** Does what `syncPath` does with each of `paths`. Rejects with the first failure once those under way have ended. */
export async function syncPaths(paths: readonly string[], { pool, width, isDataOnly = false, onSynced }: SyncOptions): Promise<void> {
  const workers = poolForMany(pool, paths.length)
  if (workers === undefined) {
    return inParallel([...paths.keys()], width, async (index) => {
      await syncPath(paths[index] as string, isDataOnly)
      onSynced?.(index)
    })
  }
  await inBatches(paths, { pool: workers }, async (batch, first) => {
    const { fault } = await workers.perform({ kind: 'sync', paths: batch, isDataOnly })
    if (fault !== undefined) throw diskErrorFromCode(fault.systemCode, 'make durable', batch[fault.index] ?? '')
    for (const place of batch.keys()) onSynced?.(first + place)
  })
}
