import { equalBytes } from '../base/bytes.ts'
import type { TorrentInfo } from '../torrent/info.ts'
import type { MerkleTrees } from '../torrent/merkle-trees.ts'
import type { PieceGeometry } from '../torrent/piece-geometry.ts'
import type { FileDigests } from './digest-pieces.ts'
import type { ExpectedDigest } from './hash-jobs.ts'
import { SHA1_BYTES } from './sha1-bytes.ts'

/**
 * What the pieces of a torrent must hash to: what their merkle trees say (BEP 52), and where those say nothing the SHA-1 digests of v1.
 * A piece of which neither is known is never right.
 */
export class ExpectedDigests {
  readonly #info: Pick<TorrentInfo, 'pieceHashes' | 'isAligned'>
  readonly #geometry: PieceGeometry
  readonly #trees: MerkleTrees | undefined

  /** Without `trees` only v1 is known. */
  constructor(info: Pick<TorrentInfo, 'pieceHashes' | 'isAligned'>, geometry: PieceGeometry, trees: MerkleTrees | undefined) {
    this.#info = info
    this.#geometry = geometry
    this.#trees = trees
  }

  /** Undefined while it is not known. The digest is a copy: what is sent to a worker takes the whole memory under it along. */
  of(piece: number): ExpectedDigest | undefined {
    const merkle = this.#trees?.hashOf(piece)
    if (merkle !== undefined) return { digest: merkle.slice(), leafCount: this.#trees?.leafCountOf(piece) ?? 1, zerosBehindBytes: 0 }
    const digest = this.#info.pieceHashes?.slice(piece * SHA1_BYTES, (piece + 1) * SHA1_BYTES)
    return digest === undefined ? undefined : { digest, leafCount: 0, zerosBehindBytes: this.#zerosBehind(piece) }
  }

  /** How pieces on disk are hashed, so that `isRight` can tell: all in one way. */
  get onDisk(): FileDigests | undefined {
    if (this.#info.isAligned !== true) return undefined
    if (this.#goesByTrees) return { digests: 'merkle' }
    return { digests: 'sha1', zerosBehind: (piece) => this.#zerosBehind(piece) }
  }

  /** True if the digest of `piece`, at `place` among digests that were made as `onDisk` says, is the one that it must have. */
  isRight(piece: number, digests: Uint8Array, place: number): boolean {
    const expected = this.#onDiskOf(piece)
    if (expected === undefined) return false
    return equalBytes(digests.subarray(place * expected.length, (place + 1) * expected.length), expected)
  }

  /** True if what is right for one of two pieces, which are hashed over as many bytes, is right for the other. */
  isSame(piece: number, other: number): boolean {
    const expected = this.#onDiskOf(other)
    return expected !== undefined && this.isRight(piece, expected, 0)
  }

  /** Trees of which something is missing are of use only where there is nothing else. */
  get #goesByTrees(): boolean {
    return this.#trees !== undefined && (this.#trees.isComplete || this.#info.pieceHashes === undefined)
  }

  #onDiskOf(piece: number): Uint8Array | undefined {
    return this.#goesByTrees ? this.#trees?.hashOf(piece) : this.#sha1Of(piece)
  }

  #sha1Of(piece: number): Uint8Array | undefined {
    return this.#info.pieceHashes?.subarray(piece * SHA1_BYTES, (piece + 1) * SHA1_BYTES)
  }

  #zerosBehind(piece: number): number {
    return this.#geometry.paddedBytes(piece) - this.#geometry.pieceBytes(piece)
  }
}
