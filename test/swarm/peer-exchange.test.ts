import { describe, expect, it } from 'vitest'
import type { ExchangedPeer } from '../../src/wire/extension-messages.ts'
import { ScriptedPeer } from './support/scripted-peer.ts'
import { World } from './support/world.ts'

function exchangingPeer(world: World, number: number): ScriptedPeer {
  return new ScriptedPeer(world.network, world.torrent, { number }, (link) =>
    link.extensionHandshake({ extensions: { peerExchange: 2 }, listenPort: 6881 }),
  )
}

const someone = (number: number): ExchangedPeer => ({ host: `10.5.0.${number}`, port: 6881, isSeed: false })

describe('PeerExchange', () => {
  it('brings peers together that know only one and the same third', async () => {
    const world = new World({ pieces: 64 })
    const middle = world.leech({ usesPeerExchange: true, uploadBytesPerSecond: 20_000 })
    const leech = world.leech({ usesPeerExchange: true })
    const seed = world.seed({ usesPeerExchange: true, uploadBytesPerSecond: 200_000 })
    leech.meets(middle)
    seed.meets(middle)
    await world.clock.advance(5_000)
    expect(leech.swarm.peers().map(({ address }) => address.host)).toContain(seed.address.host)
    expect(await world.completes([leech, middle], 120_000)).toBe(true)
  })

  it('tells changes only, once a minute at most, and never a peer of itself', async () => {
    const world = new World()
    const host = world.leech({ usesPeerExchange: true })
    const [one, two, three] = [1, 2, 3].map((number) => exchangingPeer(world, number)) as [ScriptedPeer, ScriptedPeer, ScriptedPeer]
    host.meets(one, two)
    await world.clock.advance(3_000)
    expect(one.exchanges).toEqual([{ added: [{ ...two.address, isSeed: false }], dropped: [] }])
    host.meets(three)
    world.network.remove(two)
    await world.clock.advance(50_000)
    expect(one.exchanges.length).toBe(1)
    await world.clock.advance(20_000)
    expect(one.exchanges.length).toBe(2)
    expect(one.exchanges[1]).toMatchObject({ added: [{ ...three.address, isSeed: false }], dropped: [two.address] })
    await world.clock.advance(70_000)
    expect(one.exchanges.length).toBe(2)
  })

  it('tells fifty peers at a time, and the others in the next message', async () => {
    const world = new World()
    const host = world.leech({ usesPeerExchange: true, maxPeers: 100 })
    const peers = Array.from({ length: 61 }, (_, index) => exchangingPeer(world, index + 1))
    host.meets(...peers)
    await world.clock.advance(130_000)
    const [first] = peers as [ScriptedPeer]
    const told = first.exchanges.flatMap(({ added }) => added.map(({ host: one }) => one))
    expect(Math.max(...first.exchanges.map(({ added }) => added.length))).toBeLessThanOrEqual(50)
    expect(new Set(told).size).toBe(60)
    expect(told.length).toBe(60)
  })

  it('says nothing to a peer that takes no such messages, nor where it is off', async () => {
    const world = new World()
    const hosts = [world.leech({ usesPeerExchange: true }), world.leech({ usesPeerExchange: false })]
    const deaf = world.scriptedSeed({}, { pieces: [] })
    const hearing = exchangingPeer(world, 500)
    hosts[0]?.meets(deaf, exchangingPeer(world, 501))
    hosts[1]?.meets(hearing, exchangingPeer(world, 502))
    await world.clock.advance(130_000)
    expect([deaf.exchanges, hearing.exchanges]).toEqual([[], []])
  })

  it('dials what it is told where that makes sense, and drops a peer that tells too often', async () => {
    const world = new World()
    const host = world.leech({ usesPeerExchange: true })
    const teller = exchangingPeer(world, 1)
    const target = exchangingPeer(world, 2)
    host.meets(teller)
    await world.clock.advance(100)
    teller.link.peerExchange(2, { added: [{ ...target.address, isSeed: false }], dropped: [] })
    await world.clock.advance(100)
    expect(target.isConnected).toBe(true)
    await world.clock.advance(25_000)
    teller.link.peerExchange(2, { added: [someone(1)], dropped: [] })
    await world.clock.advance(100)
    expect(teller.isConnected).toBe(true)
    teller.link.peerExchange(2, { added: [someone(2)], dropped: [] })
    await world.clock.until(() => host.peerEvents.at(-1)?.kind === 'disconnected', 1_000)
    expect(host.peerEvents.at(-1)?.reason).toBe('sent peer exchange messages too often')
  })

  it('knocks twice in an hour at most where a stranger sends it and nobody speaks BitTorrent', async () => {
    const world = new World()
    const host = world.leech({ usesPeerExchange: true })
    const teller = exchangingPeer(world, 1)
    host.meets(teller)
    await world.clock.advance(100)
    const { dials } = world.network
    for (let minute = 0; minute < 50; minute++) {
      if (teller.isConnected) teller.link.peerExchange(2, { added: [someone(9)], dropped: [] })
      teller.link.keepAlive()
      await world.clock.advance(60_000)
    }
    expect(world.network.dials - dials).toBe(2)
  })
})
