import { createHash } from 'node:crypto'
import { BLOCK_BYTES } from '../../../src/base/units.ts'
import type { PieceLayout } from '../../../src/swarm/piece-layout.ts'
import { hashBlocks, merkleRoot, raiseLayer } from '../../../src/torrent/merkle-tree.ts'
import { MerkleTrees } from '../../../src/torrent/merkle-trees.ts'
import { SeededRandom } from '../../support/seeded-random.ts'

/** A torrent with random content: its pieces, and an info dictionary that is only as real as the swarm needs, bytes with a SHA-1. */
export class TestTorrent implements PieceLayout {
  readonly blockLengthBytes: number = BLOCK_BYTES
  readonly pieceLengthBytes: number
  readonly pieceCount: number
  readonly content: Uint8Array
  /** What may be asked for behind the end of the last piece. */
  paddingBytes = 0
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

  /** SHA-256 of the info dictionary. */
  get infoHashV2(): Uint8Array {
    return createHash('sha256').update(this.infoBytes).digest()
  }

  /** The merkle trees (BEP 52) of the content as one file: whole, or with nothing but the root. */
  trees(isWhole = true): MerkleTrees {
    const level = Math.log2(this.pieceLengthBytes / BLOCK_BYTES)
    const layer = raiseLayer(hashBlocks(this.content), 0, level)
    const piecesRoot = merkleRoot(layer, level)
    const file = { path: ['a'], lengthBytes: this.content.length, offsetBytes: 0, piecesRoot }
    const layers = new Map(isWhole ? [[Buffer.from(piecesRoot).toString('latin1'), layer]] : [])
    return new MerkleTrees({ files: [file], pieceLengthBytes: this.pieceLengthBytes }, layers)
  }

  get usualPieceBytes(): number {
    return this.pieceBytes(0)
  }

  servedBytes(piece: number): number {
    return this.pieceBytes(piece) + (piece === this.pieceCount - 1 ? this.paddingBytes : 0)
  }

  pieceBytes(piece: number): number {
    return Math.min(this.pieceLengthBytes, this.content.length - piece * this.pieceLengthBytes)
  }

  bytesOf(piece: number): Uint8Array {
    const start = piece * this.pieceLengthBytes
    return this.content.subarray(start, start + this.pieceBytes(piece))
  }
}
