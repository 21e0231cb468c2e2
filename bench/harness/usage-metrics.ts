import { GiB, MiB } from '../../src/base/units.ts'
import { roundTo } from '../report/spread.ts'
import type { Usage } from './measured-process.ts'

/** How fast a program that began and ended with its work did `sizeBytes`. */
export function paceOf(sizeBytes: number, { wallSeconds }: Usage): Record<'throughputMiBps' | 'wallSeconds', number> {
  return { throughputMiBps: roundTo(1, sizeBytes / MiB / wallSeconds), wallSeconds: roundTo(3, wallSeconds) }
}

/** CPU seconds for each GiB. */
export function cpuPerGiB(sizeBytes: number, cpuSeconds: number): number {
  return roundTo(3, cpuSeconds / (sizeBytes / GiB))
}

/** The most memory that a program had, in MiB. */
export function rssMiB({ peakRssKiB }: Usage): number {
  return roundTo(0, peakRssKiB / 1024)
}

/** The same without what is pages of files. */
export function anonymousMiB({ peakAnonymousKiB }: Usage): number {
  return roundTo(0, peakAnonymousKiB / 1024)
}
