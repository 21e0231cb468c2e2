import { beforeEach, describe, expect, it } from 'vitest'
import { Bitfield } from '../../src/base/bitfield.ts'
import { HaveAnnouncer } from '../../src/swarm/have-announcer.ts'
import type { Peer } from '../../src/swarm/peer.ts'
import { VirtualClock } from './support/virtual-clock.ts'

/** What the announcer knows of a peer, and the haves that it was told. */
interface Listener {
  readonly pieces: Bitfield
  readonly uploads: { size: number }
  batchesUnderWay: number
  readonly haves: number[]
  readonly link: { have(piece: number): void }
}

function listener(...pieces: readonly number[]): Listener {
  const has = new Bitfield(8)
  for (const piece of pieces) has.add(piece)
  const haves: number[] = []
  return { pieces: has, uploads: { size: 0 }, batchesUnderWay: 0, haves, link: { have: (piece) => haves.push(piece) } }
}

describe('HaveAnnouncer', () => {
  let clock: VirtualClock
  let announcer: HaveAnnouncer
  let lacking: Listener
  let having: Listener
  let peers: Map<number, Peer>

  beforeEach(() => {
    clock = new VirtualClock()
    lacking = listener()
    having = listener(0, 1, 2, 3, 4, 5, 6, 7)
    peers = new Map()
    for (const one of [lacking, having]) peers.set(peers.size + 1, one as unknown as Peer)
    announcer = new HaveAnnouncer(clock, peers)
  })

  it('tells those who lack pieces within 15 ms of the first, all gathered pieces together', async () => {
    announcer.add(1)
    await clock.advance(10)
    announcer.add(2)
    expect(lacking.haves).toEqual([])
    await clock.advance(5)
    expect([lacking.haves, having.haves]).toEqual([[1, 2], []])
  })

  it('tells those whose requests wait here within 100 ms', async () => {
    lacking.uploads.size = 1
    announcer.add(1)
    await clock.advance(50)
    announcer.add(2)
    await clock.advance(49)
    expect(lacking.haves).toEqual([])
    await clock.advance(1)
    expect(lacking.haves).toEqual([1, 2])
  })

  it('tells a peer that was busy, and no longer is, everything that it missed', async () => {
    lacking.batchesUnderWay = 1
    announcer.add(1)
    await clock.advance(20)
    lacking.batchesUnderWay = 0
    announcer.add(2)
    await clock.advance(15)
    expect(lacking.haves).toEqual([1, 2])
  })

  it('tells those who have the pieces themselves once a second', async () => {
    announcer.add(1)
    await clock.advance(900)
    announcer.add(2)
    await clock.advance(100)
    expect(having.haves).toEqual([1, 2])
    await clock.advance(5_000)
    expect([lacking.haves, having.haves]).toEqual([
      [1, 2],
      [1, 2],
    ])
  })

  it('tells a peer what it has itself together with the first piece that it lacks', async () => {
    lacking.pieces.add(1)
    announcer.add(1)
    await clock.advance(500)
    expect(lacking.haves).toEqual([])
    announcer.add(2)
    await clock.advance(15)
    expect(lacking.haves).toEqual([1, 2])
  })

  it('tells everybody every piece once, whenever they come and whoever joins meanwhile has it already', async () => {
    for (const piece of [0, 1, 2, 3]) {
      announcer.add(piece)
      await clock.advance(400)
    }
    await clock.advance(2_000)
    const late = listener()
    peers.set(3, late as unknown as Peer)
    announcer.add(4)
    await clock.advance(2_000)
    expect([lacking.haves, having.haves, late.haves]).toEqual([[0, 1, 2, 3, 4], [0, 1, 2, 3, 4], [4]])
  })

  it('tells everything at once when flushed, and nothing a second time', async () => {
    announcer.add(1)
    announcer.flush()
    expect([lacking.haves, having.haves]).toEqual([[1], [1]])
    await clock.advance(5_000)
    expect([lacking.haves, having.haves]).toEqual([[1], [1]])
    expect(clock.pending).toBe(0)
  })

  it('tells nothing and leaves no timer once stopped, even if a piece still comes from the disk', async () => {
    announcer.add(1)
    announcer.stop()
    announcer.add(2)
    expect(clock.pending).toBe(0)
    await clock.advance(5_000)
    expect([lacking.haves, having.haves]).toEqual([[], []])
  })
})
