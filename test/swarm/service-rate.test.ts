import { describe, expect, it } from 'vitest'
import { BLOCK_BYTES } from '../../src/base/units.ts'
import { ServiceRate } from '../../src/swarm/service-rate.ts'

describe('ServiceRate', () => {
  it('knows nothing before the first block', () => {
    expect(new ServiceRate().bytesPerSecond()).toBeUndefined()
  })

  it('measures what comes while something is asked for', () => {
    const rate = new ServiceRate()
    // All asked for at once, one block every 10 ms.
    for (let block = 1; block <= 100; block++) rate.onBlock(BLOCK_BYTES, 0, 10 * block)
    expect(rate.bytesPerSecond()).toBeCloseTo(100 * BLOCK_BYTES, -2)
  })

  it('does not sink while nothing is asked for', () => {
    const rate = new ServiceRate()
    for (let block = 0; block < 100; block++) rate.onBlock(BLOCK_BYTES, 60_000 * block, 60_000 * block + 10)
    expect(rate.bytesPerSecond()).toBeCloseTo(100 * BLOCK_BYTES, -2)
  })

  it('follows a change within some dozens of blocks', () => {
    const rate = new ServiceRate()
    let nowMs = 0
    for (let block = 0; block < 100; block++) rate.onBlock(BLOCK_BYTES, 0, ++nowMs)
    for (let block = 0; block < 100; block++) {
      nowMs += 100
      rate.onBlock(BLOCK_BYTES, 0, nowMs)
    }
    const bytesPerSecond = rate.bytesPerSecond() ?? 0
    expect(bytesPerSecond / (10 * BLOCK_BYTES)).toBeGreaterThan(1)
    expect(bytesPerSecond / (10 * BLOCK_BYTES)).toBeLessThan(1.1)
  })

  it('stays finite when all blocks come at the same moment', () => {
    const rate = new ServiceRate()
    for (let block = 0; block < 10; block++) rate.onBlock(BLOCK_BYTES, 5, 5)
    expect(rate.bytesPerSecond()).toBeLessThan(1e12)
  })
})
