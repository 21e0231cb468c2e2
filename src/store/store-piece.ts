import { createHash } from 'node:crypto'
import { writeSync } from 'node:fs'
import { equalBytes } from '../base/bytes.ts'
import { BLOCK_BYTES } from '../base/units.ts'
import { hashBlocks, MERKLE_HASH_BYTES, raiseLayer } from '../torrent/merkle-tree.ts'
import { addZeros } from './add-zeros.ts'
import { systemCode } from './disk-error.ts'
import type { ExpectedDigest, StoreJob, StoreReply, WriteSpan } from './hash-jobs.ts'
import { SHA1_BYTES } from './sha1-bytes.ts'

/** Does a `StoreJob` over `memory`: blocks its thread while it hashes and writes, so it runs in a worker. */
export function storePiece(memory: Uint8Array, job: StoreJob): StoreReply {
  const piece = memory.subarray(job.offsetBytes, job.offsetBytes + job.lengthBytes)
  const { isRight, blockDigests } = job.expected === undefined ? UNCHECKED : check(piece, job.expected, job.wantDigests)
  if (!isRight) return { kind: 'corrupt', blockDigests: blockDigests ?? new Uint8Array() }
  for (let index = 0; index < job.spans.length; index++) {
    const fault = writeSpan(piece, job.spans[index] as WriteSpan)
    if (fault !== undefined) return { kind: 'failed', systemCode: fault, span: index }
  }
  return { kind: 'stored', blockDigests: job.wantDigests ? blockDigests : undefined }
}

interface Checked {
  readonly isRight: boolean
  /** Always there for a piece that is wrong. */
  readonly blockDigests: Uint8Array | undefined
}

const UNCHECKED: Checked = { isRight: true, blockDigests: undefined }

function check(piece: Uint8Array, expected: ExpectedDigest, wantDigests: boolean): Checked {
  if (expected.digest.length === MERKLE_HASH_BYTES) {
    const leaves = hashBlocks(piece)
    return { isRight: equalBytes(raiseLayer(leaves, 0, Math.log2(expected.leafCount)), expected.digest), blockDigests: leaves }
  }
  const sha1 = createHash('sha1').update(piece)
  addZeros(sha1, expected.zerosBehindBytes)
  const isRight = equalBytes(sha1.digest(), expected.digest)
  return { isRight, blockDigests: isRight && !wantDigests ? undefined : digestBlocks(piece) }
}

function digestBlocks(piece: Uint8Array): Uint8Array {
  const digests = new Uint8Array(Math.ceil(piece.length / BLOCK_BYTES) * SHA1_BYTES)
  for (let begin = 0, at = 0; begin < piece.length; begin += BLOCK_BYTES, at += SHA1_BYTES) {
    digests.set(
      createHash('sha1')
        .update(piece.subarray(begin, begin + BLOCK_BYTES))
        .digest(),
      at,
    )
  }
  return digests
}

/** Writes one run, going on after a short write; a full disk shows itself in the next call. */
function writeSpan(piece: Uint8Array, span: WriteSpan): string | undefined {
  let writtenBytes = 0
  try {
    while (writtenBytes < span.lengthBytes) {
      const count = writeSync(
        span.fd,
        piece,
        span.pieceOffset + writtenBytes,
        span.lengthBytes - writtenBytes,
        span.position + writtenBytes,
      )
      if (count === 0) return 'SHORT'
      writtenBytes += count
    }
    return undefined
  } catch (error) {
    return systemCode(error)
  }
}
