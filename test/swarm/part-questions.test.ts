import { describe, expect, it } from 'vitest'
import { BLOCK_BYTES } from '../../src/base/units.ts'
import { LIMITS } from '../../src/swarm/limits.ts'
import { PART_BYTES } from '../../src/torrent/block-parts.ts'
import type { PartQuestion } from '../../src/wire/extension-messages.ts'
import { SeededRandom } from '../support/seeded-random.ts'
import { type EarlierBlocksOptions, MemoryEarlierBlocks } from './support/memory-earlier-blocks.ts'
import { MemoryWebSeed } from './support/memory-web-seed.ts'
import type { ScriptedPeer } from './support/scripted-peer.ts'
import type { TestHost } from './support/test-host.ts'
import { World } from './support/world.ts'

interface Stage {
  readonly world: World
  readonly leech: TestHost
  readonly earlier: MemoryEarlierBlocks
}

/** A world, and a host that has an earlier version of all of it. Pieces have four blocks. */
function stage(options: Omit<EarlierBlocksOptions, 'before'> & { readonly before?: typeof oneByteEach } = {}): Stage {
  const world = new World()
  const change = options.before ?? oneByteEach
  const earlier = new MemoryEarlierBlocks(world.clock, world.torrent, {
    ...options,
    before: (piece) => change(piece, world.torrent.bytesOf(piece).slice()),
  })
  return { world, leech: world.leech({ earlier }), earlier }
}

/** One byte of the second block of every piece was another. */
function oneByteEach(_piece: number, bytes: Uint8Array): Uint8Array | undefined {
  bytes[BLOCK_BYTES + 5 * PART_BYTES + 9] = (bytes[BLOCK_BYTES + 5 * PART_BYTES + 9] as number) ^ 1
  return bytes
}

/** Nothing of the third block is what it was. */
function oneBlockEach(_piece: number, bytes: Uint8Array): Uint8Array {
  return bytes.fill(0, 2 * BLOCK_BYTES, 3 * BLOCK_BYTES)
}

const pieces = 32

/** Everything that came is counted once. */
function expectExact({ world, leech }: Stage): void {
  const { downloadedBytes, wastedBytes, earlierBytes } = leech.swarm.status()
  expect(downloadedBytes - wastedBytes + earlierBytes).toBe(world.torrent.content.length)
  expect(leech.isIntact).toBe(true)
}

describe('a piece of which parts of blocks are on the host elsewhere', () => {
  it('is asked for as far as its parts are not', async () => {
    const at = stage()
    const seed = at.world.seed()
    at.leech.meets(seed)
    expect(await at.world.completes([at.leech])).toBe(true)
    expectExact(at)
    expect(at.leech.swarm.status()).toMatchObject({ downloadedBytes: pieces * PART_BYTES, wastedBytes: 0, corruptPieces: 0 })
    expect(seed.swarm.status().uploadedBytes).toBe(pieces * PART_BYTES)
    expect(await at.world.leftBehind()).toEqual([])
  })

  it('is not asked for at all where only its place is new', async () => {
    const at = stage({ before: (_piece, bytes) => bytes })
    at.leech.meets(at.world.seed())
    expect(await at.world.completes([at.leech])).toBe(true)
    expectExact(at)
    expect(at.leech.swarm.status().downloadedBytes).toBe(0)
    expect(await at.world.leftBehind()).toEqual([])
  })

  it('goes together with blocks that were found as a whole', async () => {
    const at = stage({ blocks: (piece) => (piece % 2 === 0 ? [0, 3] : []), readMs: 40 })
    at.leech.meets(at.world.seed(), at.world.seed())
    expect(await at.world.completes([at.leech])).toBe(true)
    expectExact(at)
    expect(at.leech.swarm.status()).toMatchObject({ downloadedBytes: pieces * PART_BYTES, wastedBytes: 0 })
    expect(await at.world.leftBehind()).toEqual([])
  })

  it('comes from several peers, and goes on to others', async () => {
    const at = stage({ before: (piece, bytes) => oneBlockEach(piece, oneByteEach(piece, bytes) as Uint8Array) })
    const fresh = at.world.leech({ uploadBytesPerSecond: 300_000 })
    for (const host of [at.leech, fresh]) host.meets(at.world.seed({ uploadBytesPerSecond: 300_000 }), at.world.seed(), fresh)
    expect(await at.world.completes([at.leech, fresh])).toBe(true)
    expectExact(at)
    expect(fresh.isIntact).toBe(true)
    const { downloadedBytes, wastedBytes } = at.leech.swarm.status()
    expect(downloadedBytes - wastedBytes).toBe(pieces * (BLOCK_BYTES + PART_BYTES))
    expect(await at.world.leftBehind()).toEqual([])
  })

  it('is asked for whole of a peer that knows nothing of parts', async () => {
    const at = stage()
    const standard = at.world.scriptedSeed()
    at.leech.meets(standard)
    expect(await at.world.completes([at.leech])).toBe(true)
    expectExact(at)
    expect(standard.partQuestions).toEqual([])
    expect(new Set(standard.requests.map(({ length }) => length)).size).toBeLessThanOrEqual(2)
    expect(at.leech.swarm.status().earlierBytes).toBe(0)
  })

  it('is never asked about by a host that has nothing of it', async () => {
    const world = new World()
    const leech = world.leech()
    const asked: PartQuestion[] = []
    leech.meets(world.scriptedSeed({}, { onParts: (_peer, question) => asked.push(question) }))
    expect(await world.completes([leech])).toBe(true)
    expect(asked).toEqual([])
  })

  it('is asked about few at a time of a new peer, then about more, and the others wait for their turn', async () => {
    const at = stage()
    let open = 0
    const openThen: number[] = []
    const onParts = (peer: ScriptedPeer, question: PartQuestion): void => {
      openThen.push(++open)
      at.world.clock.after(300, () => {
        open--
        peer.link.partSums(7, { ...question, sums: at.world.partSums(question) })
      })
    }
    const teller = at.world.scriptedSeed({}, { onParts })
    const leech = at.leech
    leech.meets(teller)
    expect(await at.world.completes([leech])).toBe(true)
    expectExact(at)
    expect(Math.max(...openThen.slice(0, 8))).toBe(LIMITS.firstPartQuestions)
    expect(Math.max(...openThen)).toBeGreaterThan(2 * LIMITS.firstPartQuestions)
    expect(Math.max(...openThen)).toBeLessThanOrEqual(LIMITS.partQuestions)
    expect(teller.partQuestions.length).toBe(pieces)
    expect(leech.swarm.status().downloadedBytes).toBe(pieces * PART_BYTES)
  })

  it('is here sooner than as a whole also where the way is long', async () => {
    const tookMs = async (hasParts: boolean): Promise<number> => {
      const world = new World({ pieces: 400, latencyMs: 50 })
      // The first block of every piece changed in one byte.
      const before = (piece: number): Uint8Array => world.torrent.bytesOf(piece).slice().fill(1, 3, 4)
      const blocks = (): number[] => [1, 2, 3]
      const earlier = new MemoryEarlierBlocks(world.clock, world.torrent, hasParts ? { blocks, before } : { blocks })
      const leech = world.leech({ earlier, slots: 160 })
      leech.meets(world.seed({ uploadBytesPerSecond: 2_000_000 }))
      expect(await world.completes([leech], 120_000)).toBe(true)
      return leech.completedMs
    }
    expect(await tookMs(true)).toBeLessThan(await tookMs(false))
  })

  it('may have its rest from a web seed', async () => {
    const at = stage({ before: (piece, bytes) => oneBlockEach(piece, oneByteEach(piece, bytes) as Uint8Array) })
    // It tells sums and gives nothing: the rest can come from the web seed alone.
    const onParts = (peer: ScriptedPeer, question: PartQuestion): void =>
      peer.link.partSums(7, { ...question, sums: at.world.partSums(question) })
    const teller = at.world.scriptedSeed({}, { onParts, answer: () => undefined })
    at.leech.meets(teller)
    expect(await at.world.clock.until(() => teller.partQuestions.length > 3, 10_000)).toBe(true)
    at.leech.swarm.addWebSeed(new MemoryWebSeed(at.world.clock, at.world.torrent), 'torrent')
    expect(await at.world.completes([at.leech], 120_000)).toBe(true)
    expectExact(at)
    expect(at.leech.swarm.status().earlierBytes).toBeGreaterThan(0)
    expect(await at.world.leftBehind()).toEqual([])
  })
})

describe('sums of parts that do not come', () => {
  const silent = (): void => undefined
  const refusing = (peer: ScriptedPeer, { piece, blocks }: PartQuestion): void => peer.link.partSums(7, { piece, blocks })

  it('are not waited for long, and the pieces come whole', async () => {
    const at = stage()
    const mute = at.world.scriptedSeed({}, { onParts: silent })
    at.leech.meets(mute)
    expect(await at.world.clock.until(() => mute.partQuestions.length > 0, 5_000)).toBe(true)
    const sinceMs = at.world.clock.nowMs()
    expect(await at.world.completes([at.leech])).toBe(true)
    expect(at.world.clock.nowMs() - sinceMs).toBeLessThan(LIMITS.partTimeoutMs + 3_000)
    expectExact(at)
    // It was asked no more once it was late.
    expect(mute.partQuestions.length).toBe(LIMITS.firstPartQuestions)
    expect(mute.isConnected).toBe(true)
  })

  it('may come too late, and that is nobody’s fault', async () => {
    const at = stage()
    const late = at.world.scriptedSeed(
      {},
      {
        onParts: (peer, question) =>
          void at.world.clock.after(LIMITS.partTimeoutMs + 2_500, () =>
            peer.link.partSums(7, { ...question, sums: at.world.partSums(question) }),
          ),
        answer: (peer, piece, begin, length) => void at.world.clock.after(300, () => at.world.serve(peer, piece, begin, length)),
      },
    )
    at.leech.meets(late)
    expect(await at.world.completes([at.leech])).toBe(true)
    expectExact(at)
    expect(late.closeReason).toBeUndefined()
  })

  it('are refused, and the pieces come whole at once', async () => {
    const at = stage()
    const unwilling = at.world.scriptedSeed({}, { onParts: refusing })
    at.leech.meets(unwilling)
    expect(await at.world.completes([at.leech], 5_000)).toBe(true)
    expectExact(at)
    expect(unwilling.partQuestions.length).toBeLessThanOrEqual(LIMITS.firstPartQuestions)
  })

  it('do not come from a peer that leaves, and another one is asked for what is missing', async () => {
    const at = stage()
    const leaving = at.world.scriptedSeed({}, { onParts: (peer) => peer.link.close('it leaves') })
    at.leech.meets(leaving)
    expect(await at.world.clock.until(() => leaving.partQuestions.length > 0, 5_000)).toBe(true)
    at.leech.meets(at.world.seed())
    expect(await at.world.completes([at.leech])).toBe(true)
    expectExact(at)
    expect(await at.world.leftBehind()).toEqual([])
  })

  it('are too few or too many, which is as good as a refusal', async () => {
    for (const bytes of [4, 4 * 1_000]) {
      const at = stage()
      const odd = at.world.scriptedSeed(
        {},
        { onParts: (peer, question) => peer.link.partSums(7, { ...question, sums: new Uint8Array(bytes) }) },
      )
      at.leech.meets(odd)
      expect(await at.world.completes([at.leech])).toBe(true)
      expectExact(at)
    }
  })

  it('let go of everything when the host leaves', async () => {
    const at = stage()
    const mute = at.world.scriptedSeed({}, { onParts: silent })
    at.leech.meets(mute)
    expect(await at.world.clock.until(() => mute.partQuestions.length > 0, 5_000)).toBe(true)
    expect(await at.world.leftBehind()).toEqual([])
  })
})

describe('sums of parts that lie', () => {
  it('cost each piece once, and nobody is banned who was honest', async () => {
    const at = stage()
    // It says that everything is what this host has, so that each piece is wrong once it is put together.
    const before = (piece: number): Uint8Array => oneByteEach(piece, at.world.torrent.bytesOf(piece).slice()) as Uint8Array
    const onParts = (peer: ScriptedPeer, question: PartQuestion): void =>
      peer.link.partSums(7, { ...question, sums: at.world.partSums(question, before) })
    const liar = at.world.scriptedSeed({}, { onParts })
    at.leech.meets(liar, at.world.seed())
    expect(await at.world.completes([at.leech])).toBe(true)
    expectExact(at)
    const { corruptPieces, bannedPeers } = at.leech.swarm.status()
    expect(bannedPeers).toBe(0)
    expect(corruptPieces).toBeGreaterThan(0)
    const asked = liar.partQuestions.map(({ piece }) => piece)
    expect(new Set(asked).size).toBe(asked.length)
    expect(corruptPieces).toBe(at.earlier.forgotten.size)
    expect(corruptPieces).toBeLessThanOrEqual(asked.length)
    expect(await at.world.leftBehind()).toEqual([])
  })

  it('of other parts than the wrong ones do not blame who sent the rest', async () => {
    const at = stage({ before: (piece, bytes) => oneBlockEach(piece, oneByteEach(piece, bytes) as Uint8Array) })
    // The part of the second block that changed is called the same; the third block is asked for, and comes as it should.
    const before = (piece: number): Uint8Array => oneByteEach(piece, at.world.torrent.bytesOf(piece).slice()) as Uint8Array
    const onParts = (peer: ScriptedPeer, question: PartQuestion): void =>
      peer.link.partSums(7, { ...question, sums: at.world.partSums(question, before) })
    at.leech.meets(at.world.scriptedSeed({}, { onParts }), at.world.scriptedSeed({}, { onParts }))
    expect(await at.world.completes([at.leech])).toBe(true)
    expectExact(at)
    expect(at.leech.swarm.status()).toMatchObject({ bannedPeers: 0, peers: 2 })
    expect(at.leech.swarm.status().corruptPieces).toBeGreaterThan(0)
    expect(at.leech.swarm.status().corruptPieces).toBe(at.earlier.forgotten.size)
  })

  it('do not hide who sends wrong blocks', async () => {
    const at = stage()
    const liar = at.world.seed({ falsify: (_piece, _begin, bytes) => void bytes.reverse() })
    at.leech.meets(liar, at.world.seed())
    expect(await at.world.completes([at.leech])).toBe(true)
    expectExact(at)
    expect(at.leech.banned).toEqual(new Set([liar.address.host]))
  })

  it('end the connection where nobody asked for them', async () => {
    const world = new World()
    const leech = world.leech()
    const peer = world.scriptedSeed({}, { onParts: () => undefined, staysChoked: true })
    leech.meets(peer)
    expect(await world.clock.until(() => peer.isConnected, 5_000)).toBe(true)
    peer.link.partSums(7, { piece: 0, blocks: [0], sums: new Uint8Array(128) })
    expect(await world.clock.until(() => !peer.isConnected, 5_000)).toBe(true)
    expect(leech.swarm.status().peers).toBe(0)
  })
})

describe('hosts with earlier versions, among each other', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('all get everything, and count every byte once, whatever they have (%i)', async (number) => {
    const random = new SeededRandom(number)
    const world = new World({ pieces: 40, latencyMs: random.below(60) })
    const versionOf = (seed: number) => (piece: number) => {
      const chance = new SeededRandom(1_000 * seed + piece)
      if (chance.below(4) === 0) return undefined
      const bytes = world.torrent.bytesOf(piece).slice()
      for (let change = chance.below(4); change > 0; change--) {
        const start = chance.below(bytes.length)
        bytes.fill(chance.below(256), start, start + 1 + chance.below(10_000))
      }
      return bytes
    }
    const leeches = [1, 2, 3, 4].map((host) => {
      const blocks = (piece: number): number[] => (piece % 5 === host ? [1] : [])
      const earlier = new MemoryEarlierBlocks(world.clock, world.torrent, {
        ...(host === 4 ? {} : { before: versionOf(10 * number + host) }),
        blocks,
        readMs: random.below(200),
        isWrong: (piece) => piece % 10 === host,
      })
      return world.leech({ earlier, uploadBytesPerSecond: 100_000 + random.below(2_000_000), slots: 4 + random.below(20) })
    })
    world.seed({ uploadBytesPerSecond: 500_000, readMs: random.below(20) })
    world.introduceAll()
    for (let cut = 0; cut < 6; cut++) {
      await world.clock.advance(200 + random.below(800))
      const open = world.network.connections.filter(({ near }) => !near.isClosed)
      open[random.below(Math.max(1, open.length))]?.near.cut()
      world.introduceAll()
    }
    expect(await world.completes(leeches, 300_000)).toBe(true)
    for (const leech of leeches) {
      expect(leech.isIntact).toBe(true)
      const { downloadedBytes, wastedBytes, earlierBytes, bannedPeers } = leech.swarm.status()
      expect(bannedPeers).toBe(0)
      // What was on its way when a connection was cut was counted, and is neither waste nor of use.
      expect(downloadedBytes - wastedBytes + earlierBytes).toBeGreaterThanOrEqual(world.torrent.content.length)
    }
    expect(await world.leftBehind()).toEqual([])
  })
})
