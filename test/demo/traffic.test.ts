import { describe, expect, test } from 'vitest'
import { sentBy, trafficAmong } from '../../demo/traffic.ts'
import { trafficTable } from '../../demo/traffic-table.ts'
import { MiB } from '../../src/base/units.ts'
import type { DistroEvent } from '../support/distro-process.ts'

/** The seed and host 2 dialled nobody and everybody dialled them; host 1 dialled both and nobody dialled it. */
const tellers = [
  { name: 'seed', address: '127.0.0.1:1', events: [left('127.0.0.1:50001', 'id-1', 0), left('127.0.0.1:50002', 'id-2', 0)] },
  { name: 'host 1', address: '127.0.0.1:2', events: [left('127.0.0.1:1', 'id-seed', 600), left('127.0.0.1:3', 'id-2', 400)] },
  { name: 'host 2', address: '127.0.0.1:3', events: [left('127.0.0.1:1', 'id-seed', 700), left('127.0.0.1:50003', 'id-1', 300)] },
]

describe('the traffic among the processes of the demonstration', () => {
  test('is counted by receiver and sender, also where nobody dialled the sender', () => {
    const traffic = trafficAmong(tellers)
    expect(Object.fromEntries(traffic.get('host 1') ?? [])).toEqual({ seed: 600, 'host 2': 400 })
    expect(Object.fromEntries(traffic.get('host 2') ?? [])).toEqual({ seed: 700, 'host 1': 300 })
  })

  test('adds up over several connections with the same peer', () => {
    const [seed, first, second] = tellers
    if (seed === undefined || first === undefined || second === undefined) throw new Error('three processes tell')
    const again = { ...first, events: [...first.events, left('127.0.0.1:1', 'id-seed', 50)] }
    expect(trafficAmong([seed, again, second]).get('host 1')?.get('seed')).toBe(650)
  })

  test('says what each gave in all', () => {
    expect(sentBy('seed', trafficAmong(tellers))).toBe(1_300)
  })

  test('is a table of those who received something', () => {
    const plain = (text: string): string => text
    const ink = { bold: plain, dim: plain, green: plain, cyan: plain }
    const inMiB = new Map(
      [...trafficAmong(tellers)].map(([to, from]) => [to, new Map([...from].map(([name, bytes]) => [name, bytes * MiB]))]),
    )
    const rows = trafficTable(['seed', 'host 1', 'host 2'], inMiB, ink).split('\n')
    expect(rows.map((row) => row.trim().split(/ {2,}/))).toEqual([
      ['MiB from', 'seed', 'host 1', 'host 2', 'in all'],
      ['host 1', '600.0', '·', '400.0', '1000.0'],
      ['host 2', '700.0', '300.0', '·', '1000.0'],
      ['gave', '1300.0', '300.0', '400.0', '2000.0'],
    ])
  })
})

function left(address: string, peerId: string, downloadedBytes: number): DistroEvent {
  return { type: 'peer', time: '', kind: 'disconnected', address, peerId, downloadedBytes }
}
