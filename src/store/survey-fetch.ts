import { realpath } from 'node:fs/promises'
import type { PieceGeometry } from '../torrent/piece-geometry.ts'
import type { FetchStoreOptions } from './fetch-options.ts'
import { bytesOf } from './fetch-plan.ts'
import { bulkWorkers, HashPool } from './hash-pool.ts'
import { lookAround } from './look-around.ts'
import type { FoundBlocks } from './reuse/found-blocks.ts'
import { piecesIn } from './right-pieces.ts'
import { stagingPaths } from './staging.ts'

/** What a fetch would find, if it began now. */
export interface FetchOutlook {
  /** Bytes of wanted pieces that are on this host already, and right as far as can be told. */
  readonly hereBytes: number
  /** Bytes of those that are not, parts of blocks included that the fetch may find. */
  readonly missingBytes: number
  /**
   * The wanted files, by number in torrent order, of which something is missing, each with how many bytes; of those that hold no byte all, where
   * nothing is here yet. Pieces that reach into files that are not wanted have bytes beyond these.
   */
  readonly missingFiles: ReadonlyMap<number, number>
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
    if (seen.inPlace !== undefined) return { hereBytes: selection.wantedBytes, missingBytes: 0, missingFiles: new Map() }
    const { resumed, reusable, moved } = seen
    const missing = piecesIn(selection.wanted).filter((piece) => !resumed.verified.has(piece) && !reusable.pieces.has(piece))
    const movedBytes = missing.reduce((sum, piece) => sum + (moved?.bytesOf(piece) ?? 0), 0)
    const hereBytes = bytesOf(geometry, resumed.verified) + bytesOf(geometry, reusable.pieces) + movedBytes
    const lacking = new Set(missing.filter((piece) => moved?.isWhole(piece) !== true))
    const isMissing = (file: number): boolean =>
      info.files[file]?.lengthBytes === 0 ? hereBytes === 0 : geometry.somePiece(file, (piece) => lacking.has(piece))
    const bytes = missingOfFiles(geometry, missing, moved)
    const missingFiles = new Map(selection.fileIndexes().flatMap((file) => (isMissing(file) ? [[file, bytes.get(file) ?? 0]] : [])))
    return { hereBytes, missingBytes: selection.wantedBytes - hereBytes, missingFiles }
  } finally {
    await pool.close()
  }
}

/** How many bytes of each file are in these pieces and were not found elsewhere. */
function missingOfFiles(geometry: PieceGeometry, missing: readonly number[], moved: FoundBlocks | undefined): ReadonlyMap<number, number> {
  const bytes = new Map<number, number>()
  const add = (offset: number, lengthBytes: number, sign: 1 | -1): void => {
    for (const span of geometry.fileSpans(offset, lengthBytes)) {
      bytes.set(span.fileIndex, (bytes.get(span.fileIndex) ?? 0) + sign * span.lengthBytes)
    }
  }
  for (const piece of missing) {
    const start = geometry.pieceOffset(piece)
    add(start, geometry.pieceBytes(piece), 1)
    for (const run of moved?.runsOf(piece) ?? []) add(start + run.pieceOffset, run.lengthBytes, -1)
  }
  return bytes
}
