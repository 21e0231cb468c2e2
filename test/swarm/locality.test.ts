import { describe, expect, it } from 'vitest'
import { Racks } from './support/racks.ts'
import type { ScriptedPeer } from './support/scripted-peer.ts'
import type { TestHost } from './support/test-host.ts'

/** Hosts of the second rack that asked the first one for a block of each piece. */
function askersAcross(racks: Racks): Set<TestHost>[] {
  const asked = Array.from({ length: racks.world.torrent.pieceCount }, () => new Set<TestHost>())
  for (const { from, to, near, far } of racks.world.network.connections) {
    for (const [asker, other, link] of [[from, to, near] as const, [to, from, far] as const]) {
      if (!racks.isIn(1, asker) || !racks.isIn(0, other)) continue
      for (const key of link.trace.askedTimes.keys()) asked[Number(key.split(':')[0])]?.add(asker as TestHost)
    }
  }
  return asked
}

/** The time of the last host of a rack, in bounds. */
function lastOf(racks: Racks, rack: number): number {
  return Math.max(...(racks.racks[rack] ?? []).map(({ completedMs }) => completedMs)) / racks.boundMs
}

describe('two racks of eight hosts with a line of a fifth between them', () => {
  it('fetch each piece across once, and the last host is done little later than one copy takes', async () => {
    const racks = new Racks()
    racks.world.introduceAll()
    expect(await racks.world.completes(racks.hosts, 2 * racks.boundMs)).toBe(true)
    expect(racks.copiesAcross(0, 1)).toBeLessThan(1.1)
    expect(racks.copiesAcross(1, 0)).toBeLessThan(0.02)
    expect(askersAcross(racks).filter((askers) => askers.size > 1).length).toBeLessThan(10)
    expect(lastOf(racks, 1)).toBeLessThan(1.2)
    expect(lastOf(racks, 0)).toBeLessThan(0.6)
    expect(racks.hosts.every((host) => host.isIntact)).toBe(true)
    expect(await racks.world.leftBehind()).toEqual([])
  })

  it('fetch it across several times when they tell no zones, so that the zones are what helps', async () => {
    const racks = new Racks({ pieces: 128, hostsPerRack: 5, zoneOf: () => undefined })
    racks.world.introduceAll()
    expect(await racks.world.completes(racks.hosts, 10 * racks.boundMs)).toBe(true)
    expect(racks.copiesAcross(0, 1)).toBeGreaterThan(1.8)
  })

  it('do as well when zones are the subnets of their addresses', async () => {
    const racks = new Racks({ pieces: 128, hostsPerRack: 5, zoneOf: () => 'subnet' })
    racks.world.introduceAll()
    expect(await racks.world.completes(racks.hosts, 2 * racks.boundMs)).toBe(true)
    expect(racks.copiesAcross(0, 1)).toBeLessThan(1.1)
  })

  it('go on when those whose turn it is crash, one after the other, and lose little by it', async () => {
    const racks = new Racks({ pieces: 128, hostsPerRack: 5 })
    racks.world.introduceAll()
    const [, second = []] = racks.racks
    const crashing = second.slice(0, 3)
    for (const host of crashing) {
      await racks.world.clock.advance(racks.boundMs / 8)
      racks.world.network.remove(host)
      host.swarm.stop()
    }
    const staying = racks.hosts.filter((host) => !crashing.includes(host))
    expect(await racks.world.completes(staying, 4 * racks.boundMs)).toBe(true)
    expect(racks.copiesAcross(0, 1)).toBeLessThan(1.3)
    const last = Math.max(...staying.map(({ completedMs }) => completedMs)) / racks.boundMs
    expect(last).toBeLessThan(1.4)
  })

  it('go on when the origin leaves after the first rack has all of it', async () => {
    const racks = new Racks({ pieces: 128, hostsPerRack: 5 })
    racks.world.introduceAll()
    expect(await racks.world.completes(racks.racks[0] ?? [], racks.boundMs)).toBe(true)
    racks.world.network.remove(racks.origin)
    racks.origin.swarm.stop()
    expect(await racks.world.completes(racks.hosts, 2 * racks.boundMs)).toBe(true)
    expect(racks.copiesAcross(0, 1)).toBeLessThan(1.2)
  })
})

describe('a host of a zone', () => {
  it('that is alone in it fetches everything across as if there were no zones', async () => {
    const racks = new Racks({ pieces: 64, hostsPerRack: 1 })
    racks.world.introduceAll()
    expect(await racks.world.completes(racks.hosts, 2 * racks.boundMs)).toBe(true)
    expect(lastOf(racks, 1)).toBeLessThan(1.1)
  })

  it('takes from hosts that told no zone whatever it can get', async () => {
    const racks = new Racks({ pieces: 64, hostsPerRack: 4, zoneOf: (rack) => (rack === 0 ? undefined : 'rack-1') })
    racks.world.introduceAll()
    expect(await racks.world.completes(racks.hosts, 10 * racks.boundMs)).toBe(true)
    expect(racks.copiesAcross(0, 1)).toBeGreaterThan(1.8)
  })

  it('finishes when the others of its zone fetch a few files only', async () => {
    const racks = new Racks({ pieces: 64, hostsPerRack: 0 })
    const [near, whole] = [racks.add(1, 2, { wanted: [0, 1, 2] }), racks.add(1, 3, {})]
    racks.world.introduceAll()
    expect(await racks.world.completes([near, whole], 3 * racks.boundMs)).toBe(true)
  })
})

describe('liars about zones', () => {
  /** Says that it is in the second rack, and what else the script says. */
  function liar(racks: Racks, onJoin: (peer: ScriptedPeer) => void): ScriptedPeer {
    const peer = racks.world.scriptedPeer((link, self) => {
      link.extensionHandshake({ extensions: {}, zone: 'rack-1' })
      onJoin(self)
    })
    for (const host of racks.racks[1] ?? []) host.meets(peer)
    return peer
  }

  it.each<[string, (peer: ScriptedPeer) => void]>([
    ['has nothing and fetches nothing', (peer) => peer.link.haveNone()],
    ['has everything and lets nobody ask for it', (peer) => peer.link.haveAll()],
    [
      'has everything and answers nobody',
      (peer) => {
        peer.link.haveAll()
        peer.link.unchoke()
      },
    ],
    [
      'seems to get a piece every now and then',
      (peer) => {
        peer.link.haveNone()
        peer.link.unchoke()
        for (let piece = 0; piece < 64; piece++) peer.link.have(piece)
      },
    ],
  ])('do not stop the hosts of it: one that %s', async (_what, onJoin) => {
    const racks = new Racks({ pieces: 64, hostsPerRack: 3 })
    const liars = Array.from({ length: 4 }, () => liar(racks, onJoin))
    racks.world.introduceAll()
    const limitMs = 3 * racks.boundMs + 60_000
    expect(await racks.world.completes(racks.hosts, limitMs)).toBe(true)
    expect(liars.some((peer) => peer.requests.length > 0 || peer.isConnected)).toBe(true)
    expect(racks.hosts.every((host) => host.isIntact)).toBe(true)
    expect(racks.copiesAcross(0, 1)).toBeLessThan(2)
  })

  it('who send wrong bytes are found and banned, and the piece comes across all the same', async () => {
    const racks = new Racks({ pieces: 64, hostsPerRack: 3 })
    const lying = racks.add(1, 9, { verified: 'all', falsify: (_piece, _begin, bytes) => bytes.fill(1) })
    racks.world.introduceAll()
    expect(await racks.world.completes(racks.hosts, 4 * racks.boundMs + 60_000)).toBe(true)
    expect(racks.hosts.every((host) => host.isIntact)).toBe(true)
    expect(racks.racks[1]?.some((host) => host.banned.has(lying.address.host))).toBe(true)
  })
})
