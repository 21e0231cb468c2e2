/** The middle and the ends of some measurements. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** The spread of at least one value. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const upper = sorted[sorted.length >> 1] ?? Number.NaN
  const lower = sorted[(sorted.length - 1) >> 1] ?? Number.NaN
  return { median: roundTo(3, (upper + lower) / 2), min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN }
}

/** Rounds to a number of digits after the point. */
export function roundTo(digits: number, value: number): number {
  const factor = 10 ** digits
  return Math.round(value * factor) / factor
}
