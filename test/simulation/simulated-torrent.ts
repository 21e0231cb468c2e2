import { createHash } from 'node:crypto'
import type { PieceLayout } from '../../src/swarm/piece-layout.ts'
import { SeededRandom } from '../support/seeded-random.ts'

/** A torrent as far as the swarm can tell: lengths, and an info dictionary that is nothing but bytes with the right SHA-1. */
export class SimulatedTorrent implements PieceLayout {
  /** In bytes that the engine sees; each stands for `scale` real ones. */
  readonly pieceLengthBytes: number
  readonly totalBytes: number
  readonly pieceCount: number
  readonly scale: number
  readonly infoBytes: Uint8Array
  readonly infoHash: Uint8Array

  /** `totalBytes` and `pieceLengthBytes` are real ones. */
  constructor(totalBytes: number, pieceLengthBytes: number, scale: number, seed: number) {
    this.scale = scale
    this.totalBytes = Math.ceil(totalBytes / scale)
    this.pieceLengthBytes = pieceLengthBytes / scale
    this.pieceCount = Math.ceil(this.totalBytes / this.pieceLengthBytes)
    this.infoBytes = new SeededRandom(seed).bytes(200 + 20 * this.pieceCount)
    this.infoHash = createHash('sha1').update(this.infoBytes).digest()
  }

  pieceBytes(piece: number): number {
    return Math.min(this.pieceLengthBytes, this.totalBytes - piece * this.pieceLengthBytes)
  }
}
