import { describe, expect, test } from 'vitest'
import { AnnounceQuota } from '../../src/discovery/announce-quota.ts'
import { DatagramQuota } from '../../src/discovery/datagram-quota.ts'
import { MovingClock } from './support/moving-clock.ts'

describe('DatagramQuota', () => {
  test('hears 300 questions of one address at once and 100 a second from then on', async () => {
    const clock = new MovingClock()
    const quota = new DatagramQuota(clock)
    expect(heard(quota, 10_000, () => '10.0.0.1')).toBe(300)
    await clock.move(1_000)
    expect(heard(quota, 10_000, () => '10.0.0.1')).toBe(100)
  })

  test('does not let one address use up what others have', () => {
    const quota = new DatagramQuota(new MovingClock())
    heard(quota, 10_000, () => '10.0.0.1')
    expect(quota.take('10.0.0.2')).toBe(true)
  })

  test('hears 3,000 questions of all addresses together at once and 1,000 a second from then on', async () => {
    const clock = new MovingClock()
    const quota = new DatagramQuota(clock)
    expect(heard(quota, 20_000, (index) => `10.0.${index >> 8}.${index & 255}`)).toBe(3_000)
    await clock.move(1_000)
    expect(heard(quota, 20_000, (index) => `10.1.${index >> 8}.${index & 255}`)).toBe(1_000)
  })
})

describe('AnnounceQuota', () => {
  test('lists so many ports of one address for one info-hash, and the same ones again', () => {
    const quota = new AnnounceQuota(new MovingClock(), 8)
    const taken = Array.from({ length: 20 }, (_, index) => quota.take('hash', '10.0.0.1', index + 1))
    expect(taken.filter((isTaken) => isTaken)).toHaveLength(8)
    expect(quota.take('hash', '10.0.0.1', 3)).toBe(true)
    expect(quota.take('hash', '10.0.0.1', 9)).toBe(false)
  })

  test('counts each address and each info-hash for itself', () => {
    const quota = new AnnounceQuota(new MovingClock(), 1)
    expect(quota.take('hash', '10.0.0.1', 1)).toBe(true)
    expect(quota.take('hash', '10.0.0.2', 1)).toBe(true)
    expect(quota.take('other', '10.0.0.1', 2)).toBe(true)
  })

  test('lists 300 peers of one info-hash', () => {
    const quota = new AnnounceQuota(new MovingClock(), 8)
    const taken = Array.from({ length: 1_000 }, (_, index) => quota.take('hash', `10.0.${index >> 8}.${index & 255}`, 1))
    expect(taken.filter((isTaken) => isTaken)).toHaveLength(300)
  })

  test('forgets what was not announced again for 40 minutes, and keeps what was', async () => {
    const clock = new MovingClock()
    const quota = new AnnounceQuota(clock, 2)
    quota.take('hash', '10.0.0.1', 1)
    quota.take('hash', '10.0.0.1', 2)
    await clock.move(20 * 60_000)
    expect(quota.take('hash', '10.0.0.1', 1)).toBe(true)
    expect(quota.take('hash', '10.0.0.1', 3)).toBe(false)
    await clock.move(20 * 60_000)
    expect(quota.take('hash', '10.0.0.1', 3)).toBe(true)
    expect(quota.take('hash', '10.0.0.1', 4)).toBe(false)
  })
})

function heard(quota: DatagramQuota, questions: number, hostOf: (index: number) => string): number {
  let count = 0
  for (let index = 0; index < questions; index++) if (quota.take(hostOf(index))) count++
  return count
}
