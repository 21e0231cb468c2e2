import { describe, expect, it } from 'vitest'
import { BLOCK_BYTES, KiB, MiB } from '../../src/base/units.ts'
import { LIMITS } from '../../src/swarm/limits.ts'
import { World } from './support/world.ts'

describe('a swarm with hostile peers', () => {
  it('queues 500 requests of a peer that floods, rejects the others, and serves an honest peer well', async () => {
    const world = new World({ pieces: 64 })
    const seed = world.seed({ uploadBytesPerSecond: 2_000_000 })
    const flooder = world.scriptedSeed({}, { pieces: [] })
    seed.meets(flooder)
    await world.clock.advance(100)
    flooder.link.interested()
    await world.clock.advance(100)
    // It asks for 5,000 blocks at once and never reads an answer.
    flooder.link.pauseReading()
    for (let index = 0; index < 5_000; index++) flooder.link.request(index % 60, 0, BLOCK_BYTES)
    const leech = world.leech()
    leech.meets(seed)
    expect(await world.completes([leech])).toBe(true)
    // 4.2 MB over a line of 2 MB/s, of which the flooder gets what fits into its socket.
    expect(leech.completedMs).toBeLessThan(4_000)
    const [connection] = world.network.connections
    const toFlooder = connection?.from === seed ? connection.near : connection?.far
    // Of those that were not queued each was rejected; a batch or two had left the queue before the last of them came.
    expect(toFlooder?.trace.rejects).toBeLessThanOrEqual(5_000 - LIMITS.queuedRequests)
    expect(toFlooder?.trace.rejects).toBeGreaterThanOrEqual(5_000 - LIMITS.queuedRequests - LIMITS.batchesPerPeer * 16)
    expect(toFlooder?.trace.blocksSent).toBeLessThanOrEqual(LIMITS.batchesPerPeer * 16)
    expect(toFlooder?.queuedBytes).toBeLessThan(1 * MiB + 300 * KiB)
  })

  it('serves an honest peer while more peers than there are batches read nothing, and drops those in time', async () => {
    const world = new World({ pieces: 64 })
    const seed = world.seed()
    const lazy = Array.from({ length: LIMITS.batches + 12 }, () => world.scriptedSeed({}, { pieces: [] }))
    for (const peer of lazy) {
      seed.meets(peer)
      await world.clock.advance(20)
      peer.link.interested()
      await world.clock.until(() => peer.isUnchoked, 2_000)
      peer.link.pauseReading()
      for (let piece = 0; piece < 20; piece++) peer.link.request(piece, 0, BLOCK_BYTES)
      await world.clock.advance(200)
      // It makes place for the next one and keeps what is on its way to it.
      peer.link.notInterested()
    }
    const leech = world.leech()
    leech.meets(seed)
    expect(await world.completes([leech], 10_000)).toBe(true)
    for (let round = 0; round < 9; round++) {
      for (const peer of lazy) if (peer.isConnected) peer.link.keepAlive()
      await world.clock.advance(40_000)
    }
    const dropped = seed.peerEvents.filter(({ reason }) => reason === 'took nothing that was sent to it')
    expect(new Set(dropped.map(({ address }) => address.host)).size).toBe(lazy.length)
  })

  it('looks at its peers once, however often one of them changes its mind in what is read at once', async () => {
    const world = new World({ pieces: 8 })
    const seed = world.seed()
    const peer = world.scriptedSeed({}, { pieces: [] })
    seed.meets(peer)
    await world.clock.advance(100)
    const [connection] = world.network.connections
    connection?.near.pauseReading()
    for (let change = 0; change < 1_000; change++) {
      peer.link.notInterested()
      peer.link.interested()
    }
    await world.clock.advance(100)
    let unchokes = 0
    peer.onUnchoke = () => unchokes++
    connection?.near.resumeReading()
    await world.clock.advance(500)
    expect(unchokes).toBe(1)
  })

  it('drops a peer after 512 blocks that nobody asked for', async () => {
    const world = new World({ pieces: 8 })
    const spammer = world.scriptedSeed({}, { pieces: [] })
    const seed = world.seed({ uploadBytesPerSecond: 100_000 })
    const leech = world.leech()
    leech.meets(spammer, seed)
    await world.clock.advance(100)
    for (let index = 0; index < 600; index++) spammer.link.sendBlock(index % 8, 0, BLOCK_BYTES, new Uint8Array(BLOCK_BYTES))
    await world.clock.until(() => leech.peerEvents.some((event) => event.kind === 'disconnected'), 2_000)
    expect(leech.peerEvents.at(-1)?.reason).toBe('sent blocks that nobody asked for')
    expect(leech.swarm.status().wastedBytes).toBe((LIMITS.unrequestedBlocks + 1) * BLOCK_BYTES)
    expect(await world.completes([leech])).toBe(true)
    expect(leech.isIntact).toBe(true)
    expect(leech.banned.size).toBe(0)
  })

  it('drops a peer that asks for blocks that do not exist more than ten times', async () => {
    const world = new World({ pieces: 8 })
    const seed = world.seed()
    const peer = world.scriptedSeed({}, { pieces: [] })
    seed.meets(peer)
    await world.clock.advance(100)
    peer.link.interested()
    await world.clock.advance(100)
    for (let index = 0; index < LIMITS.badRequests; index++) peer.link.request(7, 64 * KiB, BLOCK_BYTES)
    await world.clock.advance(100)
    expect([peer.isConnected, peer.rejects.length]).toEqual([true, LIMITS.badRequests])
    peer.link.request(0, 0, BLOCK_BYTES + 1)
    await world.clock.advance(100)
    expect(peer.isConnected).toBe(false)
    expect(peer.blocks).toEqual([])
  })

  it('finds the one seed behind more silent peers than it looks for', async () => {
    const world = new World({ pieces: 16 })
    const silent = Array.from({ length: 30 }, () => world.scriptedSeed({}, { pieces: [], staysChoked: true }))
    const leech = world.leech()
    leech.meets(...silent)
    await world.clock.advance(1_000)
    leech.meets(world.seed())
    // They have a few seconds to be of use, and then take no place.
    expect(await world.completes([leech], 10_000)).toBe(true)
    expect(await world.leftBehind()).toEqual([])
  })

  it('rejects what a choked peer asks for, but for the pieces that it was allowed', async () => {
    const world = new World({ pieces: 64 })
    const seed = world.seed()
    // An origin gives each piece to one host first, and lets nobody in before its turn until all are out.
    const first = world.leech()
    first.meets(seed)
    expect(await world.completes([first])).toBe(true)
    const peer = world.scriptedSeed({}, { pieces: [] })
    seed.meets(peer)
    await world.clock.advance(100)
    expect(peer.allowedFast.length).toBe(LIMITS.grantedFastPieces)
    const [allowed] = peer.allowedFast as [number]
    const other = [0, 1, 2, 3, 4, 5, 6].find((piece) => !peer.allowedFast.includes(piece)) ?? 0
    peer.link.request(allowed, 0, BLOCK_BYTES)
    peer.link.request(other, 0, BLOCK_BYTES)
    await world.clock.advance(100)
    expect(peer.blocks).toEqual([{ piece: allowed, begin: 0 }])
    expect(peer.rejects).toEqual([{ piece: other, begin: 0 }])
  })

  it('sends each queued request a block or a reject when it chokes, and nothing after that', async () => {
    const world = new World({ pieces: 64 })
    const seed = world.seed({ uploadBytesPerSecond: 500_000 })
    const peer = world.scriptedSeed({}, { pieces: [] })
    seed.meets(peer)
    await world.clock.advance(100)
    peer.link.interested()
    await world.clock.advance(100)
    for (let index = 0; index < 200; index++) peer.link.request(index >> 2, (index & 3) * BLOCK_BYTES, BLOCK_BYTES)
    await world.clock.advance(50)
    peer.link.notInterested()
    await world.clock.advance(10_000)
    expect(peer.isUnchoked).toBe(false)
    expect(peer.blocks.length).toBeGreaterThan(0)
    expect(peer.rejects.length).toBeGreaterThan(0)
    const answered = [...peer.blocks, ...peer.rejects].map(({ piece, begin }) => `${piece}:${begin}`)
    expect(new Set(answered).size).toBe(200)
    expect(answered.length).toBe(200)
  })

  it('closes a connection with itself and never dials itself again', async () => {
    const world = new World()
    const host = world.leech()
    host.meets(host)
    await world.clock.advance(120_000)
    expect(host.swarm.status().peers).toBe(0)
    expect(world.network.connections.length).toBe(1)
  })

  it('keeps one of two connections when two peers dial each other at the same moment', async () => {
    for (const number of [1, 2, 3, 4, 5, 6]) {
      const world = new World({ pieces: 64 })
      const first = world.seed({ number })
      const second = world.leech({ number: number + 10 })
      first.meets(second)
      second.meets(first)
      await world.clock.advance(200)
      expect([first.swarm.status().peers, second.swarm.status().peers]).toEqual([1, 1])
      expect(world.network.connections.filter(({ near, far }) => !near.isClosed && !far.isClosed).length).toBe(1)
      expect(await world.completes([second])).toBe(true)
    }
  })

  it('does not dial over and over an address that leads to a peer which is connected already', async () => {
    const world = new World({ pieces: 64 })
    const seed = world.seed({ uploadBytesPerSecond: 50_000 })
    const leech = world.leech()
    leech.meets(seed)
    await world.clock.advance(100)
    const alias = { ...seed, address: { host: '10.77.0.1', port: 6881 }, uplink: seed.uplink, handshake: seed.handshake }
    world.network.add({ ...alias, accept: (link) => seed.accept(link) })
    leech.swarm.addPeers([alias.address], 'dht')
    const { dials } = world.network
    await world.clock.advance(60_000)
    expect(leech.swarm.status().peers).toBe(1)
    expect(world.network.dials - dials).toBeLessThan(12)
  })

  it('keeps to the highest number of peers, incoming ones included', async () => {
    const world = new World({ pieces: 8 })
    const seed = world.seed({ maxPeers: 5 })
    const peers = Array.from({ length: 12 }, () => world.leech({ uploadBytesPerSecond: 10_000 }))
    for (const peer of peers) peer.meets(seed)
    let most = 0
    for (let step = 0; step < 40; step++) {
      await world.clock.advance(50)
      most = Math.max(most, seed.swarm.status().peers)
    }
    expect(most).toBe(5)
  })

  it('reads no more of a peer than its limit lets it, and sends no more, to within 5 %', async () => {
    for (const side of ['upLimit', 'downLimit'] as const) {
      const world = new World({ pieces: 160 })
      const seed = world.seed(side === 'upLimit' ? { upLimit: 500_000 } : {})
      const leeches = [1, 2].map(() => world.leech(side === 'downLimit' ? { downLimit: 250_000 } : {}))
      for (const leech of leeches) leech.meets(seed)
      await world.clock.advance(2_000)
      const moved = (): number => leeches.reduce((sum, leech) => sum + leech.swarm.status().downloadedBytes, 0)
      const before = moved()
      await world.clock.advance(20_000)
      const rate = (moved() - before) / 20
      expect(rate).toBeGreaterThan(500_000 * 0.95)
      expect(rate).toBeLessThan(500_000 * 1.05)
    }
  })

  it('remembers one listening port of a peer, however many it names', async () => {
    const world = new World({ pieces: 8 })
    const seed = world.seed()
    const leech = world.leech()
    const peer = world.scriptedSeed({}, { pieces: [] })
    world.network.connect(peer, leech)
    const near = world.network.connections[0]?.near
    near?.attach(peer)
    for (let port = 1; port <= 2_000; port++) near?.extensionHandshake({ extensions: {}, listenPort: port })
    await world.clock.advance(500)
    expect(leech.swarm.status().knownAddresses).toBe(0)
    leech.meets(seed)
    expect(await world.completes([leech])).toBe(true)
  })

  it('drops a peer that sends blocks before the torrent is known', async () => {
    const world = new World({ pieces: 8 })
    const leech = world.leech({ startsWithoutMetadata: true })
    const spammer = world.scriptedSeed({}, { pieces: [] })
    leech.meets(spammer)
    await world.clock.advance(100)
    for (let index = 0; index < 600; index++) spammer.link.sendBlock(index % 8, 0, BLOCK_BYTES, new Uint8Array(BLOCK_BYTES))
    await world.clock.until(() => leech.peerEvents.some((event) => event.kind === 'disconnected'), 2_000)
    expect(leech.peerEvents.at(-1)?.reason).toBe('sent blocks that nobody asked for')
  })
})
