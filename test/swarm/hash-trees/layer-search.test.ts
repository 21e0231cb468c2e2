import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../src/swarm/limits.ts'
import type { HashRequest } from '../../../src/torrent/hash-request.ts'
import { merkleRoot } from '../../../src/torrent/merkle-tree.ts'
import { MerkleTrees } from '../../../src/torrent/merkle-trees.ts'
import type { HashMessage } from '../../../src/wire/hash-message.ts'
import { SeededRandom } from '../../support/seeded-random.ts'
import type { ScriptedPeer } from '../support/scripted-peer.ts'
import type { TestHost } from '../support/test-host.ts'
import { World } from '../support/world.ts'

const BLOCK = 16_384

/** The trees of files with so many pieces of 64 KiB each, whole and with nothing but the roots. Nobody has to hold the content. */
function treesOf(...pieceCounts: number[]): { readonly whole: MerkleTrees; readonly bare: MerkleTrees } {
  const random = new SeededRandom(pieceCounts.length)
  const layers = new Map<string, Uint8Array>()
  let offsetBytes = 0
  const files = pieceCounts.map((pieces, index) => {
    const layer = random.bytes(pieces * 32)
    const piecesRoot = merkleRoot(layer, 2)
    if (pieces > 1) layers.set(Buffer.from(piecesRoot).toString('latin1'), layer)
    const file = { path: [`${index}`], lengthBytes: pieces * 4 * BLOCK, offsetBytes, piecesRoot }
    offsetBytes += file.lengthBytes
    return file
  })
  const info = { files, pieceLengthBytes: 4 * BLOCK }
  return { whole: new MerkleTrees(info, layers), bare: new MerkleTrees(info, new Map()) }
}

type Answering = (peer: ScriptedPeer, request: HashRequest) => void

function answersFrom(trees: MerkleTrees): Answering {
  return (peer, request) => {
    const hashes = trees.answer(request)
    peer.link.hashMessage(hashes === undefined ? { kind: 'reject', request } : { kind: 'hashes', request, hashes })
  }
}

const rejects: Answering = (peer, request) => peer.link.hashMessage({ kind: 'reject', request })
const lies: Answering = (peer, request) =>
  peer.link.hashMessage({
    kind: 'hashes',
    request,
    hashes: new Uint8Array((request.length + Math.max(0, request.proofLayers - Math.log2(request.length) + 1)) * 32).fill(3),
  })
const isSilent: Answering = () => undefined

/** A host that waits for layers, and the peers that it meets. */
class Stage {
  readonly world: World = new World({ pieces: 4 })
  readonly host: TestHost
  readonly peers: ScriptedPeer[]
  result: boolean | undefined

  constructor(...answering: (Answering | 'v1')[]) {
    this.host = this.world.leech({ startsWithoutMetadata: true })
    this.peers = answering.map((answer) => {
      const onHashes = (peer: ScriptedPeer, message: HashMessage): void => {
        if (message.kind === 'request' && answer !== 'v1') answer(peer, message.request)
      }
      return this.world.scriptedSeed({ supportsV2: answer !== 'v1' }, { staysChoked: true, onHashes })
    })
    this.host.meets(...this.peers)
  }

  async connected(): Promise<void> {
    expect(await this.world.clock.until(() => this.peers.every((peer) => peer.isConnected), 5_000)).toBe(true)
    await this.world.clock.advance(100)
  }

  /** Begins to seek; what comes of it is in `result`. */
  seek(trees: MerkleTrees, isRequired = true): void {
    void this.host.swarm.seekLayers(trees, { isRequired }).then((isComplete) => {
      this.result = isComplete
    })
  }

  async end(): Promise<void> {
    expect(await this.world.leftBehind()).toEqual([])
  }
}

describe('the search for piece layers', () => {
  it('asks all peers of v2, each for a part, and nobody of v1', async () => {
    const { whole, bare } = treesOf(5_000, 1, 300, 2)
    const on = new Stage(answersFrom(whole), answersFrom(whole), answersFrom(whole), 'v1')
    await on.connected()
    on.seek(bare)
    expect(await on.world.clock.until(() => on.result !== undefined, 5_000)).toBe(true)
    expect(on.result).toBe(true)
    expect(bare.isComplete).toBe(true)
    const asked = on.peers.map(({ hashMessages }) => hashMessages.length)
    expect(asked[3]).toBe(0)
    expect(asked.reduce((sum, count) => sum + count)).toBe(12)
    for (const count of asked.slice(0, 3)) expect(count).toBeGreaterThan(1)
    await on.end()
  })

  it('has so many requests under way at one peer', async () => {
    const { bare } = treesOf(10_000)
    const on = new Stage(isSilent)
    await on.connected()
    on.seek(bare)
    await on.world.clock.advance(1_000)
    expect(on.peers[0]?.hashMessages).toHaveLength(LIMITS.hashRequestsUnderWay)
    await on.end()
    expect(on.result).toBe(false)
  })

  it('waits for a peer that comes later, and ends at once where nothing is missing', async () => {
    const { whole, bare } = treesOf(600)
    const on = new Stage()
    on.seek(whole)
    await on.world.clock.advance(1)
    expect(on.result).toBe(true)
    on.result = undefined
    on.seek(bare)
    await on.world.clock.advance(100_000)
    expect(on.result).toBeUndefined()
    const late = on.world.scriptedSeed(
      { supportsV2: true },
      { onHashes: (peer, message) => message.kind === 'request' && answersFrom(whole)(peer, message.request) },
    )
    on.host.meets(late)
    expect(await on.world.clock.until(() => on.result !== undefined, 5_000)).toBe(true)
    expect(on.result).toBe(true)
    await on.end()
  })

  it('bans whoever makes hashes up, and nobody else', async () => {
    const { whole, bare } = treesOf(3_000)
    const on = new Stage(lies, answersFrom(whole), lies)
    await on.connected()
    on.seek(bare)
    expect(await on.world.clock.until(() => on.result !== undefined, 5_000)).toBe(true)
    expect(on.result).toBe(true)
    expect(on.host.banned).toEqual(new Set([on.peers[0]?.address.host, on.peers[2]?.address.host]))
    await on.end()
  })

  it('goes to others with what one refuses or does not answer', async () => {
    const { whole, bare } = treesOf(9_000, 40, 40)
    const on = new Stage(rejects, isSilent, answersFrom(whole))
    await on.connected()
    on.seek(bare)
    expect(await on.world.clock.until(() => on.result !== undefined, LIMITS.hashTimeoutMs + 3_000)).toBe(true)
    expect(on.result).toBe(true)
    // One that refuses is asked a few times, and then left alone for a while.
    expect(on.peers[0]?.hashMessages.length).toBeLessThan(20)
    expect(on.host.banned.size).toBe(0)
    expect(on.peers.every(({ isConnected }) => isConnected)).toBe(true)
    await on.end()
  })

  it('asks again after a while whoever refused', async () => {
    const { whole, bare } = treesOf(600)
    let knows = false
    const on = new Stage((peer, request) => (knows ? answersFrom(whole) : rejects)(peer, request))
    await on.connected()
    on.seek(bare)
    await on.world.clock.advance(LIMITS.hashRetryMs / 2)
    const asked = on.peers[0]?.hashMessages.length ?? 0
    expect(asked).toBeLessThan(10)
    knows = true
    expect(await on.world.clock.until(() => on.result === true, LIMITS.hashRetryMs)).toBe(true)
    await on.end()
  })

  it('takes an answer that comes too late for what it is, and ends the link where nobody asked', async () => {
    const { whole, bare } = treesOf(600)
    const on = new Stage(isSilent)
    await on.connected()
    on.seek(bare)
    await on.world.clock.advance(LIMITS.hashTimeoutMs + 2_000)
    const peer = on.peers[0]
    const first = peer?.hashMessages[0]
    if (peer === undefined || first === undefined) throw new RangeError('nothing was asked')
    answersFrom(whole)(peer, first.request)
    await on.world.clock.advance(1_000)
    const { link } = peer
    expect(link.isClosed).toBe(false)
    answersFrom(whole)(peer, { ...first.request, index: 0, length: 2, proofLayers: 1 })
    await on.world.clock.advance(1_000)
    expect(link.isClosed).toBe(true)
    await on.end()
  })

  describe('that is not required', () => {
    it.each<[string, (Answering | 'v1')[], number]>([
      ['there is nobody', [], 100],
      ['all speak v1', ['v1', 'v1'], 100],
      ['all refuse', [rejects, rejects], 1_000],
      ['nobody answers', [isSilent, 'v1'], LIMITS.hashTimeoutMs + 2_000],
    ])('ends without them where %s', async (_, answering, withinMs) => {
      const { bare } = treesOf(600, 600)
      const on = new Stage(...answering)
      await on.connected()
      on.seek(bare, false)
      expect(await on.world.clock.until(() => on.result !== undefined, withinMs)).toBe(true)
      expect(on.result).toBe(false)
      await on.end()
    })

    it('waits for those that may still answer', async () => {
      const { whole, bare } = treesOf(600)
      const slow: Answering = (peer, request) => on.world.clock.after(5_000, () => answersFrom(whole)(peer, request))
      const on = new Stage(rejects, slow)
      await on.connected()
      on.seek(bare, false)
      expect(await on.world.clock.until(() => on.result === true, 8_000)).toBe(true)
      await on.end()
    })

    it('ends in time, however slowly they drip', async () => {
      const { whole, bare } = treesOf(40_000)
      const drip: Answering = (peer, request) => on.world.clock.after(LIMITS.hashTimeoutMs - 1_000, () => answersFrom(whole)(peer, request))
      const on = new Stage(drip)
      await on.connected()
      on.seek(bare, false)
      expect(await on.world.clock.until(() => on.result === false, LIMITS.layerPatienceMs + 2_000)).toBe(true)
      await on.end()
    })
  })

  it('asks nobody who does not know the torrent yet, which would end the link', async () => {
    const { bare } = treesOf(600)
    const world = new World({ pieces: 4 })
    const host = world.leech({ startsWithoutMetadata: true })
    const newcomer = world.scriptedSeed({ supportsV2: true }, { pieces: [] })
    host.meets(newcomer)
    expect(await world.clock.until(() => newcomer.isConnected, 5_000)).toBe(true)
    newcomer.link.extensionHandshake({ extensions: {} })
    void host.swarm.seekLayers(bare, { isRequired: true })
    await world.clock.advance(5_000)
    expect(newcomer.hashMessages).toEqual([])
    newcomer.link.extensionHandshake({ extensions: { metadata: 1 }, metadataSizeBytes: 1_000 })
    await world.clock.advance(1_000)
    expect(newcomer.hashMessages.length).toBeGreaterThan(0)
    expect(await world.leftBehind()).toEqual([])
  })
})

describe('a swarm of v2', () => {
  it('passes the piece layers on from a magnet to a magnet, and then the pieces', async () => {
    const world = new World({ pieces: 20 })
    const { torrent } = world
    const seed = world.seed({ trees: torrent.trees() })
    const first = world.leech({ startsWithoutMetadata: true, trees: torrent.trees(false), infoHashV2: torrent.infoHashV2 })
    first.meets(seed)
    expect(await world.completes([first])).toBe(true)
    world.network.remove(seed)
    const second = world.leech({ startsWithoutMetadata: true, trees: torrent.trees(false) })
    second.meets(first)
    expect(await world.completes([second])).toBe(true)
    expect([first.isIntact, second.isIntact]).toEqual([true, true])
    expect(await world.leftBehind()).toEqual([])
  })
})
