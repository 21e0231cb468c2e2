import { createHash, type Hash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { KiB } from '../base/units.ts'
import { systemCode } from './disk-error.ts'
import { type FileStamp, isSameStamp, stampOf } from './file-stamp.ts'
import type { DigestJob, DigestReply, ReadFault, ReadSpan } from './hash-jobs.ts'
import { SHA1_BYTES } from './sha1-bytes.ts'

/** Few system calls, and what was just read is still in the cache when it is hashed; measured best from 32 KiB to 1 MiB. */
const READ_BYTES = 512 * KiB

/** Does a `DigestJob`: blocks its thread while it reads and hashes, so it runs in a worker. Holds one descriptor at a time. */
export function digestSpans(job: DigestJob): DigestReply {
  const pieces = new PieceHasher(job)
  const faults: ReadFault[] = []
  job.spans.forEach((span, index) => {
    const startsAt = pieces.offset
    const fault = span.path === '' ? hashZeros(span.lengthBytes, pieces) : hashFile(span, pieces)
    if (fault === undefined) return
    faults.push({ span: index, systemCode: fault })
    pieces.spoil(startsAt, startsAt + span.lengthBytes)
  })
  return { kind: 'digested', digests: pieces.finish(), faults }
}

function hashFile(span: ReadSpan, pieces: PieceHasher): string | undefined {
  let fd = -1
  try {
    // O_NONBLOCK: should a FIFO have taken the file's place, opening it must not wait for a writer.
    fd = openSync(span.path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    const before = checkFile(fd, span.stamp)
    if (before !== undefined) return before
    const short = hashRun(fd, span, pieces)
    if (short !== undefined) return short
    return span.stamp === undefined ? undefined : checkFile(fd, span.stamp)
  } catch (error) {
    return systemCode(error)
  } finally {
    if (fd !== -1) closeSync(fd)
  }
}

function checkFile(fd: number, stamp: FileStamp | undefined): string | undefined {
  const stats = fstatSync(fd, { bigint: true })
  if (!stats.isFile()) return stamp === undefined ? 'EINVAL' : 'CHANGED'
  return stamp === undefined || isSameStamp(stampOf(stats), stamp) ? undefined : 'CHANGED'
}

function hashRun(fd: number, span: ReadSpan, pieces: PieceHasher): string | undefined {
  for (let doneBytes = 0; doneBytes < span.lengthBytes; ) {
    const count = readSync(fd, readBuffer, 0, Math.min(READ_BYTES, span.lengthBytes - doneBytes), span.position + doneBytes)
    if (count === 0) return 'SHORT'
    pieces.add(readBuffer.subarray(0, count))
    doneBytes += count
  }
  return undefined
}

function hashZeros(lengthBytes: number, pieces: PieceHasher): undefined {
  readBuffer.fill(0)
  for (let leftBytes = lengthBytes; leftBytes > 0; leftBytes -= READ_BYTES)
    pieces.add(readBuffer.subarray(0, Math.min(READ_BYTES, leftBytes)))
}

const readBuffer = new Uint8Array(READ_BYTES)

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
