import { describe, expect, test } from 'vitest'
import { RateLimit } from '../../src/base/rate-limit.ts'
import { ManualClock } from '../support/manual-clock.ts'

describe('a rate limit', () => {
  test('is free until it is overdrawn, and again when the debt has flowed off', () => {
    const clock = new ManualClock()
    const limit = new RateLimit(clock, 1_000)
    expect(limit.isFree).toBe(true)
    limit.take(150)
    expect(limit.isFree).toBe(false)
    clock.advance(limit.waitMs())
    expect(limit.isFree).toBe(true)
  })

  test('calls who waits for it when it is free, and not before the call has returned', () => {
    const clock = new ManualClock()
    const limit = new RateLimit(clock, 1_000)
    const calls: number[] = []
    limit.take(1_050)
    limit.whenFree(() => calls.push(clock.nowMs()))
    clock.advance(1_000)
    expect(calls).toEqual([])
    clock.advance(1)
    expect(calls).toEqual([1_001])

    const unlimited = new RateLimit(clock, Number.POSITIVE_INFINITY)
    unlimited.whenFree(() => calls.push(0))
    expect(calls).toHaveLength(1)
    clock.advance(0)
    expect(calls).toHaveLength(2)
  })

  test('is not free for somebody who comes later than those who wait', () => {
    const clock = new ManualClock()
    const limit = new RateLimit(clock, 1_000)
    limit.take(100)
    const seen: boolean[] = []
    limit.whenFree(() => seen.push(limit.isFree))
    clock.advance(40)
    expect([limit.waitMs() > 0, limit.isFree]).toEqual([true, false])
    clock.advance(100)
    expect([...seen, limit.isFree]).toEqual([true, true])
  })

  test('gives those who always want more the same share, however many bytes the others take at a time', () => {
    const clock = new ManualClock()
    const limit = new RateLimit(clock, 10_000)
    const turns = [0, 0, 0]
    const greedy = (who: number) => (): void => {
      turns[who] = (turns[who] ?? 0) + 1
      limit.take(1_000)
      limit.whenFree(greedy(who))
    }
    for (const who of turns.keys()) limit.whenFree(greedy(who))
    clock.advance(60_000)
    expect(Math.max(...turns) - Math.min(...turns)).toBeLessThanOrEqual(1)
    expect(Math.min(...turns)).toBe(200)
  })

  test('forgets who no longer wants to wait', () => {
    const clock = new ManualClock()
    const limit = new RateLimit(clock, 1_000)
    limit.take(1_000)
    const calls: string[] = []
    const first = limit.whenFree(() => calls.push('first'))
    limit.whenFree(() => calls.push('second'))
    first.cancel()
    clock.advance(5_000)
    expect(calls).toEqual(['second'])
    limit.take(10_000)
    limit.whenFree(() => calls.push('third')).cancel()
    expect(clock.pendingCount).toBe(0)
  })

  test('serves the others when one of them throws', () => {
    const clock = new ManualClock()
    const limit = new RateLimit(clock, 1_000)
    limit.take(100)
    const calls: string[] = []
    limit.whenFree(() => {
      throw new RangeError('a bug')
    })
    limit.whenFree(() => calls.push('second'))
    expect(() => clock.advance(1_000)).toThrow(RangeError)
    clock.advance(1_000)
    expect(calls).toEqual(['second'])
  })
})
