import { createHash, type Hash } from 'node:crypto'
import { BLOCK_BYTES } from '../base/units.ts'
import { SAMPLE_BYTES, SUM_BYTES, sampleSum } from '../torrent/block-sums.ts'
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
  const { digests, sums } = pieces
  return { kind: 'digested', digests, ...(sums === undefined ? {} : { sums }), faults }
}

/** Cuts spans into pieces and gathers their digests. Whatever is added starts at the start of a block. */
class FilePieceHasher {
  readonly digests: Uint8Array
  readonly sums: Buffer | undefined
  readonly #pieceLengthBytes: number
  readonly #digestBytes: number
  readonly #wantsSha1: boolean
  readonly #wantsMerkle: boolean
  readonly #leaves: Buffer
  #span: PieceSpan = { path: '', position: 0, lengthBytes: 0, stamp: undefined, leafCount: 1, zerosBehindBytes: 0 }
  /** Where the digests of the span, and those of its next piece, begin among all. */
  #spanAt = 0
  #at = 0
  /** The sums of the next block begin here. */
  #sumsAt = 0
  #spanSumsAt = 0
  /** Of the span. */
  #doneBytes = 0
  #sha1: Hash | undefined
  #leafCount = 0

  constructor({ spans, pieceLengthBytes, digests, wantSums }: FileDigestJob) {
    this.#pieceLengthBytes = pieceLengthBytes
    this.#digestBytes = digestBytesOf(digests)
    this.#wantsSha1 = digests !== 'merkle'
    this.#wantsMerkle = digests !== 'sha1'
    const pieceCount = spans.reduce((sum, { lengthBytes }) => sum + Math.ceil(lengthBytes / pieceLengthBytes), 0)
    this.digests = new Uint8Array(pieceCount * this.#digestBytes)
    this.sums = wantSums ? Buffer.alloc(spans.reduce((sum, span) => sum + sumsBytesOf(span), 0)) : undefined
    this.#leaves = Buffer.alloc((pieceLengthBytes / BLOCK_BYTES) * MERKLE_HASH_BYTES)
  }

  begin(span: PieceSpan): void {
    this.#span = span
    this.#spanAt = this.#at
    this.#spanSumsAt = this.#sumsAt
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
      if (this.#wantsMerkle) {
        const first = this.#leafCount
        this.#leafCount += writeLeaves(part, this.#leaves, first)
        if (this.sums !== undefined) this.#addSums(part, first, this.sums)
      }
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
    this.#sumsAt = this.#spanSumsAt + sumsBytesOf(this.#span)
    this.sums?.fill(0, this.#spanSumsAt, this.#sumsAt)
  }

  /** `part` is what the leaves from `first` on are of. */
  #addSums(part: Uint8Array, first: number, sums: Buffer): void {
    for (let leaf = first, start = 0; leaf < this.#leafCount; leaf++, start += BLOCK_BYTES) {
      // What is shorter is no whole block, and its sum is not looked at.
      if (part.length - start >= SAMPLE_BYTES) sums.writeInt32BE(sampleSum(part, start), this.#sumsAt)
      const at = leaf * MERKLE_HASH_BYTES
      sums.set(this.#leaves.subarray(at, at + SUM_BYTES - 4), this.#sumsAt + 4)
      this.#sumsAt += SUM_BYTES
    }
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

function sumsBytesOf({ lengthBytes }: PieceSpan): number {
  return Math.ceil(lengthBytes / BLOCK_BYTES) * SUM_BYTES
}
