import { DistroError } from '../../src/base/errors.ts'
import { MiB } from '../../src/base/units.ts'

/** How much slower than this a transfer may not be before it is given up. */
const SLOWEST_BYTES_PER_SECOND: number = 16 * MiB

/** How long moving or hashing `sizeBytes` may take, in seconds. */
export function patienceFor(sizeBytes: number): number {
  return sizeBytes / SLOWEST_BYTES_PER_SECOND
}

/**
 * Waits for `promise`, but not longer than `seconds`.
 *
 * @throws DistroError `INCOMPLETE` when the time is up.
 */
export async function within<T>(seconds: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DistroError('INCOMPLETE', `waited ${Math.round(seconds)} s for ${what}`)), seconds * 1000)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
