import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../src/swarm/limits.ts'
import { type DemandedPeer, PeerDemand, type PeerDemandParts } from '../../src/swarm/peer-demand.ts'
import type { ScriptedPeer } from './support/scripted-peer.ts'
import { VirtualClock } from './support/virtual-clock.ts'
import { World } from './support/world.ts'

function demandOf(parts: Partial<PeerDemandParts> = {}): PeerDemand {
  const fetching = { isOrigin: () => false, isComplete: () => false }
  const usual = { clock: new VirtualClock(), peers: new Map(), maxPeers: Number.POSITIVE_INFINITY, hasZone: false }
  return new PeerDemand({ ...usual, ...fetching, ...parts })
}

function peersOf(count: number, traitsOf: (index: number) => Partial<DemandedPeer>): Map<number, DemandedPeer> {
  const usual = { isUseless: () => false, isSlow: () => false, downMeter: { bytesPerSecond: () => 0 } }
  return new Map(Array.from({ length: count }, (_, index) => [index, { ...usual, ...traitsOf(index) }]))
}

/** So many peers that meet a host before the only one that serves it well. */
async function fetchBehind(makeUseless: (world: World) => ScriptedPeer): Promise<number> {
  const world = new World({ pieces: 64 })
  const useless = Array.from({ length: 2 * LIMITS.wantedPeers }, () => makeUseless(world))
  const leech = world.leech()
  leech.meets(...useless)
  await world.clock.advance(2_000)
  expect(useless.filter((peer) => peer.isConnected)).toHaveLength(LIMITS.wantedPeers + LIMITS.sparePeers)
  leech.meets(world.seed())
  expect(await world.completes([leech])).toBe(true)
  return leech.completedMs
}

describe('PeerDemand', () => {
  it('does not count useless peers, and never exceeds what may be', () => {
    const peers = peersOf(10, (index) => ({ isUseless: () => index < 7 }))
    expect(demandOf({ peers }).wanted).toBe(LIMITS.wantedPeers + 7)
    expect(demandOf({ peers }).most).toBe(LIMITS.wantedPeers + LIMITS.sparePeers + 7)
    expect([demandOf({ peers, maxPeers: 9 }).wanted, demandOf({ peers, maxPeers: 9 }).most]).toEqual([9, 9])
  })

  it('does not count slow peers while all together give little, and looks for twice as many at most', () => {
    const slow = { isSlow: () => true, downMeter: { bytesPerSecond: () => 1_000 } }
    expect(demandOf({ peers: peersOf(10, () => slow) }).wanted).toBe(LIMITS.wantedPeers + 10)
    expect(demandOf({ peers: peersOf(100, () => slow) }).wanted).toBe(2 * LIMITS.wantedPeers)
    const fast = { downMeter: { bytesPerSecond: () => 1_000_000 } }
    expect(demandOf({ peers: peersOf(10, (index) => (index === 0 ? fast : slow)) }).wanted).toBe(LIMITS.wantedPeers)
  })

  it('lets in whoever comes once everything is here, and looks for as many only where we are the origin', () => {
    const peers = peersOf(12, (index) => ({ isUseless: () => index < 6, isSlow: () => true }))
    const complete = demandOf({ peers, maxPeers: 200, isComplete: () => true })
    expect([complete.wanted, complete.most]).toEqual([LIMITS.wantedPeers, 200])
    const origin = demandOf({ maxPeers: 200, isComplete: () => true, isOrigin: () => true })
    expect([origin.wanted, origin.most]).toEqual([200, 200])
  })

  it('looks for more where the hosts of a zone have to know each other', () => {
    expect(demandOf({ hasZone: true }).wanted).toBe(LIMITS.wantedPeersInZone)
  })
})

describe('a host that fetches', () => {
  it('looks beyond peers that choke it', async () => {
    expect(await fetchBehind((world) => world.scriptedSeed({}, { staysChoked: true }))).toBeLessThan(20_000)
  })

  it('looks beyond peers that are idle', async () => {
    expect(await fetchBehind((world) => world.scriptedPeer((link) => link.haveNone()))).toBeLessThan(20_000)
  })

  it('looks beyond peers that give it less than is worth having', async () => {
    const world = new World({ pieces: 128 })
    const slow = Array.from({ length: 20 }, () => world.seed({ uploadBytesPerSecond: 8_000 }))
    const leech = world.leech({ slots: 64 })
    leech.meets(...slow)
    await world.clock.advance(2_000)
    leech.meets(world.seed())
    // All of the slow ones together would need 50 s.
    expect(await world.completes([leech])).toBe(true)
    expect(leech.completedMs).toBeLessThan(20_000)
  })
})
