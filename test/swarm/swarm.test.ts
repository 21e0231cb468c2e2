import { describe, expect, it } from 'vitest'
import { KiB } from '../../src/base/units.ts'
import { World } from './support/world.ts'

describe('Swarm', () => {
  it('brings a torrent from a seed to a leech and leaves nothing behind', async () => {
    const world = new World()
    const seed = world.seed()
    const leech = world.leech()
    leech.meets(seed)
    expect(await world.completes([leech])).toBe(true)
    expect(leech.isIntact).toBe(true)
    const bytes = world.torrent.content.length
    expect(leech.swarm.status()).toMatchObject({ bytesDone: bytes, bytesTotal: bytes, downloadedBytes: bytes, wastedBytes: 0, seeds: 1 })
    expect(seed.swarm.status().uploadedBytes).toBe(bytes)
    expect(await world.leftBehind()).toEqual([])
  })

  it('asks for the rest once unchoked, also after the allowed-fast pieces were asked for', async () => {
    const world = new World({ latencyMs: 50 })
    const seed = world.seed()
    const first = world.leech()
    first.meets(seed)
    await world.completes([first])
    const startMs = world.clock.nowMs()
    const leech = world.leech()
    leech.meets(seed)
    await world.completes([leech])
    // Nothing waits for the look that is taken once a second: 2 MB over a line of 10 MB/s, and a few round trips.
    expect(leech.completedMs - startMs).toBeLessThan(900)
  })

  it('does without the fast extension', async () => {
    const world = new World()
    const seed = world.seed({ supportsFast: false })
    const leech = world.leech({ supportsFast: false })
    leech.meets(seed)
    expect(await world.completes([leech])).toBe(true)
    expect(leech.isIntact).toBe(true)
    expect(await world.leftBehind()).toEqual([])
  })

  it('brings every byte to eight leeches while the seed sends well under two copies', async () => {
    const world = new World({ pieces: 256 })
    const seed = world.seed({ uploadBytesPerSecond: 1_000_000 })
    const leeches = Array.from({ length: 8 }, () => world.leech({ uploadBytesPerSecond: 1_000_000 }))
    world.introduceAll()
    expect(await world.completes(leeches, 120_000)).toBe(true)
    for (const leech of leeches) expect(leech.isIntact).toBe(true)
    expect(seed.swarm.status().uploadedBytes / world.torrent.content.length).toBeLessThan(1.4)
    // Eight hosts that each got it from the seed alone would take eight times as long as one copy.
    expect(Math.max(...leeches.map((leech) => leech.completedMs))).toBeLessThan(1.5 * 17_000)
    for (const { near, far } of world.network.connections) expect([near.trace.askedTwice, far.trace.askedTwice]).toEqual([0, 0])
    expect(await world.leftBehind()).toEqual([])
  })

  it('serves a leech that joins late from those that came before', async () => {
    const world = new World({ pieces: 64 })
    const seed = world.seed()
    const early = world.leech()
    early.meets(seed)
    await world.completes([early])
    world.network.remove(seed)
    const late = world.leech()
    late.meets(seed, early)
    expect(await world.completes([late])).toBe(true)
    expect(late.isIntact).toBe(true)
  })

  it('fetches only the wanted pieces', async () => {
    const world = new World()
    const seed = world.seed()
    const leech = world.leech({ wanted: [3, 4, 31] })
    leech.meets(seed)
    expect(await world.completes([leech])).toBe(true)
    expect([...leech.pieceTimes.keys()].toSorted((a, b) => a - b)).toEqual([3, 4, 31])
    expect(leech.swarm.status().bytesTotal).toBe(3 * 64 * KiB - 1_234)
    const [connection] = world.network.connections
    await world.clock.advance(2_000)
    expect(connection?.near.trace.isInterested).toBe(false)
  })

  it('goes on from the pieces that are here already', async () => {
    const world = new World()
    const seed = world.seed()
    const leech = world.leech({ verified: [0, 5, 9, 31] })
    leech.meets(seed)
    expect(await world.completes([leech])).toBe(true)
    expect(leech.pieceTimes.size).toBe(28)
    expect(leech.isIntact).toBe(true)
  })

  it('parts from other seeds once both have everything', async () => {
    const world = new World()
    const seed = world.seed()
    const leech = world.leech()
    leech.meets(seed)
    await world.completes([leech])
    await world.clock.advance(20_000)
    expect([seed.swarm.status().peers, leech.swarm.status().peers]).toEqual([0, 0])
    const { dials } = world.network
    await world.clock.advance(300_000)
    expect(world.network.dials).toBe(dials)
  })

  it('loses interest in every peer exactly when it has nothing more to want', async () => {
    const world = new World()
    const halves = [world.seed({ verified: [0, 1, 2, 3] }), world.seed({ verified: [4, 5, 6, 7] })]
    const leech = world.leech({ wanted: [0, 1, 2, 3, 4, 5] })
    leech.meets(...halves)
    expect(await world.completes([leech])).toBe(true)
    await world.clock.advance(100)
    for (const { near } of world.network.connections.filter(({ from }) => from === leech)) expect(near.trace.isInterested).toBe(false)
  })
})
