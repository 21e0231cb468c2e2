import { expect, test } from 'vitest'
import { RateLimit } from '../../src/base/rate-limit.ts'
import { SendTurns } from '../../src/web-server/send-turns.ts'
import { ManualClock } from '../support/manual-clock.ts'

function busy(connections: number) {
  const clock = new ManualClock()
  const limit = new RateLimit(clock, 100_000)
  const turns = new SendTurns(limit)
  const sent = Array.from({ length: connections }, () => 0)
  const sender = (who: number) => (): void => {
    sent[who] = (sent[who] ?? 0) + 1
    limit.take(16_384)
    turns.ask(sender(who))
  }
  for (const who of sent.keys()) turns.ask(sender(who))
  return { clock, limit, turns, sent }
}

test('connections take turns; the first may be one ahead, and one more when time is over', () => {
  const { clock, sent } = busy(5)
  clock.advance(60_000)
  expect(Math.max(...sent) - Math.min(...sent)).toBeLessThanOrEqual(2)
  expect(sent.reduce((sum, count) => sum + count) * 16_384).toBeGreaterThan(5_900_000)
})

test('all connections together get as much as the peers', () => {
  const { clock, limit, sent } = busy(5)
  let peers = 0
  const pump = (): void => {
    peers++
    limit.take(16_384)
    limit.whenFree(pump)
  }
  limit.whenFree(pump)
  clock.advance(60_000)
  expect(Math.abs(peers - sent.reduce((sum, count) => sum + count))).toBeLessThanOrEqual(2)
})

test('who left is not called, and nobody is after the end', () => {
  const clock = new ManualClock()
  const limit = new RateLimit(clock, 1_000)
  const turns = new SendTurns(limit)
  const calls: string[] = []
  const leaving = (): number => calls.push('left')
  limit.take(1_000)
  turns.ask(leaving)
  turns.ask(() => calls.push('stayed'))
  turns.leave(leaving)
  clock.advance(2_000)
  expect(calls).toEqual(['stayed'])
  limit.take(10_000)
  turns.ask(leaving)
  turns.stop()
  clock.advance(60_000)
  expect(calls).toEqual(['stayed'])
  expect(clock.pendingCount).toBe(0)
})
