import type { Bitfield } from '../base/bitfield.ts'
import type { PieceGeometry } from '../torrent/piece-geometry.ts'
import type { ExpectedDigests } from './expected-digests.ts'
import { piecesIn } from './right-pieces.ts'
import type { Selection } from './selection.ts'
import type { StagedLayout } from './staged-layout.ts'

/** What is to be fetched, what it must hash to, and where it is kept meanwhile. */
export interface FetchPlan {
  readonly geometry: PieceGeometry
  readonly expected: ExpectedDigests
  readonly selection: Selection
  readonly layout: StagedLayout
}

/** Bytes in a set of pieces. */
export function bytesOf(geometry: PieceGeometry, pieces: Bitfield): number {
  return piecesIn(pieces).reduce((sum, piece) => sum + geometry.pieceBytes(piece), 0)
}
