/** Seconds for records that others read: `ms` milliseconds, to the millisecond. */
export function secondsOf(ms: number): number {
  return Math.round(ms) / 1_000
}
