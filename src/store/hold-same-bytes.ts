import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { KiB } from '../base/units.ts'
import type { FilePair } from './file-jobs.ts'

const READ_BYTES = 256 * KiB

/** True if both files hold the same bytes; blocks its thread, so it runs in a worker. Throws what the system says. */
export function holdSameBytes([left, right]: FilePair): boolean {
  const first = openSync(left, FLAGS)
  try {
    const second = openSync(right, FLAGS)
    try {
      return isSameFile(first, second) || haveSameBytes(first, second)
    } finally {
      closeSync(second)
    }
  } finally {
    closeSync(first)
  }
}

const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** One file under two names. */
function isSameFile(first: number, second: number): boolean {
  const [one, other] = [fstatSync(first), fstatSync(second)]
  return one.dev === other.dev && one.ino === other.ino
}

function haveSameBytes(first: number, second: number): boolean {
  for (let position = 0; ; ) {
    const [length, otherLength] = [readSync(first, ours, 0, READ_BYTES, position), readSync(second, theirs, 0, READ_BYTES, position)]
    const bothBytes = Math.min(length, otherLength)
    if (length === 0 && otherLength === 0) return true
    if (bothBytes === 0 || ours.compare(theirs, 0, bothBytes, 0, bothBytes) !== 0) return false
    position += bothBytes
  }
}

const ours = Buffer.alloc(READ_BYTES)
const theirs = Buffer.alloc(READ_BYTES)
