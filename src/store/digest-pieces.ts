import { BLOCK_BYTES, MiB } from '../base/units.ts'
import type { PieceGeometry } from '../torrent/piece-geometry.ts'
import { type FileLayout, PADDING } from './file-layout.ts'
import type { FileStamp } from './file-stamp.ts'
import type { DigestJob, DigestKind, DigestReply, FileDigestJob, PieceSpan } from './hash-jobs.ts'
import type { HashPool, LostReply } from './hash-pool.ts'

/** Content on disk that is to be hashed. */
export interface DigestRequest {
  readonly geometry: PieceGeometry
  readonly layout: FileLayout
  /** Which pieces, in ascending order. */
  readonly pieces: Iterable<number>
  /** How the pieces are hashed where every file starts a new one and the geometry has gaps; when not given they are pieces of v1. */
  readonly byFile?: FileDigests | undefined
  /** What each file must be before and after it is read; when not given any state will do. */
  readonly stampOf?: (file: number) => FileStamp | undefined
  readonly pool: HashPool
  readonly signal?: AbortSignal | undefined
  /** Called for each group of pieces as it is done, in any order. */
  onDigests(batch: DigestedPieces): void
}

/** What is wanted of content in which every file starts a piece: v2, and both halves of a hybrid (BEP 52). */
export interface FileDigests {
  readonly digests: DigestKind
  /** The sums of the blocks too. */
  readonly wantSums?: boolean
  /** How many zeros follow the content of `piece` in what its SHA-1 is of: the padding of a hybrid; none when not given. */
  zerosBehind?(piece: number): number
}

/** Pieces that were hashed together. */
export interface DigestedPieces {
  readonly pieces: readonly number[]
  /** 20 bytes a piece, or as many as its `DigestKind` says, in the order of `pieces`; zeros for those that could not be read. */
  readonly digests: Uint8Array
  /** `SUM_BYTES` for every block of the pieces, where they were asked for. */
  readonly sums?: Uint8Array | undefined
  readonly bytes: number
  /** Files that could not be read, and the system's word for why; CHANGED and SHORT as in `ReadFault`. */
  readonly faults: readonly { readonly file: number; readonly systemCode: string }[]
}

/** Enough work that the messages do not count, little enough that all workers end together. */
const JOB_BYTES = 16 * MiB
const JOB_SPANS = 1_024
/** Jobs given to each worker ahead of time, so that none waits for the main thread. */
const JOBS_AHEAD = 2

/**
 * Hashes pieces on disk with every worker of the pool. Jobs are runs of neighbouring pieces, taken from one list as workers
 * become free: the disk is read nearly in order, and a slow worker never holds up the others. Rejects with the signal's reason
 * once the jobs under way are done, and with INTERNAL if the workers die.
 */
export function digestPieces(request: DigestRequest): Promise<void> {
  const { pool, signal } = request
  return new Promise((resolve, reject) => {
    const jobs = cutIntoJobs(request)
    let running = 0
    let failure: { readonly reason: unknown } | undefined
    let isCutting = true
    const onReply = (job: PieceJob, reply: DigestReply | LostReply): void => {
      running--
      if (reply.kind === 'lost') failure ??= { reason: reply.error }
      else if (failure === undefined) failure = attempt(() => request.onDigests(digestedPieces(job, reply)))
      next()
    }
    const next = (): void => {
      if (signal?.aborted) failure ??= { reason: signal.reason }
      while (isCutting && failure === undefined && running < pool.size * JOBS_AHEAD) {
        const cut = jobs.next()
        isCutting = cut.done !== true
        if (cut.done === true) break
        const job = cut.value
        running++
        pool.digest(hashJob(request, job), (reply) => onReply(job, reply))
      }
      if (running > 0) return
      if (failure !== undefined) reject(failure.reason)
      else if (!isCutting) resolve()
    }
    next()
  })
}

interface PieceJob {
  readonly pieces: number[]
  readonly spans: PieceSpan[]
  readonly files: number[]
  bytes: number
}

function* cutIntoJobs(request: DigestRequest): Generator<PieceJob, undefined> {
  const { geometry, layout, stampOf } = request
  const jobBytes = Math.min(JOB_BYTES, Math.ceil(geometry.totalBytes / (request.pool.size * 4)))
  let job: PieceJob = { pieces: [], spans: [], files: [], bytes: 0 }
  for (const piece of request.pieces) {
    const pieceBytes = geometry.pieceBytes(piece)
    const wanted = wantedOf(request, piece)
    job.pieces.push(piece)
    job.bytes += pieceBytes
    for (const span of layout.spans(piece, 0, pieceBytes)) {
      const last = job.spans.at(-1)
      if (last !== undefined && job.files.at(-1) === span.file && last.position + last.lengthBytes === span.position) {
        job.spans[job.spans.length - 1] = { ...last, ...wanted, lengthBytes: last.lengthBytes + span.lengthBytes }
        continue
      }
      const isPadding = span.file === PADDING
      job.files.push(span.file)
      job.spans.push({
        path: isPadding ? '' : layout.pathOf(span.file),
        position: span.position,
        lengthBytes: span.lengthBytes,
        stamp: isPadding ? undefined : stampOf?.(span.file),
        ...wanted,
      })
    }
    if (job.bytes >= jobBytes || job.spans.length >= JOB_SPANS) {
      yield job
      job = { pieces: [], spans: [], files: [], bytes: 0 }
    }
  }
  if (job.pieces.length > 0) yield job
  return undefined
}

type Wanted = Pick<PieceSpan, 'leafCount' | 'zerosBehindBytes'>

const NOTHING_MORE: Wanted = { leafCount: 0, zerosBehindBytes: 0 }

/** A file of one piece has its own root as the hash of it, in a tree no larger than it takes; a larger one has trees of whole pieces (BEP 52). */
function wantedOf({ geometry, byFile }: DigestRequest, piece: number): Wanted {
  if (byFile === undefined) return NOTHING_MORE
  const file = geometry.fileOf(piece)
  const { first, end } = geometry.filePieces(file)
  const bytes = end - first > 1 ? geometry.pieceLengthBytes : geometry.pieceBytes(piece)
  const leafCount = 2 ** Math.ceil(Math.log2(Math.ceil(bytes / BLOCK_BYTES)))
  return { leafCount, zerosBehindBytes: byFile.zerosBehind?.(piece) ?? 0 }
}

function hashJob({ geometry, byFile }: DigestRequest, { spans }: PieceJob): DigestJob | FileDigestJob {
  const { pieceLengthBytes } = geometry
  if (byFile === undefined) return { kind: 'digest', pieceLengthBytes, spans }
  return { kind: 'digest-files', pieceLengthBytes, digests: byFile.digests, wantSums: byFile.wantSums === true, spans }
}

function digestedPieces(job: PieceJob, reply: DigestReply): DigestedPieces {
  const faults = reply.faults.map(({ span, systemCode }) => ({ file: job.files[span] as number, systemCode }))
  return { pieces: job.pieces, digests: reply.digests, sums: reply.sums, bytes: job.bytes, faults }
}

function attempt(run: () => void): { readonly reason: unknown } | undefined {
  try {
    run()
    return undefined
  } catch (reason) {
    return { reason }
  }
}
