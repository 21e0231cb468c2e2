import type { HostRecord } from '../../app/host-roll.ts'
import { formatCount, formatRate, percentOf } from '../../base/format.ts'
import { plainTable } from './plain-table.ts'
import type { Style } from './style.ts'

/** Hosts in the table at most. */
const MOST_ROWS = 20

/** The expected hosts as lines of a table: those that are missing first, and behind the twentieth how many more there are. */
export function hostsTable(hosts: readonly HostRecord[], style: Style): readonly string[] {
  const shown = hosts.slice(0, MOST_ROWS)
  const hasZones = shown.some(({ zone }) => zone !== null)
  const columns = [{ title: 'host' }, ...(hasZones ? [{ title: 'zone' }] : []), { title: 'state' }]
  const rows = shown.map((host) => [host.name, ...(hasZones ? [host.zone ?? ''] : []), stateOf(host)])
  const table = plainTable(columns, rows, style).split('\n')
  return hosts.length > shown.length ? [...table, restOf(hosts.slice(shown.length))] : table
}

function stateOf({ state, progress, bytesPerSecond, address, completeAt }: HostRecord): string {
  if (state === 'complete') return `has it, since ${completeAt ?? ''}`.trimEnd()
  const share = `${percentOf(progress, 1)} %`
  if (state === 'arriving') return `on its way, ${share}, ${formatRate(bytesPerSecond)}`
  return address === null ? 'missing, never seen' : `missing, left with ${share}`
}

/** `and 37 more: 2 missing, 35 complete`. */
function restOf(hosts: readonly HostRecord[]): string {
  const count = (wanted: HostRecord['state']): number => hosts.filter(({ state }) => state === wanted).length
  const parts = [
    { hosts: count('missing'), words: 'missing' },
    { hosts: count('arriving'), words: 'on the way' },
    { hosts: count('complete'), words: 'complete' },
  ]
  const said = parts.filter((part) => part.hosts > 0).map((part) => formatCount(part.hosts, part.words, part.words))
  return `and ${formatCount(hosts.length, 'more', 'more')}: ${said.join(', ')}`
}
