import { expect, it } from 'vitest'
import type { ScriptedPeer } from './support/scripted-peer.ts'
import type { TestHost } from './support/test-host.ts'
import { World } from './support/world.ts'

/** A seed with a small line, and somebody who may ask it. */
async function asking(): Promise<{ world: World; seed: TestHost; leech: ScriptedPeer }> {
  const world = new World({ pieces: 8 })
  const seed = world.seed({ uploadBytesPerSecond: 50_000 })
  const leech = world.scriptedPeer((link) => {
    link.haveNone()
    link.interested()
  })
  seed.meets(leech)
  expect(await world.clock.until(() => leech.isUnchoked, 30_000)).toBe(true)
  return { world, seed, leech }
}

it('a seed that finishes sends what was asked for before, and turns down what is asked for then', async () => {
  const { world, seed, leech } = await asking()
  for (const piece of [0, 1, 2, 3]) leech.link.request(piece, 0, 16_384)
  await world.clock.advance(100)
  let isFinished = false
  void seed.swarm.finishUploads().then(() => {
    isFinished = true
  })
  leech.link.request(4, 0, 16_384)
  await world.clock.advance(100)
  expect(isFinished).toBe(false)
  expect(await world.clock.until(() => isFinished, 10_000)).toBe(true)
  await world.clock.advance(2_000)
  expect(leech.rejects).toMatchObject([{ piece: 4 }])
  expect(leech.blocks.map(({ piece }) => piece).sort()).toEqual([0, 1, 2, 3])
})

it('a seed that nobody asked for anything has finished at once, and so has one whose peer leaves', async () => {
  const { world, seed, leech } = await asking()
  await seed.swarm.finishUploads()
  const another = await asking()
  for (const piece of [0, 1, 2, 3]) another.leech.link.request(piece, 0, 16_384)
  await another.world.clock.advance(100)
  let isFinished = false
  void another.seed.swarm.finishUploads().then(() => {
    isFinished = true
  })
  another.leech.link.close('gone')
  expect(await another.world.clock.until(() => isFinished, 10_000)).toBe(true)
  leech.link.close('done')
  await world.clock.advance(100)
})
