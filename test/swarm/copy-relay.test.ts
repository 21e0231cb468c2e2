import { describe, expect, it } from 'vitest'
import type { CopyEvent } from '../../src/swarm/copy-exchange.ts'
import { copiesAt, full, hexOf, idOf, pair } from './support/copies.ts'
import type { TestHost } from './support/test-host.ts'
import { World } from './support/world.ts'

describe('gathering copies', () => {
  /** Somebody who looks on, and was told of the seed by a person. */
  function onlooker(world: World, seed: TestHost): { host: TestHost; copies: CopyEvent[] } {
    const host = world.leech({ copies: 'gathered', wanted: [] })
    host.meets(seed)
    return { host, copies: copiesAt(host) }
  }

  it('hears from the seed of hosts that told it and are gone, and of those that tell it later, once', async () => {
    const { world, seed, leech } = pair()
    expect(await world.completes([leech])).toBe(true)
    leech.swarm.tellCopy({ hostId: idOf(1), hostName: 'web-1' })
    await world.clock.advance(1_000)
    leech.swarm.stop()
    await world.clock.advance(59_000)
    const { copies } = onlooker(world, seed)
    await world.clock.advance(1_000)
    expect(copies.map(({ hostId, hostName }) => [hostId, hostName])).toEqual([[hexOf(1), 'web-1']])
    expect(copies[0]?.address?.host).toBe(leech.address.host)
    expect(Math.round((copies[0]?.ageMs ?? 0) / 1_000)).toBe(60)
    await world.clock.advance(60_000)
    const late = world.leech({ copies: 'told', zone: 'rack-7' })
    late.meets(seed)
    expect(await world.completes([late])).toBe(true)
    late.swarm.tellCopy({ hostId: idOf(2), hostName: 'web-2' })
    await world.clock.advance(1_000)
    expect(copies.slice(1)).toMatchObject([{ hostId: hexOf(2), hostName: 'web-2', zone: 'rack-7', ageMs: 0 }])
    expect(copies[1]?.address?.host).toBe(late.address.host)
  })

  it('hears where and when hosts told an earlier run of the seed', async () => {
    const world = new World({ pieces: 4 })
    const seed = world.seed({ copies: 'counted' })
    const address = { host: '2001:db8::7', port: 6881 }
    const usual = { zone: undefined, peerId: '', listenAddress: undefined }
    seed.swarm.recallCopies([
      { ...usual, hostId: hexOf(1), hostName: 'web-1', address, ageMs: 3_600_000 },
      { ...usual, hostId: hexOf(2), hostName: undefined, address: undefined, ageMs: -5 },
    ])
    const { copies } = onlooker(world, seed)
    await world.clock.advance(1_000)
    expect(copies[0]).toMatchObject({ hostId: hexOf(1), address })
    expect(copies[0]?.ageMs).toBeGreaterThanOrEqual(3_600_000)
    expect(copies[1]).toMatchObject({ hostId: hexOf(2), address: undefined })
    expect(copies[1]?.ageMs).toBeGreaterThanOrEqual(0)
  })

  it('hears of a host itself, counts a client by what it has, and transfers nothing', async () => {
    const world = new World({ pieces: 4 })
    const seed = world.seed({ copies: 'counted' })
    const { host, copies } = onlooker(world, seed)
    const plain = world.scriptedPeer((link) => {
      link.haveAll()
      link.extensionHandshake({ extensions: {}, listenPort: 6881 })
    })
    const teller = world.leech({ copies: 'told' })
    host.meets(plain, teller)
    await world.clock.advance(1_000)
    teller.swarm.tellCopy({ hostId: idOf(3) })
    await world.clock.advance(1_000)
    expect(copies.map(({ hostId }) => hostId)).toEqual([undefined, hexOf(3)])
    expect(host.swarm.status()).toMatchObject({ downloadedBytes: 0, uploadedBytes: 0 })
  })

  it('does not count the seed itself, nor believe anybody else about others', async () => {
    const world = new World({ pieces: 4 })
    const seed = world.seed({ copies: 'counted' })
    seed.swarm.tellCopy({ hostId: idOf(9) })
    const { host, copies } = onlooker(world, seed)
    const liar = world.scriptedPeer((link) => {
      link.extensionHandshake({ extensions: { copy: 4, copyHeard: 5 }, listenPort: 6881 })
      link.copy(4, { hostId: idOf(4), isRelayed: true })
    })
    host.swarm.addPeers([liar.address], 'pex')
    await world.clock.advance(3_000)
    expect(liar.extension?.gathersCopies).toBe(true)
    expect(copies).toEqual([])
  })

  it('is refused where it was not asked for', async () => {
    const { world, seed, copies } = pair()
    const liar = world.scriptedPeer((link) => {
      link.extensionHandshake({ extensions: { copyHeard: 5 }, listenPort: 6881 })
      link.copy(4, { hostId: idOf(4), isRelayed: true })
    })
    seed.meets(liar)
    await world.clock.advance(1_000)
    expect(copies).toEqual([])
  })

  it('gets in where all places are taken, again and again', async () => {
    const { world, seed, leech, guest } = await full()
    leech.swarm.tellCopy({ hostId: idOf(1) })
    const { host, copies } = onlooker(world, seed)
    expect(await world.clock.until(() => copies.length > 0, 5_000)).toBe(true)
    expect(await world.clock.until(() => host.swarm.peers().every(({ address }) => address.host !== seed.address.host), 10_000)).toBe(true)
    const another = world.scriptedPeer((link) => {
      link.haveAll()
      link.extensionHandshake({ extensions: { copyHeard: 5 }, listenPort: 6881 })
      link.copy(4, { hostId: idOf(2) })
    })
    another.accept(world.network.connect(another, seed))
    expect(await world.clock.until(() => copies.some(({ hostId }) => hostId === hexOf(2)), 30_000)).toBe(true)
    expect(guest.isConnected).toBe(true)
  })
})
