import { beforeEach, describe, expect, it } from 'vitest'
import { HaveAnnouncer } from '../../src/swarm/have-announcer.ts'
import type { Peer } from '../../src/swarm/peer.ts'
import { VirtualClock } from './support/virtual-clock.ts'

/** A peer that keeps the haves that it is told. */
function listener(isSeed: boolean): { peer: Peer; haves: number[] } {
  const haves: number[] = []
  return { haves, peer: { isSeed, link: { have: (piece: number) => haves.push(piece) } } as unknown as Peer }
}

describe('HaveAnnouncer', () => {
  let clock: VirtualClock
  let announcer: HaveAnnouncer
  const lacking = { current: listener(false) }
  const having = { current: listener(true) }

  beforeEach(() => {
    clock = new VirtualClock()
    lacking.current = listener(false)
    having.current = listener(true)
    announcer = new HaveAnnouncer(
      clock,
      new Map([
        [1, lacking.current.peer],
        [2, having.current.peer],
      ]),
    )
  })

  it('tells those who lack pieces within 15 ms of the first, all gathered pieces together', async () => {
    announcer.add(1)
    await clock.advance(10)
    announcer.add(2)
    expect(lacking.current.haves).toEqual([])
    await clock.advance(5)
    expect([lacking.current.haves, having.current.haves]).toEqual([[1, 2], []])
  })

  it('tells those who have everything once a second', async () => {
    announcer.add(1)
    await clock.advance(900)
    announcer.add(2)
    await clock.advance(100)
    expect(having.current.haves).toEqual([1, 2])
    await clock.advance(5_000)
    expect([lacking.current.haves, having.current.haves]).toEqual([
      [1, 2],
      [1, 2],
    ])
  })

  it('tells everything at once when flushed, and nothing a second time', async () => {
    announcer.add(1)
    announcer.flush()
    expect([lacking.current.haves, having.current.haves]).toEqual([[1], [1]])
    await clock.advance(5_000)
    expect([lacking.current.haves, having.current.haves]).toEqual([[1], [1]])
    expect(clock.pending).toBe(0)
  })

  it('tells nothing and leaves no timer once stopped, even if a piece still comes from the disk', async () => {
    announcer.add(1)
    announcer.stop()
    announcer.add(2)
    expect(clock.pending).toBe(0)
    await clock.advance(5_000)
    expect([lacking.current.haves, having.current.haves]).toEqual([[], []])
  })
})
