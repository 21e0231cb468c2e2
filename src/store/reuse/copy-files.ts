import { rm } from 'node:fs/promises'
import { diskErrorFromCode } from '../disk-error.ts'
import type { HashPool } from '../hash-pool.ts'
import { BATCH_BYTES } from '../in-batches.ts'
import type { ByteRange, CopiedFile, FileCopy } from './copy-file.ts'

/** How files are copied. */
export interface Copying {
  readonly pool: HashPool
  /** Called with each number of bytes that came. */
  readonly onCopied?: ((bytes: number) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Copies a batch of files in a worker, as `FileCopier` does each, and gives what became of them in the same order. Throws DISK_FULL,
 * DISK_FAILED, or the signal's reason.
 */
export async function copyFiles(copies: readonly FileCopy[], copying: Copying): Promise<readonly (CopiedFile | undefined)[]> {
  const [first] = copies
  if (first === undefined) return []
  return bytesIn(first.ranges) > BATCH_BYTES ? [await copyInParts(first, copying)] : copyAtOnce(copies, copying)
}

/** How many bytes the ranges hold. */
export function bytesIn(ranges: readonly ByteRange[]): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0)
}

async function copyAtOnce(copies: readonly FileCopy[], { pool, onCopied }: Copying): Promise<readonly (CopiedFile | undefined)[]> {
  const { copied, fault } = await pool.perform({ kind: 'copy', copies })
  if (fault !== undefined) throw diskErrorFromCode(fault.systemCode, 'copy to', copies[fault.index]?.path ?? '')
  for (const { ranges } of copies) onCopied?.(bytesIn(ranges))
  return copied
}

/** A file that would keep a worker busy for long, and is a batch of its own, can be stopped in the middle, and it is told how far it is. */
async function copyInParts(copy: FileCopy, copying: Copying): Promise<CopiedFile | undefined> {
  const { signal, onCopied } = copying
  const parts = partsOf(copy.ranges)
  let copied: CopiedFile | undefined
  for (const [index, ranges] of parts.entries()) {
    if (signal?.aborted === true) await rm(copy.path, { force: true })
    signal?.throwIfAborted()
    ;[copied] = await copyAtOnce([{ ...copy, ranges, mayLink: copy.mayLink && index === 0, isBegun: copy.isBegun || index > 0 }], copying)
    if (copied?.how === 'copied') continue
    // All of it came at once, or nothing is there any more.
    onCopied?.(parts.slice(index + 1).reduce((sum, left) => sum + bytesIn(left), 0))
    break
  }
  return copied
}

/** The ranges in parts of at most `BATCH_BYTES`. */
function partsOf(ranges: readonly ByteRange[]): readonly (readonly ByteRange[])[] {
  const parts: ByteRange[][] = []
  let roomBytes = 0
  for (const { start, end } of ranges) {
    for (let from = start; from < end; ) {
      if (roomBytes === 0) {
        parts.push([])
        roomBytes = BATCH_BYTES
      }
      const to = Math.min(end, from + roomBytes)
      parts.at(-1)?.push({ start: from, end: to })
      roomBytes -= to - from
      from = to
    }
  }
  return parts
}
