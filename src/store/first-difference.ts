import { diskErrorFromCode } from './disk-error.ts'
import type { FilePair } from './file-jobs.ts'
import type { HashPool } from './hash-pool.ts'
import { inBatches } from './in-batches.ts'

/** The index of the first pair of files that do not hold the same bytes; undefined if all do. Throws DISK_FAILED for one that cannot be read. */
export async function firstDifference(pairs: readonly FilePair[], pool: HashPool): Promise<number | undefined> {
  let found = pairs.length
  await inBatches(pairs, { pool }, async (batch, first) => {
    if (first > found) return
    const { difference, fault } = await pool.perform({ kind: 'compare', pairs: batch })
    if (fault !== undefined) throw diskErrorFromCode(fault.systemCode, 'compare', batch[fault.index]?.join(' with ') ?? '')
    if (difference !== undefined) found = Math.min(found, first + difference)
  })
  return found < pairs.length ? found : undefined
}
