import { describe, expect, it } from 'vitest'
import { KiB } from '../../src/base/units.ts'
import { World } from './support/world.ts'

describe('stealing', () => {
  it('takes the last blocks from whoever is fastest, cancels them elsewhere, and fetches hardly any of them twice', async () => {
    const world = new World({ pieces: 32 })
    const slow = [1, 2].map(() => world.seed({ uploadBytesPerSecond: 20_000 }))
    const fast = world.seed({ uploadBytesPerSecond: 1_000_000 })
    const leech = world.leech()
    leech.meets(...slow, fast)
    expect(await world.completes([leech])).toBe(true)
    expect(leech.isIntact).toBe(true)
    // The slow seeds hold dozens of requests when the rest is here: alone, either would need half a minute for its own.
    expect(leech.completedMs).toBeLessThan(6_000)
    const own = world.network.connections.filter(({ from }) => from === leech).map(({ near }) => near.trace)
    expect(own.reduce((sum, trace) => sum + trace.cancels, 0)).toBeGreaterThan(0)
    const asked = new Map<string, number>()
    for (const trace of own) for (const [block, times] of trace.askedTimes) asked.set(block, (asked.get(block) ?? 0) + times)
    expect(Math.max(...asked.values())).toBeLessThanOrEqual(3)
    expect(own.reduce((sum, trace) => sum + trace.askedTwice, 0)).toBe(0)
    expect(leech.swarm.status().wastedBytes).toBeLessThan(0.1 * world.torrent.content.length)
    expect(await world.leftBehind()).toEqual([])
  })

  it('takes a block from a peer that went silent as soon as nothing else is left to do', async () => {
    const world = new World({ pieces: 16 })
    let answers = 0
    const silent = world.scriptedSeed(
      {},
      {
        answer: (self, piece, begin, length) => {
          if (++answers <= 8) world.serve(self, piece, begin, length)
        },
      },
    )
    const seed = world.seed({ uploadBytesPerSecond: 500_000 })
    const leech = world.leech()
    leech.meets(silent, seed)
    expect(await world.completes([leech])).toBe(true)
    // 1 MB from 500 kB/s, and not the 20 s that a request may take.
    expect(leech.completedMs).toBeLessThan(4_500)
    expect(silent.cancels.length).toBeGreaterThan(0)
  })

  it('asks nobody else for a block while there is only one peer', async () => {
    const world = new World({ pieces: 4, pieceBytes: 256 * KiB })
    const seed = world.seed({ uploadBytesPerSecond: 100_000 })
    const leech = world.leech()
    leech.meets(seed)
    expect(await world.completes([leech])).toBe(true)
    const [connection] = world.network.connections
    expect(Math.max(...(connection?.near.trace.askedTimes.values() ?? []))).toBe(1)
    expect(connection?.near.trace.cancels).toBe(0)
  })
})
