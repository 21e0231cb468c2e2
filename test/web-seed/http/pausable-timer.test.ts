import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PausableTimer } from '../../../src/web-seed/http/pausable-timer.ts'
import { ManualClock } from '../../support/manual-clock.ts'

test('the timer goes off when the time in which it was not paused is up, however that is cut', () => {
  const stretches = fc.array(fc.record({ isPaused: fc.boolean(), ms: fc.nat(500) }), { maxLength: 30 })
  fc.assert(
    fc.property(stretches, fc.integer({ min: 1, max: 2_000 }), (parts, delayMs) => {
      const clock = new ManualClock()
      const timer = new PausableTimer(clock)
      let ranAtMs: number | undefined
      const startMs = timer.nowMs()
      timer.set(delayMs, () => {
        ranAtMs = timer.nowMs() - startMs
      })
      let runningMs = 0
      for (const { isPaused, ms } of parts) {
        if (isPaused) timer.pause()
        else timer.resume()
        clock.advance(ms)
        if (!isPaused) runningMs += ms
        expect(timer.nowMs() - startMs).toBe(runningMs)
        expect(ranAtMs).toBe(runningMs >= delayMs ? delayMs : undefined)
      }
    }),
  )
})

test('a timer that is set while it is paused waits for its whole delay after that', () => {
  const clock = new ManualClock()
  const timer = new PausableTimer(clock)
  const calls: number[] = []
  timer.pause()
  timer.set(100, () => calls.push(clock.nowMs()))
  clock.advance(1_000)
  timer.resume()
  const resumedMs = clock.nowMs()
  clock.advance(1_000)
  expect(calls).toEqual([resumedMs + 100])
  expect(clock.pendingCount).toBe(0)
})
