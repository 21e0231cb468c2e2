import type { HostRecord } from '../../app/copies/host-roll.ts'
import { restOfHosts, stateOfHost } from './host-words.ts'
import { plainTable } from './plain-table.ts'
import type { Style } from './style.ts'

/** Hosts in the table at most. */
const MOST_ROWS = 20

/** The expected hosts as lines of a table: those that are missing first, and behind the twentieth how many more there are. */
export function hostsTable(hosts: readonly HostRecord[], style: Style): readonly string[] {
  const shown = hosts.slice(0, MOST_ROWS)
  const hasZones = shown.some(({ zone }) => zone !== null)
  const columns = [{ title: 'host' }, ...(hasZones ? [{ title: 'zone' }] : []), { title: 'state' }]
  const rows = shown.map((host) => [host.name, ...(hasZones ? [host.zone ?? ''] : []), stateOfHost(host)])
  const table = plainTable(columns, rows, style).split('\n')
  return hosts.length > shown.length ? [...table, restOfHosts(hosts.slice(shown.length))] : table
}
