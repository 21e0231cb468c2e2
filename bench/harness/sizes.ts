import { DistroError } from '../../src/base/errors.ts'
import { GiB, KiB, MiB } from '../../src/base/units.ts'

const UNITS: Readonly<Record<string, number>> = { '': 1, K: KiB, M: MiB, G: GiB }

/**
 * Reads a size such as `128M` or `20G` in powers of 1024.
 *
 * @throws DistroError `USAGE` for anything else.
 */
export function parseSize(text: string): number {
  const match = /^([1-9]\d{0,11})([KMG]?)$/i.exec(text)
  const unit = UNITS[match?.[2]?.toUpperCase() ?? 'none']
  if (!match || unit === undefined) throw new DistroError('USAGE', `"${text}" is not a size`, { hint: 'write it as 128M or 20G' })
  return Number(match[1]) * unit
}

/** Writes a size the way `parseSize` reads it, in the largest unit that divides it. */
export function formatSize(bytes: number): string {
  for (const [name, unit] of [
    ['G', GiB],
    ['M', MiB],
    ['K', KiB],
  ] as const) {
    if (bytes >= unit && bytes % unit === 0) return `${bytes / unit}${name}`
  }
  return String(bytes)
}
