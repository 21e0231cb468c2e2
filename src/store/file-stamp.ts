import type { BigIntStats } from 'node:fs'

/** What tells one state of a file from another without reading it. */
export interface FileStamp {
  readonly lengthBytes: number
  /** Nanoseconds since 1970. */
  readonly mtimeNs: bigint
  /** Nanoseconds since 1970; unlike the modification time no program can set it back. */
  readonly ctimeNs: bigint
  readonly inode: bigint
}

/** The stamp in the answer of a stat call. */
export function stampOf(stats: Pick<BigIntStats, 'size' | 'mtimeNs' | 'ctimeNs' | 'ino'>): FileStamp {
  return { lengthBytes: Number(stats.size), mtimeNs: stats.mtimeNs, ctimeNs: stats.ctimeNs, inode: stats.ino }
}

/** True if nothing suggests that the file changed between the two. */
export function isSameStamp(left: FileStamp, right: FileStamp): boolean {
  return left.ctimeNs === right.ctimeNs && isSameButForStatus(left, right)
}

/**
 * True if nothing but the time of the last change of status need differ: a second name, another owner and another mode leave the bytes
 * alone, but so it looks too when somebody writes and sets the modification time back.
 */
export function isSameButForStatus(left: FileStamp, right: FileStamp): boolean {
  return left.lengthBytes === right.lengthBytes && left.mtimeNs === right.mtimeNs && left.inode === right.inode
}
