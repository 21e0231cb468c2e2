import { afterEach, beforeEach, expect, test } from 'vitest'
import { startTracker, type Tracker } from '../../bench/harness/tracker.ts'

const HEAD = 'd8:intervali1800e12:min intervali1800e5:peers'
let tracker: Tracker

beforeEach(async () => {
  tracker = await startTracker('127.0.0.1', 0)
})
afterEach(() => tracker.close())

async function announce(port: number, left: number, event = 'started', infoHash = '%00%ff%26swarm'): Promise<string> {
  const response = await fetch(`${tracker.announceUrl}?info_hash=${infoHash}&port=${port}&left=${left}&compact=1&event=${event}`)
  return Buffer.from(await response.arrayBuffer()).toString('latin1')
}

test('a peer is told of those that came before it, and never of itself', async () => {
  expect(await announce(0x1a01, 0)).toBe(`${HEAD}0:e`)
  expect(await announce(0x1a02, 5)).toBe(`${HEAD}6:\x7f\x00\x00\x01\x1a\x01e`)
  expect(await announce(0x1a01, 0)).toBe(`${HEAD}6:\x7f\x00\x00\x01\x1a\x02e`)
})

test('a peer that stops is forgotten', async () => {
  await announce(0x1a01, 0)
  await announce(0x1a01, 0, 'stopped')
  expect(await announce(0x1a02, 5)).toBe(`${HEAD}0:e`)
})

test('swarms are kept apart by the bytes of their info-hash', async () => {
  await announce(0x1a01, 0)
  expect(await announce(0x1a02, 5, 'started', '%00%fe%26swarm')).toBe(`${HEAD}0:e`)
  expect(await announce(0x1a03, 5, 'started', '%00%FF%26swarm')).toBe(`${HEAD}6:\x7f\x00\x00\x01\x1a\x01e`)
})

test('who waits for a seed hears of it when it announces with nothing left', async () => {
  const later = tracker.seedOn(0x1a01)
  await announce(0x1a01, 7)
  await announce(0x1a01, 0)
  await later
  await tracker.seedOn(0x1a01)
})
