import { describe, expect, it } from 'vitest'
import { limitShareBytes } from '../../src/swarm/limit-share.ts'

function giving(bytesPerSecond: number): { readonly downMeter: never } {
  return { downMeter: { bytesPerSecond: () => bytesPerSecond } as never }
}

describe('what to ask a source for under a limit', () => {
  it('is without end where there is no limit', () => {
    expect(limitShareBytes(Number.POSITIVE_INFINITY, 40, giving(5))).toBe(Number.POSITIVE_INFINITY)
  })

  it('is the same for all at first', () => {
    expect(limitShareBytes(40_000, 40, giving(0))).toBe(1_000)
  })

  it('is as much more as one gives, and never more than everything', () => {
    expect(limitShareBytes(40_000, 40, giving(20_000))).toBe(21_000)
    expect(limitShareBytes(40_000, 40, giving(39_500))).toBe(40_000)
    expect(limitShareBytes(40_000, 1, giving(1_000_000))).toBe(40_000)
  })
})
