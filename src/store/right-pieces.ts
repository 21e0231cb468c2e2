import { Bitfield } from '../base/bitfield.ts'
import { type DigestRequest, digestPieces } from './digest-pieces.ts'
import type { ExpectedDigests } from './expected-digests.ts'

export interface RightPiecesRequest extends Omit<DigestRequest, 'onDigests' | 'pieces' | 'byFile'> {
  readonly expected: ExpectedDigests
  /** In ascending order. */
  readonly pieces: readonly number[]
  /** For some of them others that are made of the same bytes, and are looked at with them. */
  readonly twins?: ReadonlyMap<number, readonly number[]> | undefined
  readonly onProgress?: ((bytesDone: number, bytesTotal: number) => void) | undefined
}

/** Those of `pieces`, and of their twins, that are on disk with the right hash. */
export async function rightPieces(request: RightPiecesRequest): Promise<Bitfield> {
  const { expected, geometry, pieces, twins, onProgress } = request
  const right = new Bitfield(geometry.pieceCount)
  const bytesTotal = pieces.reduce((sum, piece) => sum + geometry.pieceBytes(piece), 0)
  let bytesDone = 0
  await digestPieces({
    ...request,
    byFile: expected.onDisk,
    onDigests(batch): void {
      batch.pieces.forEach((piece, place) => {
        if (expected.isRight(piece, batch.digests, place)) right.add(piece)
        for (const twin of twins?.get(piece) ?? []) if (expected.isRight(twin, batch.digests, place)) right.add(twin)
      })
      bytesDone += batch.bytes
      onProgress?.(bytesDone, bytesTotal)
    },
  })
  return right
}

/** The indexes in a set of pieces, in ascending order. */
export function piecesIn(pieces: Bitfield): number[] {
  const indexes: number[] = []
  for (let piece = 0; piece < pieces.length; piece++) if (pieces.has(piece)) indexes.push(piece)
  return indexes
}
