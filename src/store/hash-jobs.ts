import type { FileJob, FileReply } from './file-jobs.ts'
import type { FileStamp } from './file-stamp.ts'
import type { SoughtBlocks } from './reuse/block-finder.ts'

/** A run of a piece's bytes and where it belongs on disk. */
export interface WriteSpan {
  /** A descriptor of this process, open for writing until the reply has come. */
  readonly fd: number
  /** Where in the file the run starts. */
  readonly position: number
  /** Where in the piece the run starts. */
  readonly pieceOffset: number
  readonly lengthBytes: number
}

/** What a piece must hash to. */
export interface ExpectedDigest {
  /** 20 bytes: the SHA-1 of the piece; or 32 bytes: its hash in the merkle tree of its file (BEP 52). */
  readonly digest: Uint8Array
  /** How many leaves a merkle hash is over: a power of two. Those without content are zero. */
  readonly leafCount: number
  /** How many zeros behind the piece a SHA-1 goes over too: the padding of a hybrid. */
  readonly zerosBehindBytes: number
}

/** Hash a piece in the shared memory and, if it is right, write it. */
export interface StoreJob {
  readonly kind: 'store'
  /** Where the piece starts in the shared memory. */
  readonly offsetBytes: number
  readonly lengthBytes: number
  /** Undefined when the piece was found right before and there is more to write. */
  readonly expected: ExpectedDigest | undefined
  /** The digests of the blocks of a right piece too: the same hash as that of the piece, 20 or 32 bytes a block. */
  readonly wantDigests: boolean
  readonly spans: readonly WriteSpan[]
}

/** How a `StoreJob` ended. `systemCode` is the system's word such as ENOSPC, met while writing `spans[span]`. */
export type StoreReply =
  | { readonly kind: 'stored'; readonly blockDigests: Uint8Array | undefined }
  | { readonly kind: 'corrupt'; readonly blockDigests: Uint8Array }
  | { readonly kind: 'failed'; readonly systemCode: string; readonly span: number }

/** A run of bytes to hash: a part of a file, or zeros where `path` is empty (padding, BEP 47). */
export interface ReadSpan {
  readonly path: string
  readonly position: number
  readonly lengthBytes: number
  /** What the file must still be before and after it is read; undefined when any state will do. */
  readonly stamp: FileStamp | undefined
}

/** Hash the pieces that `spans` make up, one after the other; the first byte is the first byte of a piece. */
export interface DigestJob {
  readonly kind: 'digest'
  readonly pieceLengthBytes: number
  readonly spans: readonly ReadSpan[]
}

/**
 * What is wanted of a piece: its SHA-1 (v1, 20 bytes), its hash in the merkle tree of its file (v2, 32 bytes), or both, in this order
 * (52 bytes).
 */
export type DigestKind = 'sha1' | 'merkle' | 'both'

/** A run of a file that starts where one of its pieces does and ends where one does, in content in which every file starts a piece. */
export interface PieceSpan extends ReadSpan {
  /** How many leaves the merkle hash of each of its pieces is over: a power of two. Those without content are zero. */
  readonly leafCount: number
  /** How many zeros behind its last piece the SHA-1 of that goes over too: the padding of a hybrid. */
  readonly zerosBehindBytes: number
}

/** Hash the pieces of files that start pieces of their own (BEP 52): each span is cut into pieces by itself, and its last may be short. */
export interface FileDigestJob {
  readonly kind: 'digest-files'
  readonly pieceLengthBytes: number
  readonly digests: DigestKind
  /** The sums of the blocks too; with merkle hashes only. */
  readonly wantSums: boolean
  readonly spans: readonly PieceSpan[]
}

/** What kept a span from being read: CHANGED if its file is not what its stamp says, SHORT if it ended early, or the system's word. */
export interface ReadFault {
  readonly span: number
  readonly systemCode: string
}

/** 20 bytes for each piece, or as many as `DigestKind` says; all zeros for a piece that could not be read whole. */
export interface DigestReply {
  readonly kind: 'digested'
  readonly digests: Uint8Array
  /** `SUM_BYTES` for every 16 KiB that the spans begin, where they were asked for. */
  readonly sums?: Uint8Array
  readonly faults: readonly ReadFault[]
}

/** Look for blocks that start in a part of a file. */
export interface ScanJob {
  readonly kind: 'scan'
  /** Tells one search from another, so that a worker prepares for each once. */
  readonly search: number
  /** In shared memory. */
  readonly sought: SoughtBlocks
  /** As far as blocks may reach. */
  readonly span: ReadSpan
  /** Blocks start in so many bytes of the span. */
  readonly startBytes: number
  /** The sum whose block is expected at the start of the span, or -1. */
  readonly expected: number
}

/** The blocks that were found, by their sums, and where each of them starts in the span; none where it could not be read. */
export interface ScanReply {
  readonly kind: 'scanned'
  readonly sums: Uint32Array
  readonly positions: Uint32Array
}

export type HashJob = StoreJob | DigestJob | FileDigestJob | ScanJob | FileJob
export type HashReply = StoreReply | DigestReply | ScanReply | FileReply
