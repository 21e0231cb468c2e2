import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { KiB } from '../../src/base/units.ts'
import { LIMITS } from '../../src/swarm/limits.ts'
import type { ExtensionHandshake, MetadataMessage } from '../../src/wire/extension-messages.ts'
import { ScriptedPeer } from './support/scripted-peer.ts'
import { World } from './support/world.ts'

const PIECE = 16 * KiB

/** A peer that claims to have metadata of `sizeBytes` and answers requests for it with `answer`. */
function metadataPeer(
  world: World,
  number: number,
  sizeBytes: number | undefined,
  answer: (peer: ScriptedPeer, piece: number) => MetadataMessage | undefined,
): ScriptedPeer {
  const handshake: ExtensionHandshake = {
    extensions: { metadata: 1 },
    ...(sizeBytes === undefined ? {} : { metadataSizeBytes: sizeBytes }),
  }
  const peer: ScriptedPeer = new ScriptedPeer(world.network, world.torrent, { number }, (link) => link.extensionHandshake(handshake), {
    onMetadata: (message) => {
      const reply = message.kind === 'request' ? answer(peer, message.piece) : undefined
      if (reply !== undefined) peer.link.metadata(1, reply)
    },
  })
  return peer
}

/** The piece of the real info dictionary. */
function honest(world: World): (peer: ScriptedPeer, piece: number) => MetadataMessage {
  const { infoBytes } = world.torrent
  return (_peer, piece) => ({
    kind: 'data',
    piece,
    totalBytes: infoBytes.length,
    bytes: infoBytes.slice(piece * PIECE, (piece + 1) * PIECE),
  })
}

/** Zeros in place of the info dictionary. */
function lie(sizeBytes: number): (peer: ScriptedPeer, piece: number) => MetadataMessage {
  return (_peer, piece) => ({
    kind: 'data',
    piece,
    totalBytes: sizeBytes,
    bytes: new Uint8Array(Math.min(PIECE, sizeBytes - piece * PIECE)),
  })
}

describe('MetadataExchange', () => {
  it.each([1, 16_384, 16_385, 200_000])('brings an info dictionary of %i bytes, and then the pieces', async (infoBytes) => {
    const world = new World({ infoBytes })
    const seed = world.seed()
    const leech = world.leech({ startsWithoutMetadata: true })
    leech.meets(seed)
    expect(await world.completes([leech])).toBe(true)
    expect(leech.isIntact).toBe(true)
    expect(await world.leftBehind()).toEqual([])
  })

  it.each([
    { known: 'its SHA-256', infoHash: 'short', lastBit: 0, isTaken: true },
    { known: 'a SHA-256 whose last bit is another', infoHash: 'short', lastBit: 1, isTaken: false },
    { known: '20 bytes of its SHA-256', infoHash: 'short', lastBit: undefined, isTaken: true },
    { known: 'its SHA-1 and its SHA-256', infoHash: 'v1', lastBit: 0, isTaken: true },
    { known: 'its SHA-1 and another SHA-256, which is nothing that the sender did', infoHash: 'v1', lastBit: 1, isTaken: true },
    { known: 'its SHA-256 and another SHA-1, which is nothing that the sender did', infoHash: 'other', lastBit: 0, isTaken: true },
    { known: 'two others', infoHash: 'other', lastBit: 1, isTaken: false },
  ] as const)('where $known is known, it is $isTaken that the dictionary is taken and no sender banned', async (plan) => {
    const world = new World({ infoBytes: 50_000 })
    const sha256 = createHash('sha256').update(world.torrent.infoBytes).digest()
    const infoHash = { short: sha256.subarray(0, 20), v1: world.torrent.infoHash, other: new Uint8Array(20) }[plan.infoHash]
    const infoHashV2 = Uint8Array.from(sha256)
    infoHashV2[31] = (infoHashV2[31] ?? 0) ^ (plan.lastBit ?? 0)
    const seed = world.seed()
    const leech = world.leech({ startsWithoutMetadata: true, infoHash, ...(plan.lastBit === undefined ? {} : { infoHashV2 }) })
    leech.meets(seed)
    if (plan.isTaken) expect(await world.completes([leech])).toBe(true)
    else await world.clock.advance(5_000)
    expect(leech.banned.has(seed.address.host)).toBe(!plan.isTaken)
  })

  it('passes on what was itself fetched, also to peers that were met before it was known', async () => {
    const world = new World({ infoBytes: 50_000 })
    const first = world.leech({ startsWithoutMetadata: true })
    const second = world.leech({ startsWithoutMetadata: true })
    first.meets(second)
    await world.clock.advance(2_000)
    const seed = world.seed()
    first.meets(seed)
    expect(await world.completes([first, second])).toBe(true)
    expect([first.isIntact, second.isIntact]).toEqual([true, true])
    expect(await world.leftBehind()).toEqual([])
  })

  it('tells a peer that was met before the metadata which pieces are here', async () => {
    const world = new World()
    const late = world.leech({ startsWithoutMetadata: true, verified: [1, 2, 3] })
    const peer = world.scriptedSeed({}, { pieces: [] })
    late.meets(peer)
    await world.clock.advance(500)
    expect(peer.haves).toEqual([])
    const seed = world.seed({ uploadBytesPerSecond: 20_000 })
    late.meets(seed)
    await world.clock.until(() => peer.haves.length === 3, 5_000)
    expect(peer.haves).toEqual([1, 2, 3])
    expect(peer.extension?.metadataSizeBytes).toBe(world.torrent.infoBytes.length)
  })

  it('closes the link with a peer whose early pieces do not fit the torrent', async () => {
    const world = new World()
    const leech = world.leech({ startsWithoutMetadata: true })
    const peer = world.scriptedSeed({}, { pieces: [] })
    leech.meets(peer)
    await world.clock.advance(100)
    peer.link.have(399_999)
    const seed = world.seed()
    leech.meets(seed)
    expect(await world.completes([leech])).toBe(true)
    expect(leech.peerEvents.some((event) => event.reason === 'claimed pieces that the torrent does not have')).toBe(true)
  })

  it('succeeds beside ten liars and bans each after one wrong dictionary', async () => {
    const world = new World({ infoBytes: 40_000 })
    const liars = Array.from({ length: 10 }, (_, index) => metadataPeer(world, index + 1, 40_000, lie(40_000)))
    const leech = world.leech({ startsWithoutMetadata: true })
    leech.meets(...liars)
    await world.clock.advance(5_000)
    expect(leech.banned).toEqual(new Set(liars.map((liar) => liar.address.host)))
    for (const liar of liars) expect(liar.metadata.filter((message) => message.kind === 'request').length).toBe(3)
    const seed = world.seed()
    leech.meets(seed)
    expect(await world.completes([leech])).toBe(true)
    expect(leech.banned.has(seed.address.host)).toBe(false)
  })

  it('asks two of fifty peers at a time that each claim 10 MB, four pieces ahead, and the honest one still wins', async () => {
    const world = new World({ infoBytes: 40_000 })
    const claimers = Array.from({ length: 48 }, (_, index) => metadataPeer(world, index + 1, 10_000_000, () => undefined))
    const leech = world.leech({ startsWithoutMetadata: true })
    leech.meets(...claimers)
    await world.clock.advance(5_000)
    expect(claimers.filter((claimer) => claimer.metadata.length > 0).length).toBe(LIMITS.metadataSources)
    for (const claimer of claimers) expect(claimer.metadata.length).toBeLessThanOrEqual(4)
    const peer = metadataPeer(world, 100, 40_000, honest(world))
    leech.meets(peer)
    let knownMs = Number.POSITIVE_INFINITY
    leech.swarm.events.on('metadata', () => {
      knownMs = world.clock.nowMs()
    })
    // Nobody is asked twice before everybody was asked once: 48 claimers, two at a time, 6 to 7 s each.
    await world.clock.advance(200_000)
    expect(knownMs).toBeLessThan(24 * 7_000 + 5_000)
    expect(leech.swarm.status().metadataRefusals).toBeGreaterThan(24)
  })

  it.each<[string, (world: World) => (peer: ScriptedPeer, piece: number) => MetadataMessage | undefined]>([
    ['rejects', () => (_peer, piece) => ({ kind: 'reject', piece })],
    ['never answers', () => () => undefined],
    ['answers with another piece', (world) => (peer) => honest(world)(peer, 1)],
    ['answers with another total size', () => lie(16_384 * 2 + 1)],
  ])('takes the dictionary from another peer when one %s', async (_, answer) => {
    const world = new World({ infoBytes: 40_000 })
    const bad = [1, 2].map((number) => metadataPeer(world, number, 40_000, answer(world)))
    const leech = world.leech({ startsWithoutMetadata: true })
    leech.meets(...bad)
    await world.clock.advance(8_000)
    expect(leech.swarm.status()).toMatchObject({ metadataRefusals: 2, bytesTotal: 0 })
    const seed = world.seed()
    leech.meets(seed)
    expect(await world.completes([leech])).toBe(true)
    expect(leech.banned.size).toBe(0)
  })

  it('asks the only peer again that was silent for a while, and counts its refusal once', async () => {
    const world = new World({ infoBytes: 40_000 })
    let isSilent = true
    const peer = metadataPeer(world, 1, 40_000, (self, piece) => (isSilent ? undefined : honest(world)(self, piece)))
    const leech = world.leech({ startsWithoutMetadata: true })
    let known = 0
    leech.swarm.events.on('metadata', () => known++)
    leech.meets(peer)
    await world.clock.advance(60_000)
    expect([known, leech.swarm.status().metadataRefusals]).toEqual([0, 1])
    isSilent = false
    await world.clock.advance(30_000)
    expect(known).toBe(1)
  })

  /** Answers each request, `periodMs` after the one before. */
  const dripping = (world: World, sizeBytes: number, periodMs: number, answer: (peer: ScriptedPeer, piece: number) => MetadataMessage) => {
    let freeMs = 0
    return (peer: ScriptedPeer, piece: number): undefined => {
      freeMs = Math.max(freeMs, world.clock.nowMs()) + periodMs
      const late = answer(peer, piece)
      if (piece * PIECE < sizeBytes) world.clock.after(freeMs - world.clock.nowMs(), () => peer.link.metadata(1, late))
    }
  }

  it('takes the places from sources that drip, for a peer that waits', async () => {
    const world = new World({ infoBytes: 40_000 })
    const drippers = Array.from({ length: 6 }, (_, index) =>
      metadataPeer(world, index + 1, 10_000_000, dripping(world, 10_000_000, 5_900, lie(10_000_000))),
    )
    const leech = world.leech({ startsWithoutMetadata: true })
    leech.meets(...drippers)
    await world.clock.advance(3_000)
    leech.meets(metadataPeer(world, 100, 40_000, honest(world)))
    let knownMs = Number.POSITIVE_INFINITY
    leech.swarm.events.on('metadata', () => {
      knownMs = world.clock.nowMs()
    })
    await world.clock.advance(60_000)
    expect(knownMs).toBeLessThan(4 * 8_000)
  })

  it('gets the dictionary from peers that are all slow, by turns that grow', async () => {
    const world = new World({ infoBytes: 500_000 })
    const slow = Array.from({ length: 6 }, (_, index) =>
      metadataPeer(world, index + 1, 500_000, dripping(world, 500_000, 2_500, honest(world))),
    )
    const leech = world.leech({ startsWithoutMetadata: true })
    let known = 0
    leech.swarm.events.on('metadata', () => known++)
    leech.meets(...slow)
    await world.clock.advance(600_000)
    expect(known).toBe(1)
  })

  it('asks nobody that names no size or takes no metadata messages', async () => {
    const world = new World()
    const peer = metadataPeer(world, 1, undefined, honest(world))
    const leech = world.leech({ startsWithoutMetadata: true })
    leech.meets(peer)
    await world.clock.advance(30_000)
    expect(peer.metadata).toEqual([])
    expect(leech.swarm.status().metadataRefusals).toBe(0)
  })

  it('ignores data that it did not ask for', async () => {
    const world = new World({ infoBytes: 40_000 })
    const peer = metadataPeer(world, 1, undefined, () => undefined)
    const leech = world.leech({ startsWithoutMetadata: true })
    leech.meets(peer)
    await world.clock.advance(100)
    for (const piece of [0, 1, 2]) peer.link.metadata(1, lie(40_000)(peer, piece))
    await world.clock.advance(100)
    expect([leech.banned.size, peer.isConnected]).toEqual([0, true])
  })

  it.each([
    ['a hundred metadata pieces', 100, 100],
    ['three copies of the metadata', 700_000, 129],
  ])('serves %s a minute to one peer and rejects the rest', async (_what, infoBytes, served) => {
    const world = new World({ infoBytes })
    const seed = world.seed()
    const asker = metadataPeer(world, 1, undefined, () => undefined)
    seed.meets(asker)
    await world.clock.advance(100)
    // Not all at once: what the link has not taken yet is bounded too.
    for (let index = 0; index < 20_000; index++) {
      asker.link.metadata(1, { kind: 'request', piece: 0 })
      if (index % 40 === 39) await world.clock.advance(100)
    }
    const kinds = asker.metadata.map((message) => message.kind)
    expect(kinds.filter((kind) => kind === 'data').length).toBe(served)
    expect(kinds.filter((kind) => kind === 'reject').length).toBe(20_000 - served)
    asker.link.metadata(1, { kind: 'request', piece: 700 })
    await world.clock.advance(100)
    expect(asker.metadata.at(-1)).toEqual({ kind: 'reject', piece: 700 })
    // A minute later it may ask again.
    await world.clock.advance(61_000)
    asker.link.metadata(1, { kind: 'request', piece: 0 })
    await world.clock.advance(100)
    expect(asker.metadata.at(-1)?.kind).toBe('data')
  })
})
