import { createHash, type Hash } from 'node:crypto'
import { BLOCK_BYTES } from '../base/units.ts'
import { MERKLE_HASH_BYTES, raiseLayer, writeLeaves } from '../torrent/merkle-tree.ts'
import { addZeros } from './add-zeros.ts'
import type { DigestKind, DigestReply, FileDigestJob, PieceSpan, ReadFault } from './hash-jobs.ts'
import { readSpan } from './read-span.ts'
import { SHA1_BYTES } from './sha1-bytes.ts'

/** How many bytes `digests` take for a piece. */
export function digestBytesOf(digests: DigestKind): number {
  return (digests === 'merkle' ? 0 : SHA1_BYTES) + (digests === 'sha1' ? 0 : MERKLE_HASH_BYTES)
}

/** Does a `FileDigestJob`: blocks its thread while it reads and hashes, so it runs in a worker. Every byte is read once. */
export function digestFiles(job: FileDigestJob): DigestReply {
  const pieces = new FilePieceHasher(job)
  const faults: ReadFault[] = []
  job.spans.forEach((span, index) => {
    pieces.begin(span)
    const fault = readSpan(span, (bytes) => pieces.add(bytes))
    if (fault === undefined) return
    faults.push({ span: index, systemCode: fault })
    pieces.spoil()
  })
  return { kind: 'digested', digests: pieces.digests, faults }
}

/** Cuts spans into pieces and gathers their digests. Whatever is added starts at the start of a block. */
class FilePieceHasher {
  readonly digests: Uint8Array
  readonly #pieceLengthBytes: number
  readonly #digestBytes: number
  readonly #wantsSha1: boolean
  readonly #wantsMerkle: boolean
  readonly #leaves: Buffer
  #span: PieceSpan = { path: '', position: 0, lengthBytes: 0, stamp: undefined, leafCount: 1, zerosBehindBytes: 0 }
  /** Where the digests of the span, and those of its next piece, begin among all. */
  #spanAt = 0
  #at = 0
  /** Of the span. */
  #doneBytes = 0
  #sha1: Hash | undefined
  #leafCount = 0

  constructor({ spans, pieceLengthBytes, digests }: FileDigestJob) {
    this.#pieceLengthBytes = pieceLengthBytes
    this.#digestBytes = digestBytesOf(digests)
    this.#wantsSha1 = digests !== 'merkle'
    this.#wantsMerkle = digests !== 'sha1'
    const pieceCount = spans.reduce((sum, { lengthBytes }) => sum + Math.ceil(lengthBytes / pieceLengthBytes), 0)
    this.digests = new Uint8Array(pieceCount * this.#digestBytes)
    this.#leaves = Buffer.alloc((pieceLengthBytes / BLOCK_BYTES) * MERKLE_HASH_BYTES)
  }

  begin(span: PieceSpan): void {
    this.#span = span
    this.#spanAt = this.#at
    this.#doneBytes = 0
  }

  add(bytes: Uint8Array): void {
    for (let used = 0; used < bytes.length; ) {
      const roomBytes = this.#pieceLengthBytes - (this.#doneBytes % this.#pieceLengthBytes)
      const part = bytes.subarray(used, used + roomBytes)
      if (this.#wantsSha1) {
        this.#sha1 ??= createHash('sha1')
        this.#sha1.update(part)
      }
      if (this.#wantsMerkle) this.#leafCount += writeLeaves(part, this.#leaves, this.#leafCount)
      used += part.length
      this.#doneBytes += part.length
      if (this.#doneBytes % this.#pieceLengthBytes === 0 || this.#doneBytes === this.#span.lengthBytes) this.#endPiece()
    }
  }

  /** None of the pieces of the span gets a digest. */
  spoil(): void {
    this.#sha1 = undefined
    this.#leafCount = 0
    this.#at = this.#spanAt + Math.ceil(this.#span.lengthBytes / this.#pieceLengthBytes) * this.#digestBytes
    this.digests.fill(0, this.#spanAt, this.#at)
  }

  #endPiece(): void {
    if (this.#sha1 !== undefined) {
      if (this.#doneBytes === this.#span.lengthBytes) addZeros(this.#sha1, this.#span.zerosBehindBytes)
      this.digests.set(this.#sha1.digest(), this.#at)
      this.#sha1 = undefined
    }
    if (this.#wantsMerkle) {
      const leaves = this.#leaves.subarray(0, this.#leafCount * MERKLE_HASH_BYTES)
      const root = raiseLayer(leaves, 0, Math.log2(this.#span.leafCount))
      this.digests.set(root, this.#at + this.#digestBytes - MERKLE_HASH_BYTES)
      this.#leafCount = 0
    }
    this.#at += this.#digestBytes
  }
}
