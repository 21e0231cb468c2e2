import { realpath } from 'node:fs/promises'
import type { FetchStoreOptions } from './fetch-options.ts'
import { bytesOf } from './fetch-plan.ts'
import { bulkWorkers, HashPool } from './hash-pool.ts'
import { lookAround } from './look-around.ts'
import { piecesIn } from './right-pieces.ts'
import { stagingPaths } from './staging.ts'

/** What a fetch would find, if it began now. */
export interface FetchOutlook {
  /** Bytes of wanted pieces that are on this host already, and right as far as can be told. */
  readonly hereBytes: number
  /** Bytes of those that are not, parts of blocks included that the fetch may find. */
  readonly missingBytes: number
  /** The wanted files, by number, of which something is missing; of those that hold no byte all, where nothing is here yet. */
  readonly missingFiles: readonly number[]
}

/** Looks at everything that `startFetch` looks at, and writes nothing. Throws TARGET_DIFFERS, PATH_REFUSED, DISK_FAILED, or the signal's reason. */
export async function surveyFetch(options: FetchStoreOptions): Promise<FetchOutlook> {
  const { info, infoHash, outDir } = options
  const realOutDir = await realpath(outDir).catch(() => outDir)
  const paths = stagingPaths(realOutDir, { name: options.targetName ?? info.name }, infoHash)
  const pool = new HashPool({ clock: options.clock, workers: bulkWorkers() })
  try {
    const seen = await lookAround(options, paths, pool)
    const { geometry, selection } = seen.plan
    if (seen.inPlace !== undefined) return { hereBytes: selection.wantedBytes, missingBytes: 0, missingFiles: [] }
    const { resumed, reusable, moved } = seen
    const missing = piecesIn(selection.wanted).filter((piece) => !resumed.verified.has(piece) && !reusable.pieces.has(piece))
    const movedBytes = missing.reduce((sum, piece) => sum + (moved?.bytesOf(piece) ?? 0), 0)
    const hereBytes = bytesOf(geometry, resumed.verified) + bytesOf(geometry, reusable.pieces) + movedBytes
    const lacking = new Set(missing.filter((piece) => moved?.isWhole(piece) !== true))
    const isMissing = (file: number): boolean =>
      info.files[file]?.lengthBytes === 0 ? hereBytes === 0 : geometry.somePiece(file, (piece) => lacking.has(piece))
    return { hereBytes, missingBytes: selection.wantedBytes - hereBytes, missingFiles: selection.fileIndexes().filter(isMissing) }
  } finally {
    await pool.close()
  }
}
