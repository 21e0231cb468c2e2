import { Bitfield } from '../base/bitfield.ts'
import { equalBytes } from '../base/bytes.ts'
import type { TorrentInfo } from '../torrent/info.ts'
import { type DigestRequest, digestPieces } from './digest-pieces.ts'
import { SHA1_BYTES } from './sha1-bytes.ts'

export interface RightPiecesRequest extends Omit<DigestRequest, 'onDigests' | 'pieces'> {
  readonly info: Pick<TorrentInfo, 'pieceHashes'>
  /** In ascending order. */
  readonly pieces: readonly number[]
  readonly onProgress?: ((bytesDone: number, bytesTotal: number) => void) | undefined
}

/** Those of `pieces` that are on disk with the right hash. */
export async function rightPieces(request: RightPiecesRequest): Promise<Bitfield> {
  const { info, geometry, pieces, onProgress } = request
  const right = new Bitfield(geometry.pieceCount)
  const bytesTotal = pieces.reduce((sum, piece) => sum + geometry.pieceBytes(piece), 0)
  let bytesDone = 0
  await digestPieces({
    ...request,
    onDigests(batch): void {
      batch.pieces.forEach((piece, place) => {
        if (isRightPiece(info, piece, batch.digests, place)) right.add(piece)
      })
      bytesDone += batch.bytes
      onProgress?.(bytesDone, bytesTotal)
    },
  })
  return right
}

/** True if the digest at `place` is the one that the torrent gives for `piece`. */
export function isRightPiece(info: Pick<TorrentInfo, 'pieceHashes'>, piece: number, digests: Uint8Array, place: number): boolean {
  const expected = info.pieceHashes?.subarray(piece * SHA1_BYTES, (piece + 1) * SHA1_BYTES)
  return expected !== undefined && equalBytes(digests.subarray(place * SHA1_BYTES, (place + 1) * SHA1_BYTES), expected)
}

/** The indexes in a set of pieces, in ascending order. */
export function piecesIn(pieces: Bitfield): number[] {
  const indexes: number[] = []
  for (let piece = 0; piece < pieces.length; piece++) if (pieces.has(piece)) indexes.push(piece)
  return indexes
}
