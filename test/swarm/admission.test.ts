import { beforeEach, describe, expect, it } from 'vitest'
import type { PeerOrigin } from '../../src/base/address.ts'
import { type AdmissionParts, refusalOf } from '../../src/swarm/admission.ts'
import { BanList } from '../../src/swarm/ban-list.ts'
import { Peer } from '../../src/swarm/peer.ts'
import { SeededRandom } from '../support/seeded-random.ts'
import { MemoryLink } from './support/memory-link.ts'
import { Uplink } from './support/uplink.ts'
import { VirtualClock } from './support/virtual-clock.ts'

const NO_ROOM = 'no room for more peers'

describe('when all places are taken, admission', () => {
  let clock: VirtualClock
  let peers: Map<number, Peer>
  let parts: AdmissionParts

  beforeEach(() => {
    clock = new VirtualClock()
    peers = new Map()
    parts = {
      clock,
      peerId: new Uint8Array(20),
      mostPeers: () => 3,
      visitors: 0,
      peers,
      bans: new BanList(),
      places: { reserved: 0, isShortAcross: false },
      // The last number of the address is its priority.
      priority: ({ host }) => Number(host.split('.').at(-1)),
    }
  })

  function linkOf(number: number, direction: 'incoming' | 'outgoing' = 'incoming'): MemoryLink {
    const handshake = {
      infoHash: new Uint8Array(20),
      peerId: new SeededRandom(number).bytes(20),
      supportsFast: true,
      supportsExtensions: true,
      supportsDht: false,
      supportsV2: false,
    }
    const end = { address: { host: `10.0.0.${number}`, port: 1 }, handshake, uplink: new Uplink(clock, Number.POSITIVE_INFINITY) }
    const [near, far] = MemoryLink.pair(clock, 1, end, end)
    return direction === 'outgoing' ? near : far
  }

  /** A peer that is at work: it is served, and we want what it has. */
  function join(
    number: number,
    direction: 'incoming' | 'outgoing' = 'incoming',
    origin: PeerOrigin = direction === 'incoming' ? 'incoming' : 'tracker',
  ): Peer {
    const peer = new Peer(number, linkOf(number, direction), origin, clock)
    peer.isInterested = true
    peer.amChoking = false
    peer.amInterested = true
    peers.set(number, peer)
    return peer
  }

  function closed(): number[] {
    return [...peers.values()].filter(({ link }) => (link as MemoryLink).isClosed).map(({ number }) => number)
  }

  it('lets a latecomer take the place of the lowest of those that dialled us, though it is at work', async () => {
    for (const number of [20, 10, 30]) join(number)
    await clock.advance(5_000)
    expect(refusalOf(linkOf(25), parts)).toBeUndefined()
    expect(closed()).toEqual([10])
  })

  it('turns away whoever has a lower priority than all of them', async () => {
    for (const number of [20, 10, 30]) join(number)
    await clock.advance(5_000)
    expect(refusalOf(linkOf(5), parts)).toBe(NO_ROOM)
    expect(closed()).toEqual([])
  })

  it('lets nobody take the place of a peer at work that we dialled, that is new, that is behind us, or that is in a zone', async () => {
    join(10, 'outgoing')
    join(11).amInterested = false
    join(12).zone = { name: 'rack', relation: 'same' }
    await clock.advance(5_000)
    expect(refusalOf(linkOf(25), parts)).toBe(NO_ROOM)
    peers.clear()
    for (const number of [10, 11, 12]) join(number)
    await clock.advance(4_000)
    expect(refusalOf(linkOf(25), parts)).toBe(NO_ROOM)
    expect(closed()).toEqual([])
  })

  it('changes one neighbour at a time', async () => {
    for (const number of [20, 10]) join(number)
    await clock.advance(5_000)
    join(30)
    await clock.advance(999)
    expect(refusalOf(linkOf(25), parts)).toBe(NO_ROOM)
    await clock.advance(1)
    expect(refusalOf(linkOf(25), parts)).toBeUndefined()
    expect(closed()).toEqual([10])
  })

  it('gives the place of a peer that a person named to nobody', async () => {
    for (const number of [20, 10, 30]) join(number, 'incoming', 'static')
    await clock.advance(60_000)
    expect(refusalOf(linkOf(40), parts)).toBe(NO_ROOM)
  })

  it('takes the place of who is idle first', async () => {
    for (const number of [20, 10, 30]) join(number)
    const idle = peers.get(30) as Peer
    idle.isInterested = false
    idle.amInterested = false
    await clock.advance(60_000)
    expect(refusalOf(linkOf(5), parts)).toBeUndefined()
    expect(closed()).toEqual([30])
  })
})
