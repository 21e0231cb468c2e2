import { describe, expect, it } from 'vitest'
import { BLOCK_BYTES } from '../../../src/base/units.ts'
import { LIMITS } from '../../../src/swarm/limits.ts'
import type { HashRequest } from '../../../src/torrent/hash-request.ts'
import { hashBlocks } from '../../../src/torrent/merkle-tree.ts'
import type { MerkleTrees } from '../../../src/torrent/merkle-trees.ts'
import type { ScriptedPeer } from '../support/scripted-peer.ts'
import type { TestHost, TestHostOptions } from '../support/test-host.ts'
import { World } from '../support/world.ts'

interface Stage {
  readonly world: World
  readonly host: TestHost
  readonly asker: ScriptedPeer
  readonly trees: MerkleTrees
  /** The leaves of piece 1. */
  readonly leaves: HashRequest
}

/** A host, and a peer that asks it for hashes. */
async function stage(options: Partial<TestHostOptions> = {}, pieceBytes = 4 * BLOCK_BYTES, pieces = 20, knowsV2 = true): Promise<Stage> {
  const world = new World({ pieces, pieceBytes })
  const trees = world.torrent.trees()
  const host = world.seed({ ...(knowsV2 ? { trees } : {}), ...options })
  const asker = world.scriptedSeed({ supportsV2: true }, { pieces: [], staysChoked: true })
  host.meets(asker)
  expect(await world.clock.until(() => asker.isConnected, 5_000)).toBe(true)
  const leaves = trees.leafRequest(1)
  if (leaves === undefined) throw new RangeError('piece 1 is a leaf itself')
  return { world, host, asker, trees, leaves }
}

const layerRequest = (trees: MerkleTrees): HashRequest => ({
  root: trees.leafRequest(0)?.root ?? new Uint8Array(32),
  baseLayer: 2,
  index: 0,
  length: 32,
  proofLayers: 4,
})

describe('a host that is asked for hashes', () => {
  it('gives those of a piece layer, also while it chokes', async () => {
    const { world, asker, trees } = await stage()
    const request = layerRequest(trees)
    asker.link.hashMessage({ kind: 'request', request })
    await world.clock.advance(1_000)
    expect(asker.isUnchoked).toBe(false)
    expect(asker.hashMessages).toEqual([{ kind: 'hashes', request, hashes: trees.answer(request) }])
    expect(await world.leftBehind()).toEqual([])
  })

  it('reads a piece for those of its blocks, and proves them as far as it was asked to', async () => {
    const { world, asker, trees, leaves } = await stage({ readMs: 10 }, 64 * BLOCK_BYTES, 3)
    const whole = trees.leafRequest(2)
    if (whole === undefined) return
    const requests = [leaves, whole, { ...leaves, index: leaves.index + 16, length: 16, proofLayers: 7 }]
    for (const request of requests) asker.link.hashMessage({ kind: 'request', request })
    await world.clock.advance(1_000)
    expect(asker.hashMessages.map(({ kind }) => kind)).toEqual(['hashes', 'hashes', 'hashes'])
    for (const message of asker.hashMessages) {
      if (message.kind !== 'hashes') continue
      const piece = trees.pieceBelow(message.request) ?? -1
      expect(message.hashes).toEqual(trees.answer(message.request, hashBlocks(world.torrent.bytesOf(piece))))
    }
    expect(asker.hashMessages[2]).toMatchObject({ request: requests[1] })
    expect(await world.leftBehind()).toEqual([])
  })

  it.each<[string, (request: HashRequest) => HashRequest]>([
    ['another file', (request) => ({ ...request, root: new Uint8Array(32) })],
    ['nothing', (request) => ({ ...request, length: 0 })],
    ['a length that is no power of two', (request) => ({ ...request, length: 24 })],
    ['a length beyond everything', (request) => ({ ...request, length: 2 ** 31 })],
    ['a start that is no multiple of the length', (request) => ({ ...request, index: 3, length: 2 })],
    ['what lies behind the end', (request) => ({ ...request, index: 32 })],
    ['the root', (request) => ({ ...request, baseLayer: 7, length: 1 })],
    ['more proof than there is', (request) => ({ ...request, proofLayers: 5 })],
    ['leaves of many pieces', (request) => ({ ...request, baseLayer: 0, length: 8 })],
  ])('refuses %s, in the words of the request', async (_, change) => {
    const { world, asker, trees } = await stage()
    const request = change(layerRequest(trees))
    asker.link.hashMessage({ kind: 'request', request })
    await world.clock.advance(1_000)
    expect(asker.hashMessages).toEqual([{ kind: 'reject', request }])
    expect(asker.isConnected).toBe(true)
  })

  it('refuses everything while it knows nothing of v2', async () => {
    const { world, asker, leaves, trees } = await stage({}, 4 * BLOCK_BYTES, 20, false)
    for (const request of [leaves, layerRequest(trees)]) asker.link.hashMessage({ kind: 'request', request })
    await world.clock.advance(1_000)
    expect(asker.hashMessages.map(({ kind }) => kind)).toEqual(['reject', 'reject'])
  })

  it('refuses what it does not have, cannot read, or would be wrong', async () => {
    const missing = await stage({ verified: [0, 2] })
    missing.asker.link.hashMessage({ kind: 'request', request: missing.leaves })
    await missing.world.clock.advance(1_000)
    expect(missing.asker.hashMessages).toEqual([{ kind: 'reject', request: missing.leaves }])

    const unreadable = await stage()
    unreadable.host.store.unreadable.add(1)
    unreadable.asker.link.hashMessage({ kind: 'request', request: unreadable.leaves })
    await unreadable.world.clock.advance(1_000)
    expect(unreadable.asker.hashMessages).toEqual([{ kind: 'reject', request: unreadable.leaves }])

    const rotten = await stage()
    rotten.host.store.content[4 * BLOCK_BYTES] = (rotten.host.store.content[4 * BLOCK_BYTES] ?? 0) ^ 1
    rotten.asker.link.hashMessage({ kind: 'request', request: rotten.leaves })
    await rotten.world.clock.advance(1_000)
    expect(rotten.asker.hashMessages).toEqual([{ kind: 'reject', request: rotten.leaves }])
  })

  it('reads one piece at a time, and queues only so many', async () => {
    const { world, asker, trees } = await stage({ readMs: 100 })
    const requests = Array.from({ length: 10 }, (_, piece) => trees.leafRequest(piece)).filter((request) => request !== undefined)
    for (const request of requests) asker.link.hashMessage({ kind: 'request', request })
    await world.clock.advance(50)
    expect(asker.hashMessages.map(({ kind }) => kind)).toEqual(Array(10 - LIMITS.leafRequestsOfPeer).fill('reject'))
    await world.clock.advance(100)
    expect(asker.hashMessages.filter(({ kind }) => kind === 'hashes')).toHaveLength(1)
    await world.clock.advance(1_000)
    expect(asker.hashMessages.filter(({ kind }) => kind === 'hashes')).toHaveLength(LIMITS.leafRequestsOfPeer)
    expect(await world.leftBehind()).toEqual([])
  })

  it('reads on for others when the asker leaves', async () => {
    const { world, host, asker, leaves } = await stage({ readMs: 100 })
    const other = world.scriptedSeed({ supportsV2: true }, { pieces: [], staysChoked: true })
    host.meets(other)
    expect(await world.clock.until(() => other.isConnected, 5_000)).toBe(true)
    asker.link.hashMessage({ kind: 'request', request: leaves })
    other.link.hashMessage({ kind: 'request', request: leaves })
    await world.clock.advance(20)
    asker.link.close('it leaves')
    await world.clock.advance(1_000)
    expect(asker.hashMessages).toEqual([])
    expect(other.hashMessages.map(({ kind }) => kind)).toEqual(['hashes'])
    expect(await world.leftBehind()).toEqual([])
  })

  it('gives a peer that floods it a share, refuses the rest, and serves the others', async () => {
    const { world, host, asker, trees } = await stage()
    const request = layerRequest(trees)
    const cost = 256 + 32 * 32
    const flood = Math.ceil(LIMITS.hashBytesPerMinute / cost) + 1_000
    for (let sent = 0; sent < flood; sent++) {
      asker.link.hashMessage({ kind: 'request', request })
      if (sent % 500 === 499) await world.clock.advance(300)
      asker.hashMessages.length = sent % 500 === 499 ? 0 : asker.hashMessages.length
    }
    await world.clock.advance(500)
    expect(asker.hashMessages.at(-1)).toEqual({ kind: 'reject', request })
    const other = world.scriptedSeed({ supportsV2: true }, { pieces: [], staysChoked: true })
    host.meets(other)
    expect(await world.clock.until(() => other.isConnected, 5_000)).toBe(true)
    other.link.hashMessage({ kind: 'request', request })
    await world.clock.advance(1_000)
    expect(other.hashMessages.map(({ kind }) => kind)).toEqual(['hashes'])
    await world.clock.advance(60_000)
    asker.link.hashMessage({ kind: 'request', request })
    await world.clock.advance(1_000)
    expect(asker.hashMessages.at(-1)?.kind).toBe('hashes')
  })

  it('ends the link with whoever sends hashes that it did not ask for, and ignores such a refusal', async () => {
    const { world, asker, trees } = await stage()
    const request = layerRequest(trees)
    const { link } = asker
    link.hashMessage({ kind: 'reject', request })
    await world.clock.advance(1_000)
    expect(link.isClosed).toBe(false)
    asker.link.hashMessage({ kind: 'hashes', request, hashes: new Uint8Array(32 * 32) })
    await world.clock.advance(1_000)
    expect(link.isClosed).toBe(true)
  })
})
