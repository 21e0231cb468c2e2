import { describe, expect, it } from 'vitest'
import type { ScriptedPeer } from './support/scripted-peer.ts'
import type { TestHost } from './support/test-host.ts'
import { World } from './support/world.ts'

async function completesAmong(world: World, leech: TestHost, silent: readonly ScriptedPeer[], limitMs: number): Promise<boolean> {
  const keepAlives = world.clock.every(30_000, () => {
    for (const peer of silent) if (peer.isConnected) peer.link.keepAlive()
  })
  const isComplete = await world.completes([leech], limitMs)
  keepAlives.cancel()
  return isComplete
}

function mostAsked(world: World): number {
  return Math.max(...world.network.connections.flatMap(({ near }) => [...near.trace.askedTimes.values()]))
}

describe('peers that do not deliver', () => {
  it.each([
    ['3 that never answer', 3, 0],
    ['8 that never answer', 8, 0],
    ['12 that answer once', 12, 1],
  ])('do not pass blocks on to each other while a seed waits: %s', async (_, count, answers) => {
    const world = new World({ pieces: 16 })
    const silent = world.silentSeeds(count, answers)
    const seed = world.seed({ uploadBytesPerSecond: 100_000 })
    const leech = world.leech()
    leech.meets(...silent, seed)
    expect(await completesAmong(world, leech, silent, 30_000)).toBe(true)
    expect(leech.isIntact).toBe(true)
    // 1 MB from 100 kB/s take 10.5 s.
    expect(leech.completedMs).toBeLessThan(1.25 * 10_500)
    expect(mostAsked(world)).toBeLessThanOrEqual(3)
    expect(leech.swarm.status().wastedBytes).toBe(0)
    expect(await world.leftBehind()).toEqual([])
  })

  it('are dropped in time when there is nobody else, however often they take blocks from each other', async () => {
    const world = new World({ pieces: 16 })
    const silent = world.silentSeeds(5, 0)
    const leech = world.leech()
    leech.meets(...silent)
    expect(await completesAmong(world, leech, silent, 70_000)).toBe(false)
    const useless = leech.peerEvents.filter(({ reason }) => reason === 'sent nothing useful in 60 s')
    expect(new Set(useless.map(({ address }) => address.host)).size).toBe(silent.length)
  })

  it('do not keep a fast newcomer from helping when every piece is begun', async () => {
    const world = new World({ pieces: 4 })
    const silent = world.silentSeeds(2, 0)
    const leech = world.leech()
    leech.meets(...silent, world.seed({ uploadBytesPerSecond: 5_000 }))
    await world.clock.advance(3_000)
    leech.meets(world.seed({ uploadBytesPerSecond: 1_000_000 }))
    expect(await world.completes([leech], 30_000)).toBe(true)
    expect(leech.completedMs).toBeLessThan(6_000)
  })
})
