import { DistroError } from '../base/errors.ts'
import { BLOCK_BYTES } from '../base/units.ts'
import { gatherSums, SUM_BYTES } from '../torrent/block-sums.ts'
import { fileOffsets } from '../torrent/file-offsets.ts'
import { MERKLE_HASH_BYTES, merkleRoot } from '../torrent/merkle-tree.ts'
import { PieceGeometry } from '../torrent/piece-geometry.ts'
import type { TorrentFormat } from '../torrent/torrent-format.ts'
import { digestBytesOf } from './digest-files.ts'
import { type DigestedPieces, type DigestRequest, digestPieces } from './digest-pieces.ts'
import { diskErrorFromCode } from './disk-error.ts'
import { ContentLayout } from './file-layout.ts'
import type { DigestKind } from './hash-jobs.ts'
import type { HashPool } from './hash-pool.ts'
import { SHA1_BYTES } from './sha1-bytes.ts'
import type { WalkedTree } from './tree-walker.ts'

export interface HashTreeRequest {
  /** Its files are in the order that they have in the torrent. */
  readonly tree: Pick<WalkedTree, 'root' | 'isSingleFile' | 'files' | 'totalBytes'>
  readonly pieceLengthBytes: number
  readonly format: TorrentFormat
  /** Sums of blocks of so many bytes are wanted too (`SummedBlocks`); not for v1. */
  readonly sumBlockBytes?: number | undefined
  readonly pool: HashPool
  /** Bytes hashed so far, and bytes in all. */
  readonly onProgress?: (bytesDone: number, bytesTotal: number) => void
  readonly signal?: AbortSignal
}

/** What the torrent of a tree says of its content. */
export interface TreeHashes {
  /** The SHA-1 of every piece, 20 bytes each, in order; undefined for v2. */
  readonly pieceHashes: Uint8Array | undefined
  /** For each file; undefined for v1. */
  readonly merkle: readonly FileMerkle[] | undefined
  /** `SUM_BYTES` for each block, where they were asked for. */
  readonly sums?: Uint8Array
}

/** What the merkle tree of a file comes to (BEP 52). */
export interface FileMerkle {
  /** 32 bytes; undefined for an empty file. */
  readonly piecesRoot: Uint8Array | undefined
  /** The hash of every piece, 32 bytes each; undefined for a file of at most one piece, where it would be the root. */
  readonly pieceLayer: Uint8Array | undefined
}

/**
 * Hashes the pieces of a tree; it takes every worker of the pool, each reading files by itself, and every byte once.
 * Throws SOURCE_CHANGED if a file is not what it was when the tree was walked, DISK_FAILED if it cannot be read, INTERNAL if the
 * workers die, or the signal's reason.
 */
export async function hashTree(request: HashTreeRequest): Promise<TreeHashes> {
  const { tree, pieceLengthBytes, format, sumBlockBytes } = request
  const offsets = fileOffsets(tree.files, pieceLengthBytes, format)
  const files = tree.files.map(({ path, lengthBytes }, index) => ({
    path,
    lengthBytes,
    offsetBytes: offsets[index] as number,
    kind: 'file' as const,
  }))
  const geometry = new PieceGeometry({ pieceLengthBytes, files })
  const layout = new ContentLayout({ files, isSingleFile: tree.isSingleFile }, geometry, tree.root)
  const digests = digestKinds[format]
  const digestBytes = digestBytesOf(digests)
  const all = new Uint8Array(geometry.pieceCount * digestBytes)
  const sums = sumBlockBytes === undefined ? undefined : new PieceSums(geometry)
  let bytesDone = 0
  await digestPieces({
    geometry,
    layout,
    pieces: new Array(geometry.pieceCount).keys(),
    byFile: format === 'v1' ? undefined : fileDigests(digests, sums !== undefined, geometry),
    stampOf: (file) => tree.files[file]?.stamp,
    pool: request.pool,
    signal: request.signal,
    onDigests(batch): void {
      const fault = batch.faults[0]
      if (fault !== undefined) throw hashingError(layout.pathOf(fault.file), fault.systemCode)
      batch.pieces.forEach((piece, place) => {
        all.set(batch.digests.subarray(place * digestBytes, (place + 1) * digestBytes), piece * digestBytes)
      })
      sums?.set(batch)
      bytesDone += batch.bytes
      request.onProgress?.(bytesDone, tree.totalBytes)
    },
  })
  const pieceHashes = format === 'v2' ? undefined : everyPart(all, digestBytes, 0, SHA1_BYTES)
  if (format === 'v1') return { pieceHashes, merkle: undefined }
  const merkle = everyPart(all, digestBytes, digestBytes - MERKLE_HASH_BYTES, MERKLE_HASH_BYTES)
  const fileMerkles = files.map((_, file) => fileMerkle(merkle, geometry, file))
  if (sums === undefined || sumBlockBytes === undefined) return { pieceHashes, merkle: fileMerkles }
  return { pieceHashes, merkle: fileMerkles, sums: gatherSums(sums.all, files, sumBlockBytes) }
}

const digestKinds: Readonly<Record<TorrentFormat, DigestKind>> = { v1: 'sha1', v2: 'merkle', hybrid: 'both' }

/** The padding of a hybrid fills up every piece but the last. */
function fileDigests(digests: DigestKind, wantSums: boolean, geometry: PieceGeometry): DigestRequest['byFile'] {
  const zerosBehind = (piece: number): number =>
    piece === geometry.pieceCount - 1 ? 0 : geometry.pieceLengthBytes - geometry.pieceBytes(piece)
  return { digests, wantSums, zerosBehind }
}

/** The sums of all blocks, file after file, while they come piece by piece. */
class PieceSums {
  readonly all: Uint8Array
  /** Where those of each piece begin. */
  readonly #starts: Uint32Array
  readonly #geometry: PieceGeometry

  constructor(geometry: PieceGeometry) {
    this.#geometry = geometry
    this.#starts = new Uint32Array(geometry.pieceCount)
    let bytes = 0
    for (let piece = 0; piece < geometry.pieceCount; piece++) {
      this.#starts[piece] = bytes
      bytes += geometry.blockCount(piece) * SUM_BYTES
    }
    this.all = new Uint8Array(bytes)
  }

  set({ pieces, sums }: DigestedPieces): void {
    let from = 0
    for (const piece of pieces) {
      const end = from + this.#geometry.blockCount(piece) * SUM_BYTES
      if (sums !== undefined) this.all.set(sums.subarray(from, end), this.#starts[piece])
      from = end
    }
  }
}

/** The `partBytes` that stand `from` the start of each row, one behind the other. */
function everyPart(rows: Uint8Array, rowBytes: number, from: number, partBytes: number): Uint8Array {
  if (rowBytes === partBytes) return rows
  const parts = new Uint8Array((rows.length / rowBytes) * partBytes)
  for (let row = 0; row * rowBytes < rows.length; row++) {
    const start = row * rowBytes + from
    parts.set(rows.subarray(start, start + partBytes), row * partBytes)
  }
  return parts
}

function fileMerkle(merkle: Uint8Array, geometry: PieceGeometry, file: number): FileMerkle {
  const { first, end } = geometry.filePieces(file)
  const layer = merkle.subarray(first * MERKLE_HASH_BYTES, end * MERKLE_HASH_BYTES)
  if (end - first < 2) return { piecesRoot: first === end ? undefined : layer, pieceLayer: undefined }
  return { piecesRoot: merkleRoot(layer, Math.log2(geometry.pieceLengthBytes / BLOCK_BYTES)), pieceLayer: layer }
}

function hashingError(path: string, systemCode: string): DistroError {
  if (!changeCodes.has(systemCode)) return diskErrorFromCode(systemCode, 'read', path)
  return new DistroError('SOURCE_CHANGED', `${path} changed while it was being hashed.`, {
    hint: 'Wait until nothing writes to it, then run the same command again.',
  })
}

/** A file that ended early, vanished, or became a link or something else is one that changed. */
const changeCodes: ReadonlySet<string> = new Set(['CHANGED', 'SHORT', 'ENOENT', 'ELOOP', 'ENOTDIR', 'ENXIO'])
