import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Silence } from '../../src/swarm/silence.ts'

describe('Silence', () => {
  it('counts from the first request, and from the last delivery while more is asked', () => {
    const silence = new Silence()
    expect(silence.ms(500)).toBe(0)
    silence.onAsk(1_000)
    silence.onAsk(3_000)
    expect(silence.ms(4_000)).toBe(3_000)
    silence.onDelivery(4_000, true)
    expect(silence.ms(4_500)).toBe(500)
  })

  it('does not count the time in which nothing is asked', () => {
    const silence = new Silence()
    silence.onAsk(0)
    silence.onDelivery(100, false)
    expect(silence.ms(90_000)).toBe(0)
    silence.onAsk(90_000)
    expect(silence.ms(90_010)).toBe(10)
  })

  it('goes on where it was after everything that was asked has been taken back', () => {
    const silence = new Silence()
    silence.onAsk(0)
    silence.onPause(2_000)
    expect(silence.ms(60_000)).toBe(2_000)
    silence.onAsk(60_000)
    silence.onPause(63_000)
    silence.onPause(64_000)
    expect(silence.ms(90_000)).toBe(5_000)
    silence.onDelivery(91_000, true)
    expect(silence.ms(91_000)).toBe(0)
  })

  it('shrinks only when something is delivered, and is never longer than the time since', () => {
    const step = fc.record({ kind: fc.constantFrom('ask', 'pause', 'delivery', 'last'), waitMs: fc.nat(5_000) })
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const silence = new Silence()
        let nowMs = 0
        let deliveredMs = 0
        for (const { kind, waitMs } of steps) {
          const before = silence.ms(nowMs)
          nowMs += waitMs
          if (kind === 'ask') silence.onAsk(nowMs)
          else if (kind === 'pause') silence.onPause(nowMs)
          else {
            silence.onDelivery(nowMs, kind === 'delivery')
            deliveredMs = nowMs
          }
          expect(silence.ms(nowMs)).toBeGreaterThanOrEqual(deliveredMs === nowMs ? 0 : before)
          expect(silence.ms(nowMs)).toBeLessThanOrEqual(nowMs - deliveredMs)
        }
      }),
    )
  })
})
