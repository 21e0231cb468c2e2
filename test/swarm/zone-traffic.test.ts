import { expect, it } from 'vitest'
import { World } from './support/world.ts'

it('the bytes that went to and came from each zone add up, after the peers have left too', async () => {
  const world = new World()
  const seed = world.seed({ zone: 'a' })
  const near = world.leech({ zone: 'a' })
  const far = world.leech({ zone: 'b' })
  const strange = world.leech()
  near.meets(seed)
  far.meets(seed)
  strange.meets(seed)
  expect(await world.completes([near, far, strange])).toBe(true)
  const copy = world.torrent.content.length
  const expected = (peers: number) => [
    { zone: 'a', relation: 'same', peers, downloadedBytes: 0, uploadedBytes: copy },
    { zone: 'b', relation: 'other', peers, downloadedBytes: 0, uploadedBytes: copy },
    { zone: 'unknown', relation: 'unknown', peers, downloadedBytes: 0, uploadedBytes: copy },
  ]
  expect(seed.swarm.status().zones).toEqual(expected(1))
  expect(far.swarm.status().zones).toEqual([
    { zone: 'b', relation: 'same', peers: 0, downloadedBytes: 0, uploadedBytes: 0 },
    { zone: 'a', relation: 'other', peers: 1, downloadedBytes: copy, uploadedBytes: 0 },
  ])
  for (const host of [near, far, strange]) host.swarm.stop()
  await world.clock.advance(1_000)
  expect(seed.swarm.status().zones).toEqual(expected(0))
  expect(await world.leftBehind()).toEqual([])
})

it('who has no zone counts none and tells none', async () => {
  const world = new World()
  const seed = world.seed()
  const leech = world.leech({ zone: 'a' })
  leech.meets(seed)
  expect(await world.completes([leech])).toBe(true)
  expect(seed.swarm.status().zones).toBeUndefined()
  expect(leech.swarm.status().zones).toMatchObject([{ zone: 'a' }, { zone: 'unknown', downloadedBytes: world.torrent.content.length }])
})

it('a zone by subnet needs no name: addresses tell it', async () => {
  const world = new World()
  const seed = world.seed({ zone: 'subnet', host: '10.1.1.1' })
  const near = world.leech({ zone: 'subnet', host: '10.1.1.2' })
  const far = world.leech({ zone: 'subnet', host: '10.1.2.1' })
  near.meets(seed)
  far.meets(seed)
  expect(await world.completes([near, far])).toBe(true)
  expect(seed.swarm.status().zones).toMatchObject([
    { zone: '10.1.1.0/24', relation: 'same' },
    { zone: '10.1.2.0/24', relation: 'other' },
  ])
})

it('a peer that tells another zone later stays in its first one', async () => {
  const world = new World()
  const seed = world.seed({ zone: 'a' })
  const restless = world.scriptedSeed()
  seed.meets(restless)
  await world.clock.advance(100)
  for (const zone of ['b', 'c', 'a']) restless.link.extensionHandshake({ extensions: {}, zone })
  await world.clock.advance(100)
  expect(seed.swarm.status().zones?.map(({ zone, peers }) => `${zone} ${peers}`)).toEqual(['a 0', 'b 1'])
})

it('more zones than are counted by name stand in one row', async () => {
  const world = new World()
  const seed = world.seed({ zone: 'a', maxPeers: 400 })
  for (let number = 1; number <= 300; number++) {
    const peer = world.scriptedSeed({ number })
    world.network.connect(peer, seed).attach(peer)
    peer.isUnchoked = false
  }
  await world.clock.advance(100)
  expect(seed.swarm.status().zones).toMatchObject([{ zone: 'a' }, { zone: 'unknown', peers: 300 }])
  for (const [index, { near }] of world.network.connections.entries()) near.extensionHandshake({ extensions: {}, zone: `z${index}` })
  await world.clock.advance(100)
  const zones = seed.swarm.status().zones ?? []
  expect(zones.length).toBeLessThanOrEqual(258)
  expect(zones.reduce((sum, { peers }) => sum + peers, 0)).toBe(300)
})
