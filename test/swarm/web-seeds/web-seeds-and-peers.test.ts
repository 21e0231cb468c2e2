import { describe, expect, it } from 'vitest'
import { KiB } from '../../../src/base/units.ts'
import type { WebSeedFailure } from '../../../src/web-seed/web-seed.ts'
import { MemoryWebSeed, type MemoryWebSeedOptions } from '../support/memory-web-seed.ts'
import { World } from '../support/world.ts'

function webSeedOf(world: World, options: MemoryWebSeedOptions = {}): MemoryWebSeed {
  return new MemoryWebSeed(world.clock, world.torrent, options)
}

const busy: WebSeedFailure = { kind: 'busy', message: 'It is busy.', isFinal: false, retryAfterMs: undefined }

describe('web seeds in a swarm', () => {
  it('are not asked while a seed gives everything', async () => {
    const world = new World()
    const seed = world.seed()
    const webSeed = webSeedOf(world)
    const leeches = Array.from({ length: 4 }, () => world.leech())
    world.introduceAll()
    expect(seed.isComplete).toBe(true)
    await world.clock.until(() => leeches.every((leech) => leech.swarm.status().downloadedBytes > 0), 1_000)
    for (const leech of leeches) leech.swarm.addWebSeed(webSeed, 'torrent')
    expect(await world.completes(leeches)).toBe(true)
    expect(webSeed.sentBytes).toBe(0)
  })

  it('are left alone where one seed is enough, and asked where the seeds that there are do not fill the link', async () => {
    const world = new World({ pieces: 128 })
    const fast = world.seed()
    const slow = Array.from({ length: 4 }, () => world.seed({ uploadBytesPerSecond: 100_000 }))
    const [lucky, unlucky] = [world.leech(), world.leech()]
    lucky.meets(fast)
    unlucky.meets(...slow)
    await world.clock.advance(500)
    for (const leech of [lucky, unlucky]) leech.swarm.addWebSeed(webSeedOf(world), 'operator')
    expect(await world.completes([lucky, unlucky])).toBe(true)
    expect(lucky.swarm.status().webSeedBytes).toBe(0)
    // From the four alone it takes 21 s.
    expect(unlucky.completedMs).toBeLessThan(7_000)
    expect(unlucky.swarm.status().webSeedBytes).toBeGreaterThan(0)
    expect(await world.leftBehind()).toEqual([])
  })

  it('send a host that has many peers about one copy for all of them', async () => {
    const world = new World({ pieces: 256, pieceBytes: 32 * KiB })
    const leeches = Array.from({ length: 10 }, () => world.leech({ uploadBytesPerSecond: 2_000_000 }))
    world.introduceAll()
    await world.clock.until(() => leeches.every((leech) => leech.swarm.status().peers === 9), 1_000)
    const webSeeds = leeches.map(() => webSeedOf(world, { bytesPerSecond: 100_000 }))
    for (const [index, leech] of leeches.entries()) leech.swarm.addWebSeed(webSeeds[index] as MemoryWebSeed, 'torrent')
    expect(await world.completes(leeches, 120_000)).toBe(true)
    for (const leech of leeches) expect(leech.isIntact).toBe(true)
    const sent = webSeeds.reduce((sum, { sentBytes }) => sum + sentBytes, 0)
    expect(sent / world.torrent.content.length).toBeLessThan(1.3)
    expect(await world.leftBehind()).toEqual([])
  })

  it('are read from different places by hosts that meet only later', async () => {
    const world = new World({ pieces: 512, pieceBytes: 32 * KiB })
    const leeches = Array.from({ length: 10 }, () => world.leech({ slots: 256 }))
    const webSeeds = leeches.map(() => webSeedOf(world, { bytesPerSecond: 200_000 }))
    for (const [index, leech] of leeches.entries()) leech.swarm.addWebSeed(webSeeds[index] as MemoryWebSeed, 'torrent')
    await world.clock.advance(3_000)
    expect(new Set(webSeeds.map(({ ranges }) => ranges[0]?.begin)).size).toBe(10)
    world.introduceAll()
    expect(await world.completes(leeches, 120_000)).toBe(true)
    const sent = webSeeds.reduce((sum, { sentBytes }) => sum + sentBytes, 0)
    // 0.7 copies were sent before they met, of which a third is the same; 1.6 in all if they kept to what they had asked for by then.
    expect(sent / world.torrent.content.length).toBeLessThan(1.55)
    expect(await world.leftBehind()).toEqual([])
  })

  it('lose blocks to peers that would bring them much sooner', async () => {
    const world = new World()
    const seed = world.seed()
    const slow = webSeedOf(world, { bytesPerSecond: 20_000 })
    const leech = world.leech()
    leech.swarm.addWebSeed(slow, 'torrent')
    await world.clock.advance(3_000)
    leech.meets(seed)
    expect(await world.completes([leech])).toBe(true)
    expect(leech.isIntact).toBe(true)
    // Alone it would take 100 s.
    expect(leech.completedMs).toBeLessThan(10_000)
    expect(leech.swarm.status().webSeedBytes).toBeLessThan(0.2 * world.torrent.content.length)
    expect(await world.leftBehind()).toEqual([])
  })

  it('keep within the limit on what comes in', async () => {
    const world = new World()
    const leech = world.leech({ downLimit: 200_000 })
    leech.swarm.addWebSeed(webSeedOf(world), 'torrent')
    expect(await world.completes([leech])).toBe(true)
    const atLeastMs = 1_000 * (world.torrent.content.length / 200_000 - 2)
    expect(leech.completedMs).toBeGreaterThan(atLeastMs)
    expect(leech.completedMs).toBeLessThan(1.3 * atLeastMs + 2_000)
    expect(leech.swarm.webSeeds()).toMatchObject([{ strikes: 0 }])
  })

  it('end with the swarm in the middle of a range', async () => {
    const world = new World()
    const webSeed = webSeedOf(world)
    const leech = world.leech()
    leech.swarm.addWebSeed(webSeed, 'torrent')
    await world.clock.advance(50)
    expect(webSeed.open).toBeGreaterThan(0)
    leech.swarm.stop()
    expect(webSeed.open).toBe(0)
    expect(await world.leftBehind()).toEqual([])
  })

  it('end with the swarm while one is left alone after a failure', async () => {
    const world = new World()
    const leech = world.leech()
    leech.swarm.addWebSeed(webSeedOf(world, { failure: () => ({ afterBytes: 0, failure: busy }) }), 'torrent')
    await world.clock.advance(1_000)
    expect(leech.swarm.webSeeds()).toMatchObject([{ state: 'waiting', strikes: 0 }])
    expect(await world.leftBehind()).toEqual([])
  })
})
