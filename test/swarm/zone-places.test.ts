import { describe, expect, it } from 'vitest'
import type { PeerOrigin } from '../../src/base/address.ts'
import { ZonePlaces } from '../../src/swarm/zone-places.ts'
import { Racks } from './support/racks.ts'

interface Placed {
  readonly zone: { readonly name: string; readonly relation: 'same' | 'other' | 'unknown' }
  readonly origin: PeerOrigin
  readonly isAtWork: boolean
}

/** Peers of these zones, ours being `a`, in the order in which they came. */
function placesOf(zones: string, maxPeers = 100, changes: Partial<Placed> = {}, mostPeers = maxPeers) {
  const peers = [...zones].map((name) => ({
    zone: { name, relation: name === 'a' ? ('same' as const) : name === '?' ? ('unknown' as const) : ('other' as const) },
    origin: 'tracker' as const,
    isAtWork: false,
    ...changes,
  }))
  const places = new ZonePlaces(new Map<number, Placed>(peers.map((peer, index) => [index, peer])), maxPeers, () => mostPeers)
  return { peers, places, last: peers.at(-1) as Placed }
}

describe('places', () => {
  it.each([
    ['', 0, true],
    ['bbbb', 0, true],
    ['a', 4, true],
    ['abb', 2, true],
    ['abbcd', 0, false],
    ['a????', 4, true],
  ])('with peers of %s keep %i for other zones', (zones, reserved, wantsAcross) => {
    const { places } = placesOf(zones)
    expect([places.reserved, places.wantsAcross]).toEqual([reserved, wantsAcross])
  })

  it('are a quarter at most for others when there are few', () => {
    expect(placesOf('a', 8).places.reserved).toBe(2)
    expect(placesOf('a', 1).places.reserved).toBe(1)
  })

  it('have room for eight of other zones, and for any number where we know nobody of our own', () => {
    for (const zones of ['abbbbbbbb', 'bbbbbbbbbbbbbbbbbb', 'a????????????']) {
      const { places, last } = placesOf(zones)
      expect(places.surplus(last)).toBeUndefined()
    }
    const { places, last } = placesOf('abbbbbbbbb')
    expect(places.surplus(last)).toBe(last)
  })

  it('are taken from the zone that has most of them, the newest first', () => {
    const { places, peers, last } = placesOf('abbbbccccbd')
    expect(places.surplus(last)).toBe(peers[9])
  })

  it('are not taken from who is at work or was named by a person', () => {
    for (const changes of [{ isAtWork: true }, { origin: 'static' as const }, { origin: 'magnet' as const }]) {
      const { places, last } = placesOf('abbbbccccbd', 100, changes)
      expect(places.surplus(last)).toBeUndefined()
    }
  })

  it('are given to the first of a zone even when all are at work, and to no second one', () => {
    for (const [zones, isLetIn] of [
      ['abbbbccccbd', true],
      ['abbbbccccbdd', false],
    ] as const) {
      const { peers, places, last } = placesOf(zones, 100, { isAtWork: true })
      const newcomer = Object.assign(last, { isAtWork: false })
      expect(places.surplus(newcomer)).toBe(isLetIn ? undefined : newcomer)
      expect(peers.length).toBeGreaterThan(10)
    }
  })

  it('that are kept for others are not left to a peer that turns out to be of our own zone', () => {
    const { places, last } = placesOf('aaaaaaa', 10)
    expect(places.surplus(last)).toBeUndefined()
    const full = placesOf('aaaaaaaaa', 10)
    expect(full.places.surplus(full.last)).toBe(full.last)
  })

  it('are those that are given away at the moment, and not as many as there may ever be', () => {
    const { places, last } = placesOf('aaaaaaa', 100, {}, 10)
    expect(places.surplus(last)).toBe(last)
  })
})

describe('racks whose hosts find each other through a tracker', () => {
  it('keep a few connections across for each host, and finish as soon', async () => {
    const racks = new Racks({ pieces: 128, hostsPerRack: 16, host: { maxPeers: 60 } })
    const all = [racks.origin, ...racks.hosts]
    for (const host of all) {
      const others = all.filter((other) => other !== host).map(({ address }) => address)
      host.swarm.addPeers(others, 'tracker')
    }
    expect(await racks.world.completes(racks.hosts, 2 * racks.boundMs)).toBe(true)
    expect(racks.copiesAcross(0, 1)).toBeLessThan(1.3)
    const across = racks.hosts.map((host) => host.swarm.status().zones?.find(({ relation }) => relation === 'other')?.peers ?? 0)
    expect(Math.min(...across)).toBeGreaterThan(0)
    expect(across.reduce((sum, count) => sum + count, 0) / across.length).toBeLessThanOrEqual(10)
  })

  it('are not cut off when they come to others that are connected with each other already', async () => {
    const racks = new Racks({ racks: 3, hostsPerRack: 0, pieces: 32, host: { maxPeers: 12 } })
    const early = [0, 1].flatMap((rack) => Array.from({ length: 10 }, (_, index) => racks.add(rack, index + 2, {})))
    for (const host of early) {
      const others = [racks.origin, ...early].filter((other) => other !== host).map(({ address }) => address)
      host.swarm.addPeers(others, 'tracker')
    }
    await racks.world.clock.advance(racks.boundMs / 2)
    const late = Array.from({ length: 4 }, (_, index) => racks.add(2, index + 2, {}))
    for (const host of late) {
      const others = [racks.origin, ...early, ...late].filter((other) => other !== host).map(({ address }) => address)
      host.swarm.addPeers(others, 'tracker')
    }
    expect(await racks.world.completes([...early, ...late], 20 * racks.boundMs)).toBe(true)
  })
})
