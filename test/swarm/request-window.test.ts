import { describe, expect, it } from 'vitest'
import { BLOCK_BYTES, MiB } from '../../src/base/units.ts'
import { RequestWindow } from '../../src/swarm/request-window.ts'

const RESERVE_BYTES = 4 * BLOCK_BYTES

function windowAfter(...latenciesMs: readonly number[]): RequestWindow {
  const window = new RequestWindow()
  for (const latencyMs of latenciesMs) window.onBlock(BLOCK_BYTES, latencyMs)
  return window
}

describe('RequestWindow', () => {
  it('starts with 16 blocks and grows by what comes, while it comes promptly', () => {
    expect(new RequestWindow().bytes(0)).toBe(16 * BLOCK_BYTES)
    expect(windowAfter(20, 20, 20).bytes(0)).toBe(19 * BLOCK_BYTES)
  })

  it('settles at the measured rate for the round trip, and a reserve in time and in blocks', () => {
    const window = windowAfter(...Array<number>(500).fill(50))
    // 10 MiB/s for 0.1 s and four round trips of 50 ms.
    expect(window.bytes(10 * MiB)).toBeGreaterThanOrEqual(10 * MiB * 0.3)
    window.bytes(MiB)
    expect(window.bytes(MiB)).toBeCloseTo(MiB * 0.3 + RESERVE_BYTES)
  })

  it('grows no further once blocks wait behind each other', () => {
    const window = windowAfter(10, 1_000, ...Array<number>(100).fill(10))
    expect(window.bytes(50_000)).toBeCloseTo(50_000 * 0.14 + RESERVE_BYTES)
  })

  it('holds three seconds of data at most, and the four blocks', () => {
    expect(windowAfter(5_000).bytes(MiB)).toBe(3 * MiB + RESERVE_BYTES)
  })

  it('asks a snubbing peer for what it measures, which is nothing, until it delivers again', () => {
    const window = windowAfter(50)
    window.shrink()
    expect(window.bytes(0)).toBe(0)
    window.onBlock(BLOCK_BYTES, 50)
    expect(window.bytes(MiB)).toBeCloseTo(MiB * 0.3 + RESERVE_BYTES)
  })

  it('lets two that share an uplink end at equal shares, however unequal they begin', () => {
    const windows = [windowAfter(1, 1_000), windowAfter(1, 1_000)]
    let rates = [0.95 * MiB, 0.05 * MiB]
    for (let step = 0; step < 100; step++) {
      const asked = windows.map((window, index) => window.bytes(rates[index] ?? 0))
      const all = asked.reduce((sum, bytes) => sum + bytes, 0)
      // What waits at an uplink leaves it in the order in which it came: each gets a share as large as what it asked for.
      rates = asked.map((bytes) => (MiB * bytes) / all)
    }
    expect(rates[1]).toBeCloseTo(rates[0] ?? 0, -2)
  })
})
