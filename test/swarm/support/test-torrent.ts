import { createHash } from 'node:crypto'
import { BLOCK_BYTES } from '../../../src/base/units.ts'
import type { PieceLayout } from '../../../src/swarm/piece-layout.ts'
import { SeededRandom } from '../../support/seeded-random.ts'

/** A torrent with random content: its pieces, and an info dictionary that is only as real as the swarm needs, bytes with a SHA-1. */
export class TestTorrent implements PieceLayout {
  readonly blockLengthBytes: number = BLOCK_BYTES
  readonly pieceLengthBytes: number
  readonly pieceCount: number
  readonly content: Uint8Array
  readonly infoBytes: Uint8Array
  readonly infoHash: Uint8Array

  constructor(totalBytes: number, pieceLengthBytes: number, infoByteCount = 1_000) {
    const random = new SeededRandom(totalBytes)
    this.pieceLengthBytes = pieceLengthBytes
    this.pieceCount = Math.ceil(totalBytes / pieceLengthBytes)
    this.content = random.bytes(totalBytes)
    this.infoBytes = random.bytes(infoByteCount)
    this.infoHash = createHash('sha1').update(this.infoBytes).digest()
  }

  pieceBytes(piece: number): number {
    return Math.min(this.pieceLengthBytes, this.content.length - piece * this.pieceLengthBytes)
  }

  bytesOf(piece: number): Uint8Array {
    const start = piece * this.pieceLengthBytes
    return this.content.subarray(start, start + this.pieceBytes(piece))
  }
}
