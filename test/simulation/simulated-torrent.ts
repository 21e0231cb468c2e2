import { createHash } from 'node:crypto'
import { BLOCK_BYTES } from '../../src/base/units.ts'
import type { PieceLayout } from '../../src/swarm/piece-layout.ts'
import { SeededRandom } from '../support/seeded-random.ts'

/** A torrent as far as the swarm can tell: lengths, and an info dictionary that is nothing but bytes with the right SHA-1. */
export class SimulatedTorrent implements PieceLayout {
  readonly pieceLengthBytes: number
  readonly blockLengthBytes: number
  readonly totalBytes: number
  readonly pieceCount: number
  readonly infoBytes: Uint8Array
  readonly infoHash: Uint8Array

  /** A block is `scale` times as long as a real one. */
  constructor(totalBytes: number, pieceLengthBytes: number, scale: number, seed: number) {
    this.totalBytes = totalBytes
    this.pieceLengthBytes = pieceLengthBytes
    this.blockLengthBytes = scale * BLOCK_BYTES
    this.pieceCount = Math.ceil(totalBytes / pieceLengthBytes)
    this.infoBytes = new SeededRandom(seed).bytes(200 + 20 * this.pieceCount)
    this.infoHash = createHash('sha1').update(this.infoBytes).digest()
  }

  get usualPieceBytes(): number {
    return this.pieceBytes(0)
  }

  servedBytes(piece: number): number {
    return this.pieceBytes(piece)
  }

  pieceBytes(piece: number): number {
    return Math.min(this.pieceLengthBytes, this.totalBytes - piece * this.pieceLengthBytes)
  }
}
