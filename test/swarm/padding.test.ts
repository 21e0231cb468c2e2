import { expect, it } from 'vitest'
import { BLOCK_BYTES, KiB } from '../../src/base/units.ts'
import { World } from './support/world.ts'

it.each([
  ['is given to a peer that asks for it', 1_234, [{ piece: 3, begin: 48 * KiB }], []],
  ['is given as far as it goes', 1_233, [], [{ piece: 3, begin: 48 * KiB }]],
  ['is not given where there is none', 0, [], [{ piece: 3, begin: 48 * KiB }]],
])('padding behind a piece %s', async (_, paddingBytes, blocks, rejects) => {
  const world = new World({ pieces: 4 })
  world.torrent.paddingBytes = paddingBytes
  const seed = world.seed()
  const peer = world.scriptedSeed({}, { pieces: [] })
  seed.meets(peer)
  await world.clock.advance(100)
  peer.link.interested()
  await world.clock.until(() => peer.isUnchoked, 2_000)
  peer.link.request(3, 48 * KiB, BLOCK_BYTES)
  await world.clock.advance(500)
  expect(peer.blocks).toMatchObject(blocks)
  expect(peer.rejects).toMatchObject(rejects)
})

it('padding is never asked for', async () => {
  const world = new World({ pieces: 4 })
  world.torrent.paddingBytes = 1_234
  world.seed()
  const leech = world.leech()
  const peer = world.scriptedSeed()
  leech.meets(peer)
  expect(await world.completes([leech])).toBe(true)
  const asked = peer.requests.filter(({ piece }) => piece === 3).map(({ begin, length }) => begin + length)
  expect(Math.max(...asked)).toBe(64 * KiB - 1_234)
})
