import { DistroError } from '../base/errors.ts'
import { PieceGeometry } from '../torrent/piece-geometry.ts'
import { digestPieces } from './digest-pieces.ts'
import { diskErrorFromCode } from './disk-error.ts'
import { ContentLayout } from './file-layout.ts'
import type { HashPool } from './hash-pool.ts'
import { SHA1_BYTES } from './sha1-bytes.ts'
import type { WalkedTree } from './tree-walker.ts'

export interface HashTreeRequest {
  readonly tree: WalkedTree
  readonly pieceLengthBytes: number
  readonly pool: HashPool
  /** Bytes hashed so far, and bytes in all. */
  readonly onProgress?: (bytesDone: number, bytesTotal: number) => void
  readonly signal?: AbortSignal
}

/**
 * The SHA-1 of every piece of a tree, 20 bytes each, in order; hashed by every worker of the pool, each reading files by itself.
 * Throws SOURCE_CHANGED if a file is not what it was when the tree was walked, DISK_FAILED if it cannot be read, INTERNAL if the
 * workers die, or the signal's reason.
 */
export async function hashTree(request: HashTreeRequest): Promise<Uint8Array> {
  const { tree, pieceLengthBytes } = request
  let offsetBytes = 0
  const files = tree.files.map(({ path, lengthBytes }) => {
    const file = { path, lengthBytes, offsetBytes, kind: 'file' as const }
    offsetBytes += lengthBytes
    return file
  })
  const geometry = new PieceGeometry({ pieceLengthBytes, files })
  const layout = new ContentLayout({ files, isSingleFile: tree.isSingleFile }, geometry, tree.root)
  const digests = new Uint8Array(geometry.pieceCount * SHA1_BYTES)
  let bytesDone = 0
  await digestPieces({
    geometry,
    layout,
    pieces: new Array(geometry.pieceCount).keys(),
    stampOf: (file) => tree.files[file]?.stamp,
    pool: request.pool,
    signal: request.signal,
    onDigests(batch): void {
      const fault = batch.faults[0]
      if (fault !== undefined) throw hashingError(layout.pathOf(fault.file), fault.systemCode)
      batch.pieces.forEach((piece, place) => {
        digests.set(batch.digests.subarray(place * SHA1_BYTES, (place + 1) * SHA1_BYTES), piece * SHA1_BYTES)
      })
      bytesDone += batch.bytes
      request.onProgress?.(bytesDone, geometry.totalBytes)
    },
  })
  return digests
}

function hashingError(path: string, systemCode: string): DistroError {
  if (!changeCodes.has(systemCode)) return diskErrorFromCode(systemCode, 'read', path)
  return new DistroError('SOURCE_CHANGED', `${path} changed while it was being hashed.`, {
    hint: 'Wait until nothing writes to it, then run the same command again.',
  })
}

/** A file that ended early, vanished, or became a link or something else is one that changed. */
const changeCodes: ReadonlySet<string> = new Set(['CHANGED', 'SHORT', 'ENOENT', 'ELOOP', 'ENOTDIR', 'ENXIO'])
