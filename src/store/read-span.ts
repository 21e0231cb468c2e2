import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { KiB } from '../base/units.ts'
import { systemCode } from './disk-error.ts'
import { type FileStamp, isSameStamp, stampOf } from './file-stamp.ts'
import type { ReadSpan } from './hash-jobs.ts'

/** Few system calls, and what was just read is still in the cache when it is hashed; measured best from 32 KiB to 1 MiB. */
const READ_BYTES = 512 * KiB

/**
 * Reads a span, or makes up its zeros, in runs of 512 KiB, of which only the last may be shorter; a run lasts until the next one. Blocks its
 * thread and holds one descriptor meanwhile. What kept it from being read, as in `ReadFault`; some runs may have come before.
 */
export function readSpan(span: ReadSpan, onRun: (bytes: Uint8Array) => void): string | undefined {
  return span.path === '' ? makeZeros(span.lengthBytes, onRun) : readFile(span, onRun)
}

function readFile(span: ReadSpan, onRun: (bytes: Uint8Array) => void): string | undefined {
  let fd = -1
  try {
    // O_NONBLOCK: should a FIFO have taken the file's place, opening it must not wait for a writer.
    fd = openSync(span.path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    const before = checkFile(fd, span.stamp)
    if (before !== undefined) return before
    const short = readRuns(fd, span, onRun)
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

function readRuns(fd: number, span: ReadSpan, onRun: (bytes: Uint8Array) => void): string | undefined {
  for (let doneBytes = 0; doneBytes < span.lengthBytes; ) {
    const runBytes = Math.min(READ_BYTES, span.lengthBytes - doneBytes)
    for (let filledBytes = 0; filledBytes < runBytes; ) {
      const count = readSync(fd, buffer, filledBytes, runBytes - filledBytes, span.position + doneBytes + filledBytes)
      if (count === 0) return 'SHORT'
      filledBytes += count
    }
    onRun(buffer.subarray(0, runBytes))
    doneBytes += runBytes
  }
  return undefined
}

function makeZeros(lengthBytes: number, onRun: (bytes: Uint8Array) => void): undefined {
  buffer.fill(0)
  for (let leftBytes = lengthBytes; leftBytes > 0; leftBytes -= READ_BYTES) onRun(buffer.subarray(0, Math.min(READ_BYTES, leftBytes)))
}

const buffer = new Uint8Array(READ_BYTES)
