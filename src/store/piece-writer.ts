import type { DistroError } from '../base/errors.ts'
import { diskErrorFromCode } from './disk-error.ts'
import { type FileLayout, PADDING, type StoredSpan } from './file-layout.ts'
import type { ExpectedDigest, StoreReply } from './hash-jobs.ts'
import type { HashPool, LostReply } from './hash-pool.ts'
import { FILES_AT_ONCE, type OpenFiles } from './open-files.ts'

/** A finished piece in the shared memory, and what it should be. */
export interface FinishedPiece {
  readonly piece: number
  readonly offsetBytes: number
  readonly lengthBytes: number
  readonly expected: ExpectedDigest
  readonly wantDigests: boolean
}

/** How the writing of a piece ended. */
export type WriteResult =
  | { readonly kind: 'stored'; readonly blockDigests: Uint8Array | undefined }
  | { readonly kind: 'corrupt'; readonly blockDigests: Uint8Array }
  | { readonly kind: 'failed'; readonly error: DistroError }

/** Hashes finished pieces and writes the right ones, in workers; the main thread only opens files. */
export class PieceWriter {
  readonly #layout: FileLayout
  readonly #files: OpenFiles
  readonly #pool: HashPool

  constructor(layout: FileLayout, files: OpenFiles, pool: HashPool) {
    this.#layout = layout
    this.#files = files
    this.#pool = pool
  }

  /** Calls `done` once, when the piece is written, found corrupt, or cannot be written. */
  write(finished: FinishedPiece, done: (result: WriteResult) => void): void {
    const spans = this.#layout.spans(finished.piece, 0, finished.lengthBytes).filter((span) => span.file !== PADDING)
    this.#writeGroup(finished, spans, 0, undefined, done)
  }

  /** The first group goes together with the hashing; a piece of many small files then takes more messages, one for each group. */
  #writeGroup(
    finished: FinishedPiece,
    spans: readonly StoredSpan[],
    first: number,
    blockDigests: Uint8Array | undefined,
    done: (result: WriteResult) => void,
  ): void {
    const group = spans.slice(first, first + FILES_AT_ONCE)
    const held = group.map((span) => span.file)
    this.#files.acquire(held, (error, descriptors) => {
      if (error !== undefined) {
        done({ kind: 'failed', error })
        return
      }
      const job = {
        kind: 'store',
        offsetBytes: finished.offsetBytes,
        lengthBytes: finished.lengthBytes,
        expected: first === 0 ? finished.expected : undefined,
        wantDigests: first === 0 && finished.wantDigests,
        spans: group.map(({ position, pieceOffset, lengthBytes }, index) => ({
          fd: descriptors[index] as number,
          position,
          pieceOffset,
          lengthBytes,
        })),
      } as const
      this.#pool.store(job, (reply) => {
        this.#files.release(held)
        if (reply.kind !== 'stored') {
          done(this.#failureOf(reply, group))
          return
        }
        const next = first + FILES_AT_ONCE
        if (next >= spans.length) {
          done({ kind: 'stored', blockDigests: blockDigests ?? reply.blockDigests })
          return
        }
        this.#writeGroup(finished, spans, next, blockDigests ?? reply.blockDigests, done)
      })
    })
  }

  #failureOf(reply: Exclude<StoreReply | LostReply, { kind: 'stored' }>, group: readonly StoredSpan[]): WriteResult {
    if (reply.kind === 'corrupt') return reply
    if (reply.kind === 'lost') return { kind: 'failed', error: reply.error }
    const file = group[reply.span]?.file ?? PADDING
    return { kind: 'failed', error: diskErrorFromCode(reply.systemCode, 'write', this.#layout.pathOf(file)) }
  }
}
