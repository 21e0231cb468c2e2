import type { HostRecord } from '../../app/copies/host-roll.ts'
import { formatCount, formatRate, percentOf } from '../../base/format.ts'

/** `missing, never seen`, `on its way, 43 %, 12.0 MiB/s`, `has it, since 2026-01-02T03:04:05Z`, `has it, as it told an earlier run at 2026-...`. */
export function stateOfHost({ state, progress, bytesPerSecond, address, completeAt, isFromEarlierRun }: HostRecord): string {
  if (state === 'complete') return `has it, ${isFromEarlierRun ? toldEarlier(completeAt ?? '') : `since ${inSeconds(completeAt ?? '')}`}`
  const share = `${percentOf(progress, 1)} %`
  if (state === 'arriving') return `on its way, ${share}, ${formatRate(bytesPerSecond)}`
  return address === null ? 'missing, never seen' : `missing, left with ${share}`
}

/** `as it told an earlier run at 2026-01-02T03:04:05Z`; `time` is in ISO 8601. */
export function toldEarlier(time: string): string {
  return `as it told an earlier run at ${inSeconds(time)}`
}

function inSeconds(time: string): string {
  return time.replace(/\.\d+Z$/, 'Z')
}

/** `and 37 more: 2 missing, 35 complete`. */
export function restOfHosts(hosts: readonly HostRecord[]): string {
  const count = (wanted: HostRecord['state']): number => hosts.filter(({ state }) => state === wanted).length
  const parts = [
    { hosts: count('missing'), words: 'missing' },
    { hosts: count('arriving'), words: 'on the way' },
    { hosts: count('complete'), words: 'complete' },
  ]
  const said = parts.filter((part) => part.hosts > 0).map((part) => formatCount(part.hosts, part.words, part.words))
  return `and ${formatCount(hosts.length, 'more', 'more')}: ${said.join(', ')}`
}
