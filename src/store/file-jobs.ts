import type { CopiedFile, FileCopy } from './reuse/copy-file.ts'

/** What the system said of one item of a job, by its index in the job. */
export interface FileFault {
  readonly index: number
  readonly systemCode: string
}

/** Look at what is at some paths; links are not followed. */
export interface LookJob {
  readonly kind: 'look'
  readonly paths: readonly string[]
}

/** What is there, as `Looks` packs it. */
export interface LookReply {
  readonly kind: 'looked'
  readonly looks: BigInt64Array
}

/** Make the bytes of files, or the entries of folders, survive a power cut. */
export interface SyncJob {
  readonly kind: 'sync'
  readonly paths: readonly string[]
  /** True if only what is needed to read the bytes again must be on the disk, not the modification time (fdatasync). */
  readonly isDataOnly: boolean
}

/** All of them are on the disk, unless there is a fault, behind which nothing was done. */
export interface SyncReply {
  readonly kind: 'synced'
  readonly fault: FileFault | undefined
}

/** Copy files, each as `FileCopier` does it. */
export interface CopyJob {
  readonly kind: 'copy'
  readonly copies: readonly FileCopy[]
}

/** What became of each copy up to the fault, if there is one; undefined where the file is not what was hashed. */
export interface CopyReply {
  readonly kind: 'copied'
  readonly copied: readonly (CopiedFile | undefined)[]
  readonly fault: FileFault | undefined
}

/** The paths of two files. */
export type FilePair = readonly [left: string, right: string]

/** Compare files byte by byte. */
export interface CompareJob {
  readonly kind: 'compare'
  readonly pairs: readonly FilePair[]
}

/** The index of the first pair that differs, or its fault if it cannot be read; neither if all are the same. */
export interface CompareReply {
  readonly kind: 'compared'
  readonly difference: number | undefined
  readonly fault: FileFault | undefined
}

/** Remove what is at a path, with everything below it. */
export interface RemoveJob {
  readonly kind: 'remove'
  readonly path: string
}

export interface RemoveReply {
  readonly kind: 'removed'
  /** The system's word for what kept it from being removed whole. */
  readonly systemCode: string | undefined
}

/** Work on many files in one message: each call to the system from the main thread would cost the way to another thread and back. */
export type FileJob = LookJob | SyncJob | CopyJob | CompareJob | RemoveJob

export type FileReply = LookReply | SyncReply | CopyReply | CompareReply | RemoveReply

/** The reply to each kind of job. */
export interface FileReplies {
  readonly look: LookReply
  readonly sync: SyncReply
  readonly copy: CopyReply
  readonly compare: CompareReply
  readonly remove: RemoveReply
}
