import { describe, expect, it } from 'vitest'
import { BLOCK_BYTES } from '../../src/base/units.ts'
import { LIMITS } from '../../src/swarm/limits.ts'
import { OWN_EXTENSION_IDS } from '../../src/wire/extension-protocol.ts'
import type { ScriptedPeer } from './support/scripted-peer.ts'
import type { TestHost, TestHostOptions } from './support/test-host.ts'
import { World } from './support/world.ts'

interface Stage {
  readonly world: World
  readonly host: TestHost
  readonly asker: ScriptedPeer
  /** Asks about blocks of a piece. */
  ask(piece: number, blocks: readonly number[]): void
}

/** A host that has everything, and a peer that asks it about parts. */
async function stage(options: Partial<TestHostOptions> = {}, isInterested = true, pieceBytes = 4 * BLOCK_BYTES): Promise<Stage> {
  const world = new World({ pieces: 20, pieceBytes })
  const host = world.seed(options)
  const asker = world.scriptedSeed({}, { pieces: [], staysChoked: true })
  host.meets(asker)
  expect(await world.clock.until(() => asker.isConnected, 5_000)).toBe(true)
  asker.link.extensionHandshake({ extensions: OWN_EXTENSION_IDS })
  if (isInterested) asker.link.interested()
  expect(await world.clock.until(() => asker.isUnchoked === isInterested, 20_000)).toBe(true)
  const ask = (piece: number, blocks: readonly number[]): void => asker.link.partQuestion(OWN_EXTENSION_IDS.parts, { piece, blocks })
  return { world, host, asker, ask }
}

describe('a host that is asked for sums of parts', () => {
  it('tells them, of blocks that follow each other and of others, and of the short one at the end', async () => {
    const { world, asker, ask } = await stage({}, true, 64 * BLOCK_BYTES)
    const questions = [
      { piece: 1, blocks: [0] },
      { piece: 2, blocks: [0, 1, 2, 5, 63] },
      { piece: 19, blocks: Array.from({ length: 64 }, (_, block) => block) },
    ]
    for (const { piece, blocks } of questions) ask(piece, blocks)
    await world.clock.advance(1_000)
    expect(asker.partSums).toEqual(questions.map((question) => ({ ...question, sums: Uint8Array.from(world.partSums(question)) })))
    expect(await world.leftBehind()).toEqual([])
  })

  it.each([
    ['a block that there is not', 1, [3, 4]],
    ['a block behind the end of the last piece', 19, [4]],
  ])('refuses %s, and answers the next question', async (_, piece, blocks) => {
    const { world, asker, ask } = await stage()
    ask(piece, blocks)
    ask(2, [1])
    await world.clock.advance(1_000)
    expect(asker.partSums).toEqual([
      { piece, blocks },
      { piece: 2, blocks: [1], sums: Uint8Array.from(world.partSums({ piece: 2, blocks: [1] })) },
    ])
    expect(asker.isConnected).toBe(true)
  })

  it('tells a peer that it chokes only of the pieces that it may have all the same', async () => {
    const { world, asker, ask } = await stage({}, false)
    const [granted = -1] = asker.allowedFast
    const other = [0, 1, 2, 3, 4, 5, 6].find((piece) => !asker.allowedFast.includes(piece)) ?? -1
    ask(other, [0])
    if (granted >= 0) ask(granted, [0])
    await world.clock.advance(1_000)
    expect(asker.partSums[0]).toEqual({ piece: other, blocks: [0] })
    expect(asker.partSums.slice(1).every(({ sums }) => sums?.length === 128)).toBe(true)
    expect(asker.partSums.length).toBe(granted >= 0 ? 2 : 1)
  })

  it('refuses pieces that it does not have', async () => {
    const { world, asker, ask } = await stage({ verified: [1, 2] })
    ask(1, [0])
    ask(3, [0])
    await world.clock.advance(1_000)
    expect(asker.partSums.map(({ piece, sums }) => [piece, sums?.length])).toEqual(
      expect.arrayContaining([
        [1, 128],
        [3, undefined],
      ]),
    )
  })

  it('refuses a piece that cannot be read any more, and takes it back', async () => {
    const { world, host, asker, ask } = await stage()
    host.store.unreadable.add(4)
    ask(4, [0, 1])
    await world.clock.advance(1_000)
    expect(asker.partSums).toEqual([{ piece: 4, blocks: [0, 1] }])
    ask(4, [0])
    await world.clock.advance(1_000)
    expect(asker.partSums.length).toBe(2)
    expect(asker.partSums[1]?.sums).toBeUndefined()
  })

  it('takes on so many questions at once and no more', async () => {
    const { world, asker, ask } = await stage({ readMs: 50 })
    for (let count = 0; count < LIMITS.partQuestions + 5; count++) ask(count % 19, [0, 1])
    await world.clock.advance(5_000)
    const told = asker.partSums.filter(({ sums }) => sums !== undefined)
    expect(asker.partSums.length).toBe(LIMITS.partQuestions + 5)
    // One is being read while the others wait.
    expect(told.length).toBe(LIMITS.partQuestions + 1)
    expect(await world.leftBehind()).toEqual([])
  })

  it('reads for one peer in a minute as much as it may, and goes on in the next', async () => {
    const { world, asker, ask } = await stage({}, true, 256 * BLOCK_BYTES)
    const blocks = Array.from({ length: 256 }, (_, block) => block)
    const most = Math.floor(LIMITS.partReadBytesOfPeer / (256 * BLOCK_BYTES))
    for (let count = 0; count < most + 2; count++) {
      ask(count % 19, blocks)
      await world.clock.advance(20)
    }
    await world.clock.advance(1_000)
    expect(asker.partSums.map(({ sums }) => sums !== undefined)).toEqual([...new Array(most).fill(true), false, false])
    await world.clock.advance(60_000)
    expect(asker.isConnected).toBe(true)
    ask(1, [0])
    await world.clock.advance(1_000)
    expect(asker.partSums.at(-1)?.sums).toHaveLength(128)
  })

  it('reads nothing more for a peer that left', async () => {
    const { world, asker, ask } = await stage({ readMs: 100 })
    for (let count = 0; count < 10; count++) ask(count, [0])
    await world.clock.advance(150)
    asker.link.close('it leaves')
    await world.clock.advance(5_000)
    expect(asker.partSums.length).toBeLessThan(3)
    expect(await world.leftBehind()).toEqual([])
  })
})
