import { createHash, type Hash } from 'node:crypto'
import type { DigestJob, DigestReply, ReadFault } from './hash-jobs.ts'
import { readSpan } from './read-span.ts'
import { SHA1_BYTES } from './sha1-bytes.ts'

/** Does a `DigestJob`: blocks its thread while it reads and hashes, so it runs in a worker. Holds one descriptor at a time. */
export function digestSpans(job: DigestJob): DigestReply {
  const pieces = new PieceHasher(job)
  const faults: ReadFault[] = []
  job.spans.forEach((span, index) => {
    const startsAt = pieces.offset
    const fault = readSpan(span, (bytes) => pieces.add(bytes))
    if (fault === undefined) return
    faults.push({ span: index, systemCode: fault })
    pieces.spoil(startsAt, startsAt + span.lengthBytes)
  })
  return { kind: 'digested', digests: pieces.finish(), faults }
}

/** Cuts a stream of bytes into pieces and gathers their digests. */
class PieceHasher {
  readonly #pieceLengthBytes: number
  readonly #totalBytes: number
  readonly #digests: Uint8Array
  #offset = 0
  #hash: Hash | undefined

  constructor(job: DigestJob) {
    this.#pieceLengthBytes = job.pieceLengthBytes
    this.#totalBytes = job.spans.reduce((sum, span) => sum + span.lengthBytes, 0)
    this.#digests = new Uint8Array(Math.ceil(this.#totalBytes / job.pieceLengthBytes) * SHA1_BYTES)
  }

  /** How many bytes came so far. */
  get offset(): number {
    return this.#offset
  }

  add(bytes: Uint8Array): void {
    for (let used = 0; used < bytes.length; ) {
      const roomBytes = this.#pieceLengthBytes - (this.#offset % this.#pieceLengthBytes)
      const part = bytes.subarray(used, used + roomBytes)
      if (this.#isPieceStart) this.#hash = createHash('sha1')
      this.#hash?.update(part)
      used += part.length
      this.#offset += part.length
      if (this.#isPieceStart || this.#offset === this.#totalBytes) this.#endPiece()
    }
  }

  /** Goes on at `end` without the bytes from `start` on: no piece that they belong to gets a digest. */
  spoil(start: number, end: number): void {
    this.#hash = undefined
    this.#digests.fill(0, this.#pieceAt(start) * SHA1_BYTES, Math.ceil(end / this.#pieceLengthBytes) * SHA1_BYTES)
    this.#offset = end
  }

  finish(): Uint8Array {
    return this.#digests
  }

  get #isPieceStart(): boolean {
    return this.#offset % this.#pieceLengthBytes === 0
  }

  #pieceAt(offset: number): number {
    return Math.floor(offset / this.#pieceLengthBytes)
  }

  #endPiece(): void {
    if (this.#hash !== undefined) this.#digests.set(this.#hash.digest(), this.#pieceAt(this.#offset - 1) * SHA1_BYTES)
    this.#hash = undefined
  }
}
