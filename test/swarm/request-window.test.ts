import { describe, expect, it } from 'vitest'
import { BLOCK_BYTES, MiB } from '../../src/base/units.ts'
import { RequestWindow } from '../../src/swarm/request-window.ts'

describe('RequestWindow', () => {
  it('starts with 16 requests and grows by one a block while blocks come promptly', () => {
    const window = new RequestWindow()
    expect(window.blocks(0, 250)).toBe(16)
    for (let block = 0; block < 10; block++) window.onBlock(20)
    expect(window.blocks(0, 250)).toBe(26)
  })

  it('settles at the measured rate for the round trip, and a reserve in time and in blocks', () => {
    const window = new RequestWindow()
    for (let block = 0; block < 500; block++) window.onBlock(50)
    // 10 MiB/s for 0.1 s and four round trips of 50 ms.
    expect(window.blocks(10 * MiB, 1_000)).toBeGreaterThanOrEqual(Math.ceil((10 * MiB * 0.3) / BLOCK_BYTES))
    window.blocks(MiB, 1_000)
    expect(window.blocks(MiB, 1_000)).toBe(Math.ceil((MiB * 0.3) / BLOCK_BYTES) + 4)
  })

  it('grows no further once blocks wait behind each other', () => {
    const window = new RequestWindow()
    window.onBlock(10)
    window.onBlock(1_000)
    for (let block = 0; block < 100; block++) window.onBlock(10)
    expect(window.blocks(50_000, 250)).toBe(5)
  })

  it('holds three seconds of data and four blocks at most, and what the peer queues at most', () => {
    const window = new RequestWindow()
    window.onBlock(5_000)
    expect(window.blocks(MiB, 1_000)).toBe((3 * MiB) / BLOCK_BYTES + 4)
    expect(window.blocks(MiB, 10)).toBe(10)
    expect(window.blocks(MiB, 0)).toBe(1)
  })

  it('asks a snubbing peer for one block at a time, until it delivers again', () => {
    const window = new RequestWindow()
    window.onBlock(50)
    window.shrink()
    expect(window.blocks(0, 250)).toBe(1)
    window.onBlock(50)
    expect(window.blocks(MiB, 250)).toBe(Math.ceil((MiB * 0.3) / BLOCK_BYTES) + 4)
  })

  it('lets two that share an uplink end at equal shares, however unequal they begin', () => {
    const uplink = MiB
    const windows = [new RequestWindow(), new RequestWindow()]
    for (const window of windows) window.onBlock(1)
    for (const window of windows) window.onBlock(1_000)
    let rates = [0.95 * uplink, 0.05 * uplink]
    for (let step = 0; step < 100; step++) {
      const asked = windows.map((window, index) => window.blocks(rates[index] ?? 0, 1_000))
      const all = asked.reduce((sum, blocks) => sum + blocks, 0)
      // What waits at an uplink leaves it in the order in which it came: each gets a share as large as what it asked for.
      rates = asked.map((blocks) => (uplink * blocks) / all)
    }
    expect(rates[1]).toBeCloseTo(rates[0] ?? 0, -4)
  })
})
