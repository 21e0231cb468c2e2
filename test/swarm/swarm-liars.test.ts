import { describe, expect, it } from 'vitest'
import { BLOCK_BYTES } from '../../src/base/units.ts'
import { World } from './support/world.ts'

/** Spoils every block. */
const everything = (_piece: number, _begin: number, bytes: Uint8Array): void => {
  bytes[0] = (bytes[0] as number) ^ 255
}

/** Spoils one block only. */
const only = (badPiece: number, badBlock: number) => (piece: number, begin: number, bytes: Uint8Array) => {
  if (piece === badPiece && begin === badBlock * BLOCK_BYTES) everything(piece, begin, bytes)
}

describe('a swarm with liars', () => {
  it('bans a liar that is alone at the first piece, and asks it for nothing more', async () => {
    const world = new World({ pieces: 8 })
    const liar = world.seed({ falsify: everything })
    const leech = world.leech()
    leech.meets(liar)
    expect(await world.completes([leech], 120_000)).toBe(false)
    expect(leech.banned).toEqual(new Set([liar.address.host]))
    expect(leech.swarm.status()).toMatchObject({ bytesDone: 0, peers: 0, bannedPeers: 1 })
    // Not one block was asked for twice, and the liar was not called again, however often it calls.
    const asked = world.network.connections.flatMap(({ near, far }) => [
      ...near.trace.askedTimes.values(),
      ...far.trace.askedTimes.values(),
    ])
    expect(Math.max(...asked)).toBe(1)
    expect(world.network.connections.filter(({ from }) => from === leech).length).toBe(1)
    expect(await world.leftBehind()).toEqual([])
  })

  it.each([
    ['the first piece', 0, 0],
    ['one block in a thousand', 100, 3],
    ['the last, short piece', 249, 3],
  ])('names exactly the liar among honest seeds when only %s is wrong', async (_, piece, block) => {
    const world = new World({ pieces: 250 })
    const honest = [1, 2, 3, 4].map(() => world.seed({ uploadBytesPerSecond: 2_000_000 }))
    const liar = world.seed({ uploadBytesPerSecond: 2_000_000, falsify: only(piece, block) })
    const leech = world.leech()
    leech.meets(...honest, liar)
    expect(await world.completes([leech], 120_000)).toBe(true)
    expect(leech.isIntact).toBe(true)
    for (const { address } of honest) expect(leech.banned.has(address.host)).toBe(false)
    // Whether the liar was asked for that block is chance; if it was, it is banned.
    expect(leech.banned.size).toBe(leech.store.corrupt > 0 ? 1 : 0)
    expect(await world.leftBehind()).toEqual([])
  })

  it('names exactly the liar when every block of a piece may come from somebody else', async () => {
    for (const latencyMs of [1, 20, 60]) {
      const world = new World({ pieces: 2, pieceBytes: 64 * BLOCK_BYTES, latencyMs })
      const honest = [1, 2, 3].map(() => world.seed({ uploadBytesPerSecond: 300_000 }))
      const liar = world.seed({ uploadBytesPerSecond: 300_000, falsify: everything })
      const leech = world.leech()
      leech.meets(...honest, liar)
      expect(await world.completes([leech], 120_000)).toBe(true)
      expect(leech.isIntact).toBe(true)
      expect(leech.store.corrupt).toBeGreaterThan(0)
      expect(leech.banned).toEqual(new Set([liar.address.host]))
    }
  })

  it('completes with twenty liars beside one honest seed, and bans the liars only', async () => {
    const world = new World({ pieces: 64 })
    const liars = Array.from({ length: 20 }, () => world.seed({ falsify: everything, uploadBytesPerSecond: 1_000_000 }))
    const honest = world.seed({ uploadBytesPerSecond: 1_000_000 })
    const leech = world.leech()
    leech.meets(...liars, honest)
    expect(await world.completes([leech], 120_000)).toBe(true)
    expect(leech.isIntact).toBe(true)
    expect(leech.banned.has(honest.address.host)).toBe(false)
    expect(leech.banned.size).toBeGreaterThan(0)
    // 4 MB from one line of 1 MB/s take 4.2 s; the twelve that are met first cost about half as much again.
    expect(leech.completedMs).toBeLessThan(1.6 * 4_200)
    expect(await world.leftBehind()).toEqual([])
  })

  it('asks a suspect again when those above suspicion choke us for ever', async () => {
    const world = new World({ pieces: 2, pieceBytes: 32 * BLOCK_BYTES })
    const honest = world.seed({ uploadBytesPerSecond: 500_000 })
    const liar = world.seed({ uploadBytesPerSecond: 500_000, falsify: everything })
    const choker = world.scriptedSeed({}, { staysChoked: true })
    const leech = world.leech()
    leech.meets(honest, liar, choker)
    expect(await world.completes([leech], 60_000)).toBe(true)
    expect(leech.isIntact).toBe(true)
    expect(leech.banned).toEqual(new Set([liar.address.host]))
  })

  it('takes a failed piece from a suspect when the one peer above suspicion chokes us in its middle', async () => {
    const world = new World({ pieces: 1, pieceBytes: 32 * BLOCK_BYTES })
    const honest = world.seed({ uploadBytesPerSecond: 500_000 })
    const liar = world.seed({ uploadBytesPerSecond: 500_000, falsify: everything })
    const leech = world.leech()
    leech.meets(honest, liar)
    await world.clock.until(() => leech.store.corrupt > 0, 10_000)
    let answers = 0
    const choker = world.scriptedSeed(
      {},
      {
        answer: (self, piece, begin, length) => {
          if (++answers < 3) world.serve(self, piece, begin, length)
          else if (answers === 3) self.link.choke()
          if (answers >= 3) self.link.reject(piece, begin, length)
        },
      },
    )
    leech.meets(choker)
    expect(await world.completes([leech], 60_000)).toBe(true)
    expect(leech.isIntact).toBe(true)
    expect(leech.banned.has(honest.address.host)).toBe(false)
  })

  it('finishes a failed piece with the suspect from which it was begun when somebody above suspicion gets it meanwhile', async () => {
    const world = new World({ pieces: 1, pieceBytes: 64 * BLOCK_BYTES })
    const suspects = [1, 2].map(() => world.seed({ uploadBytesPerSecond: 300_000 }))
    const liar = world.seed({ uploadBytesPerSecond: 300_000, falsify: everything })
    const leech = world.leech()
    leech.meets(...suspects, liar)
    const newcomer = world.scriptedSeed({}, { pieces: [] })
    leech.meets(newcomer)
    await world.clock.until(() => leech.store.corrupt > 0, 10_000)
    newcomer.link.unchoke()
    await world.clock.advance(100)
    newcomer.link.have(0)
    expect(await world.completes([leech], 60_000)).toBe(true)
    expect(leech.isIntact).toBe(true)
    for (const { address } of suspects) expect(leech.banned.has(address.host)).toBe(false)
  })

  it('does not let a banned peer in again from the same address', async () => {
    const world = new World({ pieces: 8 })
    const liar = world.seed({ falsify: everything })
    const leech = world.leech()
    leech.meets(liar)
    await world.clock.until(() => leech.banned.size > 0, 5_000)
    liar.meets(leech)
    await world.clock.advance(60_000)
    expect(leech.swarm.status().peers).toBe(0)
    expect(leech.peerEvents.filter((event) => event.kind === 'connected').length).toBe(1)
    // A peer that is turned away at once comes back ever more seldom.
    expect(world.network.connections.length).toBeLessThan(20)
  })
})
