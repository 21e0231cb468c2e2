import { expect, test } from 'vitest'
import { RecentPeers } from '../../src/discovery/recent-peers.ts'
import { MovingClock } from './support/moving-clock.ts'

test('an address passes once in 20 seconds', async () => {
  const clock = new MovingClock()
  const recent = new RecentPeers(clock)
  const one = { host: '10.0.0.1', port: 1 }
  const other = { host: '10.0.0.1', port: 2 }
  expect(recent.fresh([one, one])).toEqual([one])
  expect(recent.fresh([one, other])).toEqual([other])
  await clock.move(20_000)
  expect(recent.fresh([one, other])).toEqual([one, other])
})

test('of 200,000 addresses the last 1,000 are remembered', () => {
  const recent = new RecentPeers(new MovingClock())
  const flood = Array.from({ length: 200_000 }, (_, index) => ({ host: `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`, port: 1 }))
  expect(recent.fresh(flood)).toHaveLength(200_000)
  expect(recent.fresh(flood.slice(-1_000))).toHaveLength(0)
  expect(recent.fresh(flood.slice(0, 1))).toHaveLength(1)
})
