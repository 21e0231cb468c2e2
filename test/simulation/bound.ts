/** A host as far as the bound is concerned: what it can send and take, in bytes a second. */
export interface Capacity {
  readonly upBytesPerSecond: number
  readonly downBytesPerSecond: number
}

/**
 * The time in seconds before which no protocol can have given `totalBytes` to every one of `leeches`: as long as the origin needs for one
 * copy, as long as the slowest download needs for one, and as long as all uplinks together need for all copies
 * (Kumar and Ross 2006; Mundinger, Weber and Weiss 2008).
 */
export function boundSeconds(totalBytes: number, origin: Capacity, leeches: readonly Capacity[]): number {
  let slowestDown = Number.POSITIVE_INFINITY
  let sumUp = origin.upBytesPerSecond
  for (const { upBytesPerSecond, downBytesPerSecond } of leeches) {
    slowestDown = Math.min(slowestDown, downBytesPerSecond)
    sumUp += upBytesPerSecond
  }
  return Math.max(totalBytes / origin.upBytesPerSecond, totalBytes / slowestDown, (leeches.length * totalBytes) / sumUp)
}
