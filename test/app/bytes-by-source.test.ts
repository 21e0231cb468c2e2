import { describe, expect, it } from 'vitest'
import { bytesBySource } from '../../src/app/bytes-by-source.ts'
import { MemoryWebSeed } from '../swarm/support/memory-web-seed.ts'
import { World } from '../swarm/support/world.ts'

describe('where the verified bytes came from', () => {
  it('is split between peers, web seeds, and what was here before', () => {
    expect(bytesBySource({ bytesDone: 100, webSeedBytes: 30, earlierBytes: 0 }, 20)).toEqual({ peers: 50, webSeeds: 30, local: 20 })
    expect(bytesBySource({ bytesDone: 0, webSeedBytes: 0, earlierBytes: 0 }, 20)).toEqual({ peers: 0, webSeeds: 0, local: 20 })
  })

  it('is a peer when all that a web seed sent was wrong', async () => {
    const world = new World({ pieces: 64 })
    const liar = new MemoryWebSeed(world.clock, world.torrent, { falsify: (bytes) => void bytes.reverse() })
    const leech = world.leech()
    leech.swarm.addWebSeed(liar, 'torrent')
    await world.clock.until(() => leech.swarm.status().webSeeds === 0, 60_000)
    leech.meets(world.seed())
    expect(await world.completes([leech])).toBe(true)
    const status = leech.swarm.status()
    expect(status.wastedBytes).toBeGreaterThan(0)
    expect(bytesBySource(status, 0)).toEqual({ peers: world.torrent.content.length, webSeeds: 0, local: 0 })
  })

  it('adds up where both give, and a web seed leaves in the middle', async () => {
    const world = new World({ pieces: 64 })
    const webSeed = new MemoryWebSeed(world.clock, world.torrent, { bytesPerSecond: 500_000 })
    const leech = world.leech()
    leech.swarm.addWebSeed(webSeed, 'torrent')
    await world.clock.until(() => leech.swarm.status().webSeedBytes > 0, 60_000)
    leech.swarm.removeWebSeed(webSeed, false)
    leech.meets(world.seed())
    expect(await world.completes([leech])).toBe(true)
    const { peers, webSeeds } = bytesBySource(leech.swarm.status(), 0)
    expect(webSeeds).toBeGreaterThan(0)
    expect(peers).toBeGreaterThan(0)
    expect(peers + webSeeds).toBe(world.torrent.content.length)
  })
})
