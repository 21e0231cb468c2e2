import { describe, expect, it } from 'vitest'
import { BLOCK_BYTES, KiB } from '../../src/base/units.ts'
import { MemoryWebSeed } from './support/memory-web-seed.ts'
import type { TestHost } from './support/test-host.ts'
import { World } from './support/world.ts'

/** What `leech` took in the first second, and in the half minute after that, in bytes a second. */
async function ratesOf(world: World, leech: TestHost): Promise<{ readonly first: number; readonly later: number }> {
  const { clock } = world
  await clock.until(() => leech.swarm.status().downloadedBytes > 0, 10_000)
  await clock.advance(1_000)
  const first = leech.swarm.status().downloadedBytes
  await clock.advance(30_000)
  return { first, later: (leech.swarm.status().downloadedBytes - first) / 30 }
}

describe('a limit on what comes in', () => {
  it.each([
    [10_000, 1],
    [50_000, 1],
    [50_000, 8],
    [300_000, 1],
    [300_000, 20],
  ])('of %i bytes a second holds from the first second on, with %i seeds', async (downLimit, count) => {
    const world = new World({ pieces: 256 })
    const seeds = Array.from({ length: count }, () => world.seed())
    const leech = world.leech({ downLimit, slots: 128 })
    leech.meets(...seeds)
    const { first, later } = await ratesOf(world, leech)
    const secondsWorth = Math.max(downLimit, BLOCK_BYTES)
    expect(first).toBeLessThanOrEqual(2.1 * secondsWorth)
    expect(later).toBeGreaterThan(0.9 * downLimit - BLOCK_BYTES / 30)
    expect(later).toBeLessThan(1.05 * downLimit + BLOCK_BYTES / 30)
    // Nor does more than that wait in the buffers of the network, but for a block of each.
    const sent = seeds.reduce((sum, { swarm }) => sum + swarm.status().uploadedBytes, 0)
    expect(sent - leech.swarm.status().downloadedBytes).toBeLessThanOrEqual(downLimit + count * BLOCK_BYTES)
  })

  it.each([
    [10_000, 256],
    [50_000, 256],
    [50_000, 16],
    [300_000, 256],
  ])('of %i bytes a second holds from the first second on, with a web seed of %i pieces', async (downLimit, pieces) => {
    const world = new World({ pieces })
    const leech = world.leech({ downLimit, slots: 128 })
    leech.swarm.addWebSeed(new MemoryWebSeed(world.clock, world.torrent, { bytesPerSecond: 50_000_000, chunkBytes: 512 * KiB }), 'torrent')
    const { first, later } = await ratesOf(world, leech)
    expect(first).toBeLessThanOrEqual(2.1 * Math.max(downLimit, BLOCK_BYTES))
    if (leech.isComplete) return
    expect(later).toBeGreaterThan(0.9 * downLimit - BLOCK_BYTES / 30)
    expect(later).toBeLessThan(1.05 * downLimit + BLOCK_BYTES / 30)
  })

  it.each([
    [1, 5],
    [1, 50],
    [20, 50],
  ])('is used up, with %i seeds that are %i ms away', async (count, latencyMs) => {
    const downLimit = 2_000_000
    const world = new World({ pieces: 240, latencyMs })
    const leech = world.leech({ downLimit, slots: 128 })
    leech.meets(...Array.from({ length: count }, () => world.seed()))
    expect(await world.completes([leech])).toBe(true)
    const seconds = world.torrent.content.length / downLimit
    expect(leech.completedMs / 1_000).toBeGreaterThan(0.95 * seconds)
    expect(leech.completedMs / 1_000).toBeLessThan(1.1 * seconds + 1)
  })

  it('is used up where one of many can give almost all of it', async () => {
    const downLimit = 2_000_000
    const world = new World({ pieces: 240, latencyMs: 50 })
    const leech = world.leech({ downLimit, slots: 128 })
    leech.meets(world.seed(), ...Array.from({ length: 19 }, () => world.seed({ uploadBytesPerSecond: 5_000 })))
    expect(await world.completes([leech])).toBe(true)
    expect(leech.completedMs / 1_000).toBeLessThan((1.2 * world.torrent.content.length) / downLimit + 2)
  })

  it('lets a small torrent be asked for at once of a web seed that may know no ranges', async () => {
    const world = new World({ pieces: 16 })
    const leech = world.leech({ downLimit: 50_000 })
    const webSeed = new MemoryWebSeed(world.clock, world.torrent, { bytesPerSecond: 50_000_000, chunkBytes: 512 * KiB })
    leech.swarm.addWebSeed(webSeed, 'torrent')
    expect(await world.completes([leech])).toBe(true)
    expect([leech.isIntact, webSeed.ranges.length]).toEqual([true, 1])
    expect(await world.leftBehind()).toEqual([])
  })
})
