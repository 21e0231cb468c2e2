import { describe, expect, it } from 'vitest'
import { BLOCK_BYTES } from '../../src/base/units.ts'
import { type EarlierBlocksOptions, MemoryEarlierBlocks } from './support/memory-earlier-blocks.ts'
import type { TestHost } from './support/test-host.ts'
import { World } from './support/world.ts'

/** A world with a seed and a host that has blocks elsewhere; pieces have four blocks. */
function worldWith(options: EarlierBlocksOptions): { world: World; leech: TestHost; earlier: MemoryEarlierBlocks } {
  const world = new World()
  const earlier = new MemoryEarlierBlocks(world.clock, world.torrent, options)
  const leech = world.leech({ earlier })
  return { world, leech, earlier }
}

/** All but the third of the blocks of every even piece. */
const mostOfEven = (piece: number): readonly number[] => (piece % 2 === 0 ? [0, 1, 3] : [])
const earlierBytes = 16 * 3 * BLOCK_BYTES

describe('a piece of which blocks are on the host elsewhere', () => {
  it('is asked for as far as they are not', async () => {
    const { world, leech } = worldWith({ blocks: mostOfEven })
    const seed = world.seed()
    leech.meets(seed)
    expect(await world.completes([leech])).toBe(true)
    const status = leech.swarm.status()
    expect(status.earlierBytes).toBe(earlierBytes)
    expect(status.downloadedBytes).toBe(world.torrent.content.length - earlierBytes)
    expect(status.wastedBytes).toBe(0)
    expect(seed.swarm.status().uploadedBytes).toBe(status.downloadedBytes)
    expect(await world.leftBehind()).toEqual([])
  })

  it('waits for them when they come last', async () => {
    const { world, leech } = worldWith({ blocks: mostOfEven, readMs: 3_000 })
    leech.meets(world.seed())
    expect(await world.completes([leech])).toBe(true)
    expect(leech.swarm.status().downloadedBytes).toBe(world.torrent.content.length - earlierBytes)
    expect(await world.leftBehind()).toEqual([])
  })

  it('is asked for whole once they cannot be read', async () => {
    const { world, leech } = worldWith({ blocks: mostOfEven, unreadable: (piece) => (piece % 4 === 0 ? [1, 3] : []) })
    leech.meets(world.seed())
    expect(await world.completes([leech])).toBe(true)
    const { downloadedBytes } = leech.swarm.status()
    expect(downloadedBytes).toBe(world.torrent.content.length - earlierBytes + 8 * 2 * BLOCK_BYTES)
    expect(await world.leftBehind()).toEqual([])
  })

  it.each([
    ['SHA-1', false],
    ['its merkle hash', true],
  ])('and wrong by %s comes from others, and nobody is banned for it', async (_, isV2) => {
    const world = new World()
    const earlier = new MemoryEarlierBlocks(world.clock, world.torrent, { blocks: mostOfEven, isWrong: (piece) => piece < 10 })
    const leech = world.leech({ earlier, ...(isV2 ? { trees: world.torrent.trees() } : {}) })
    leech.meets(world.seed(), world.seed())
    expect(await world.completes([leech])).toBe(true)
    const status = leech.swarm.status()
    expect([...earlier.forgotten].sort((left, right) => left - right)).toEqual([0, 2, 4, 6, 8])
    expect(status.corruptPieces).toBe(5)
    expect(status.bannedPeers).toBe(0)
    expect(status.peers).toBe(2)
    expect(status.earlierBytes).toBe(earlierBytes - 5 * 3 * BLOCK_BYTES)
    // Of each of them one block was asked for in vain.
    expect(status.wastedBytes).toBe(5 * BLOCK_BYTES)
    expect(await world.leftBehind()).toEqual([])
  })

  it('and wrong does not hide that a peer lies', async () => {
    const { world, leech } = worldWith({ blocks: mostOfEven, isWrong: () => true })
    const liar = world.seed({ falsify: (_piece, _begin, bytes) => void bytes.reverse() })
    leech.meets(liar, world.seed())
    expect(await world.completes([leech])).toBe(true)
    expect(leech.swarm.status().bannedPeers).toBe(1)
  })

  it('is let go with them when the host leaves', async () => {
    const { world, leech } = worldWith({ blocks: mostOfEven, readMs: 1_000 })
    leech.meets(world.seed())
    await world.clock.until(() => leech.swarm.status().downloadedBytes > 0, 60_000)
    expect(await world.leftBehind()).toEqual([])
  })
})
