import { describe, expect, it } from 'vitest'
import { BLOCK_BYTES } from '../../src/base/units.ts'
import { World } from './support/world.ts'

/** Spoils every block. */
const everything = (_piece: number, _begin: number, bytes: Uint8Array): void => {
  bytes[0] = (bytes[0] as number) ^ 255
}

describe('a piece that failed before', () => {
  it.each([
    ['one that never answers', 1, 0],
    ['two that never answer', 2, 0],
    ['two that answer for a while', 2, 8],
  ])('moves on within seconds from %s, and the guilt stays clear', async (_, count, answers) => {
    const world = new World({ pieces: 1, pieceBytes: 64 * BLOCK_BYTES })
    const silent = world.silentSeeds(count, answers)
    const honest = world.seed({ uploadBytesPerSecond: 300_000 })
    const liar = world.seed({ uploadBytesPerSecond: 300_000, falsify: everything })
    const leech = world.leech()
    leech.meets(...silent, honest, liar)
    expect(await world.completes([leech], 60_000)).toBe(true)
    expect(leech.isIntact).toBe(true)
    // The first attempt and a whole piece from the honest seed take 5.3 s; each silent peer costs 3 s at most, and not 20.
    expect(leech.completedMs).toBeLessThan(6_500 + 3_000 * count)
    expect(leech.store.corrupt).toBe(1)
    expect(leech.banned).toEqual(new Set([liar.address.host]))
    expect(await world.leftBehind()).toEqual([])
  })

  it.each([3, 8])('comes from a peer that is known to deliver, beside %i that never do', async (count) => {
    const world = new World({ pieces: 64 })
    const silent = world.silentSeeds(count, 0)
    const honest = [1, 2, 3, 4].map(() => world.seed({ uploadBytesPerSecond: 300_000 }))
    const liar = world.seed({ uploadBytesPerSecond: 300_000, falsify: everything })
    const leech = world.leech()
    leech.meets(...silent, ...honest, liar)
    expect(await world.completes([leech], 60_000)).toBe(true)
    expect(leech.isIntact).toBe(true)
    expect(leech.store.corrupt).toBeGreaterThan(0)
    expect(leech.completedMs).toBeLessThan(7_000)
    expect(leech.banned).toEqual(new Set([liar.address.host]))
  })

  it('is left to no peer that drips, though every other one that has it is a suspect', async () => {
    const world = new World({ pieces: 1, pieceBytes: 64 * BLOCK_BYTES })
    const honest = world.seed({ uploadBytesPerSecond: 300_000 })
    const liar = world.seed({ uploadBytesPerSecond: 300_000, falsify: everything })
    const answers: (() => void)[] = []
    const dripper = world.scriptedSeed({}, { answer: (...request) => void answers.push(() => world.serve(...request)) })
    const drip = world.clock.every(2_500, () => answers.shift()?.())
    const leech = world.leech()
    leech.meets(honest, liar, dripper)
    expect(await world.completes([leech], 60_000)).toBe(true)
    drip.cancel()
    // The first attempt and a whole piece from the honest seed take 5.3 s, a whole one from the dripper 160 s.
    expect(leech.completedMs).toBeLessThan(8_000)
    expect(leech.banned).toEqual(new Set([liar.address.host]))
    expect(await world.leftBehind()).toEqual([])
  })

  it('stays with a slow peer that delivers while nobody would be much sooner', async () => {
    const world = new World({ pieces: 1, pieceBytes: 64 * BLOCK_BYTES })
    const honest = [1, 2].map(() => world.seed({ uploadBytesPerSecond: 50_000 }))
    const liar = world.seed({ uploadBytesPerSecond: 100_000, falsify: everything })
    const leech = world.leech()
    leech.meets(...honest, liar)
    expect(await world.completes([leech], 60_000)).toBe(true)
    // Nothing was thrown away but what the liar had spoilt and what it sent alone.
    expect(leech.store.corrupt).toBeLessThanOrEqual(2)
    expect(leech.swarm.status().wastedBytes).toBeLessThanOrEqual(leech.store.corrupt * world.torrent.content.length + 4 * BLOCK_BYTES)
    expect(leech.banned).toEqual(new Set([liar.address.host]))
  })
})
