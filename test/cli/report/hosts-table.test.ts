import { expect, test } from 'vitest'
import type { HostRecord } from '../../../src/app/copies/host-roll.ts'
import { hostsTable } from '../../../src/cli/report/hosts-table.ts'
import { plainStyle } from '../../../src/cli/report/style.ts'

const missing: HostRecord = {
  name: 'web-3',
  zone: null,
  state: 'missing',
  progress: 0,
  bytesPerSecond: 0,
  address: null,
  completeAt: null,
  isFromEarlierRun: false,
}
const address = { host: '192.0.2.9', port: 6881 }
const completeAt = '2026-01-02T03:04:05Z'

test('the table says of each host how far it is', () => {
  const left: HostRecord = { ...missing, name: 'web-4', address, progress: 0.439 }
  const arriving: HostRecord = { ...left, name: 'web-10', state: 'arriving', bytesPerSecond: 12 * 2 ** 20 }
  const complete: HostRecord = { ...arriving, name: 'web-1', state: 'complete', progress: 1, completeAt }
  const earlier: HostRecord = { ...complete, name: 'web-2', isFromEarlierRun: true }
  expect(hostsTable([missing, left, arriving, complete, earlier], plainStyle)).toEqual([
    'host    state',
    'web-3   missing, never seen',
    'web-4   missing, left with 43 %',
    'web-10  on its way, 43 %, 12.0 MiB/s',
    'web-1   has it, since 2026-01-02T03:04:05Z',
    'web-2   has it, as it told an earlier run at 2026-01-02T03:04:05Z',
  ])
})

test('the table has a column for zones where there are any', () => {
  expect(hostsTable([{ ...missing, zone: 'rack-7' }, missing], plainStyle)).toEqual([
    'host   zone    state',
    'web-3  rack-7  missing, never seen',
    'web-3          missing, never seen',
  ])
})

test('the table of a thousand hosts is short', () => {
  const complete: HostRecord = { ...missing, state: 'complete', completeAt }
  const arriving: HostRecord = { ...missing, state: 'arriving' }
  const fleet = [...Array<HostRecord>(30).fill(missing), arriving, ...Array<HostRecord>(969).fill(complete)]
  const lines = hostsTable(fleet, plainStyle)
  expect(lines).toHaveLength(22)
  expect(lines.at(-1)).toBe('and 980 more: 10 missing, 1 on the way, 969 complete')
})
