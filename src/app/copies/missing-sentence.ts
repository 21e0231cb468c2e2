import { formatCount, percentOf } from '../../base/format.ts'
import type { HostRecord } from './host-roll.ts'

/** Hosts that a sentence names at most. */
const MOST_NAMED = 6

/** `Missing: web-3, web-9 (43 %).`, or with many `Missing: 37 hosts, among them web-1, ...`; the percent are of what a host had when it was seen last. */
export function missingSentence(records: readonly HostRecord[]): string {
  const missing = records.filter(({ state }) => state !== 'complete')
  if (missing.length === 0) return ''
  const named = missing.slice(0, MOST_NAMED).map(({ name, progress }) => (progress > 0 ? `${name} (${percentOf(progress, 1)} %)` : name))
  const among = missing.length > MOST_NAMED ? `${formatCount(missing.length, 'host')}, among them ` : ''
  return `Missing: ${among}${named.join(', ')}.`
}
