import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../src/swarm/limits.ts'
import { PeerDemand, type PeerDemandParts } from '../../src/swarm/peer-demand.ts'
import { VirtualClock } from './support/virtual-clock.ts'

function demandOf(parts: Partial<PeerDemandParts> = {}): PeerDemand {
  return new PeerDemand({ clock: new VirtualClock(), peers: new Map(), maxPeers: Number.POSITIVE_INFINITY, hasZone: false, ...parts })
}

describe('PeerDemand', () => {
  it('does not count idle peers, and never exceeds what may be', () => {
    const peers = new Map(Array.from({ length: 10 }, (_, index) => [index, { isIdle: () => index < 7 }]))
    expect(demandOf({ peers }).wanted).toBe(LIMITS.wantedPeers + 7)
    expect(demandOf({ peers }).most).toBe(LIMITS.wantedPeers + LIMITS.sparePeers + 7)
    expect([demandOf({ peers, maxPeers: 9 }).wanted, demandOf({ peers, maxPeers: 9 }).most]).toEqual([9, 9])
  })

  it('stays where it is while it has fewer peers than it looks for', () => {
    const demand = demandOf()
    for (let second = 0; second < 100; second++) demand.onTick(second * 1_000, LIMITS.wantedPeers - 1, 1_000 * second)
    expect([demand.wanted, demand.most]).toEqual([LIMITS.wantedPeers, LIMITS.wantedPeers + LIMITS.sparePeers])
  })

  it('looks for more where the hosts of a zone have to know each other', () => {
    expect(demandOf({ hasZone: true }).wanted).toBe(LIMITS.wantedPeersInZone)
  })

  it('tries a step, and no other one when that did not help', () => {
    const demand = demandOf()
    for (let second = 0; second < 100; second++) demand.onTick(second * 1_000, 1_000, 50_000)
    expect(demand.wanted).toBe(Math.ceil(1.25 * LIMITS.wantedPeers))
  })

  it('goes on as long as each step makes the download faster', () => {
    const demand = demandOf()
    // A swarm of slow peers: the rate is what each gives, times as many as there are.
    for (let second = 0; second < 60; second++) demand.onTick(second * 1_000, demand.wanted, 50_000 * demand.wanted)
    expect(demand.wanted).toBeGreaterThan(100)
  })

  it('never looks for fewer peers than before, and takes at most one step in five seconds', () => {
    const tick = fc.record({ peers: fc.nat(400), bytesPerSecond: fc.nat(10_000_000) })
    fc.assert(
      fc.property(fc.array(tick, { maxLength: 100 }), (ticks) => {
        const demand = demandOf()
        let [wanted, steppedMs] = [demand.wanted, Number.NEGATIVE_INFINITY]
        for (const [second, { peers, bytesPerSecond }] of ticks.entries()) {
          demand.onTick(second * 1_000, peers, bytesPerSecond)
          expect(demand.wanted).toBeGreaterThanOrEqual(wanted)
          if (demand.wanted === wanted) continue
          expect(demand.wanted).toBe(Math.ceil(1.25 * wanted))
          expect(second * 1_000 - steppedMs).toBeGreaterThanOrEqual(5_000)
          wanted = demand.wanted
          steppedMs = second * 1_000
        }
      }),
    )
  })
})
