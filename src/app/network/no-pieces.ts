import { Bitfield } from '../../base/bitfield.ts'
import { DistroError } from '../../base/errors.ts'
import type { PieceStore } from '../../swarm/piece-store.ts'

/** The store of somebody who looks on: it has no piece and takes none. */
export class NoPieces implements PieceStore {
  readonly verified: Bitfield
  readonly blockMemory: Uint8Array = new Uint8Array(0)

  constructor(pieceCount: number) {
    this.verified = new Bitfield(pieceCount)
  }

  /** Always -1. */
  acquireSlot(): number {
    return -1
  }

  slotOffset(): number {
    return 0
  }

  releaseSlot(): void {}

  commit: PieceStore['commit'] = (_slot, piece, _wantDigests, done) => done({ kind: 'failed', error: nothingHere(piece) })

  read: PieceStore['read'] = (piece, _begin, _bodies, done) => done(nothingHere(piece))
}

function nothingHere(piece: number): DistroError {
  return new DistroError('INTERNAL', `Piece ${piece} was asked of somebody who looks on.`)
}
