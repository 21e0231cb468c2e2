import { describe, expect, it } from 'vitest'
import { BLOCK_BYTES } from '../../../src/base/units.ts'
import { hashBlocks } from '../../../src/torrent/merkle-tree.ts'
import type { HashMessage } from '../../../src/wire/hash-message.ts'
import type { ScriptedPeer } from '../support/scripted-peer.ts'
import { World } from '../support/world.ts'

/** Spoils every block. */
const everything = (_piece: number, _begin: number, bytes: Uint8Array): void => {
  bytes[0] = (bytes[0] as number) ^ 255
}

/** Spoils the first block that it is asked for, and no other. */
function firstOnly(): (piece: number, begin: number, bytes: Uint8Array) => void {
  let place: string | undefined
  return (piece, begin, bytes) => {
    place ??= `${piece} ${begin}`
    if (place === `${piece} ${begin}`) everything(piece, begin, bytes)
  }
}

/** Two pieces of 1 MiB from four hosts: each piece comes from several of them. */
function worldOfTwoPieces(latencyMs = 20): World {
  return new World({ pieces: 2, pieceBytes: 64 * BLOCK_BYTES, latencyMs })
}

describe('a wrong piece of v2', () => {
  it.each([1, 20, 60])('names who sent its bad block as soon as it is there, and bans nobody else (%i ms)', async (latencyMs) => {
    const world = worldOfTwoPieces(latencyMs)
    const trees = world.torrent.trees()
    const honest = [1, 2].map(() => world.seed({ trees, uploadBytesPerSecond: 300_000 }))
    const liar = world.seed({ trees, uploadBytesPerSecond: 300_000, falsify: firstOnly() })
    const leech = world.leech({ trees })
    leech.meets(...honest, liar)
    let corruptMs = Number.NaN
    let bannedMs = Number.NaN
    leech.swarm.events.on('corrupt', () => {
      corruptMs = world.clock.nowMs()
    })
    leech.swarm.events.on('peer', ({ kind }) => {
      if (kind === 'banned') bannedMs = world.clock.nowMs()
    })
    expect(await world.completes([leech], 120_000)).toBe(true)
    expect(leech.isIntact).toBe(true)
    expect(leech.store.corrupt).toBe(1)
    expect(leech.banned).toEqual(new Set([liar.address.host]))
    // Long before the piece can have come again: a megabyte at 600 kB/s.
    expect(bannedMs - corruptMs).toBeLessThan(1_000)
    expect(await world.leftBehind()).toEqual([])
  })

  it('is judged by what is right, also where a liar gives the hashes of its own blocks', async () => {
    const world = worldOfTwoPieces()
    const trees = world.torrent.trees()
    const liar: ScriptedPeer = world.scriptedSeed(
      { supportsV2: true },
      {
        answer: (peer, piece, begin, length) => peer.link.sendBlock(piece, begin, length, new Uint8Array(length).fill(7)),
        onHashes: (peer, { kind, request }) => {
          if (kind === 'request') peer.link.hashMessage({ kind: 'hashes', request, hashes: new Uint8Array(request.length * 32).fill(7) })
        },
      },
    )
    const honest = [1, 2].map(() => world.seed({ trees, uploadBytesPerSecond: 300_000 }))
    const leech = world.leech({ trees })
    leech.meets(liar, ...honest)
    expect(await world.completes([leech], 120_000)).toBe(true)
    expect(leech.isIntact).toBe(true)
    expect(leech.banned).toEqual(new Set([liar.address.host]))
    expect(await world.leftBehind()).toEqual([])
  })

  it.each<[string, (peer: ScriptedPeer, message: HashMessage) => void]>([
    ['refuses', (peer, { request }) => peer.link.hashMessage({ kind: 'reject', request })],
    ['is silent', () => undefined],
  ])('is fetched again as in v1 where everybody who is asked for its leaves %s', async (_, onHashes) => {
    const world = worldOfTwoPieces()
    const trees = world.torrent.trees()
    const honest = [1, 2].map(() => world.scriptedSeed({ supportsV2: true }, { onHashes }))
    const liar = world.scriptedSeed(
      { supportsV2: true },
      { onHashes, answer: (peer, piece, begin, length) => peer.link.sendBlock(piece, begin, length, new Uint8Array(length)) },
    )
    const leech = world.leech({ trees })
    leech.meets(...honest, liar)
    expect(await world.completes([leech], 200_000)).toBe(true)
    expect(leech.isIntact).toBe(true)
    expect(leech.banned).toEqual(new Set([liar.address.host]))
    expect(await world.leftBehind()).toEqual([])
  })

  it('is asked about at peers of v2 only', async () => {
    const world = worldOfTwoPieces()
    const honest = world.scriptedSeed()
    const liar = world.scriptedSeed(
      {},
      { answer: (peer, piece, begin, length) => peer.link.sendBlock(piece, begin, length, new Uint8Array(length)) },
    )
    const leech = world.leech({ trees: world.torrent.trees() })
    leech.meets(honest, liar)
    expect(await world.completes([leech], 200_000)).toBe(true)
    expect([...honest.hashMessages, ...liar.hashMessages]).toEqual([])
    expect(leech.banned).toEqual(new Set([liar.address.host]))
    expect(await world.leftBehind()).toEqual([])
  })

  it('convicts nobody by the digests of another hash', async () => {
    const world = worldOfTwoPieces()
    // Checked by SHA-1, because the layers are not known; the leaves of a peer prove nothing then, and are not asked for.
    const honest = [1, 2].map(() =>
      world.scriptedSeed(
        { supportsV2: true },
        {
          onHashes: (peer, { request }) =>
            peer.link.hashMessage({
              kind: 'hashes',
              request,
              hashes: hashBlocks(world.torrent.bytesOf(0)).subarray(0, request.length * 32),
            }),
        },
      ),
    )
    const liar = world.scriptedSeed(
      {},
      { answer: (peer, piece, begin, length) => peer.link.sendBlock(piece, begin, length, new Uint8Array(length)) },
    )
    const leech = world.leech({ trees: world.torrent.trees(false) })
    leech.meets(...honest, liar)
    expect(await world.completes([leech], 200_000)).toBe(true)
    expect(honest.flatMap(({ hashMessages }) => hashMessages)).toEqual([])
    expect(leech.banned).toEqual(new Set([liar.address.host]))
  })
})
