import { describe, expect, it } from 'vitest'
import { KiB, MiB } from '../../../src/base/units.ts'
import { type HelpfulPeer, WebSeedNeed, type WebSeedNeedParts } from '../../../src/swarm/web-seeds/web-seed-need.ts'

const idle = { bytesPerSecond: (): number => 0 }
const everywhere = { missingBytes: 100 * MiB, bytesAtPeers: 50 * MiB, availability: (): number => 1 }

/** Piece 0 is at no peer, piece 1 at one. */
function needOf(peers: readonly Partial<HelpfulPeer & { rate: number }>[], changes: Partial<WebSeedNeedParts> = {}): WebSeedNeed {
  const full = peers.map(({ rate = MiB, ...peer }, number) => {
    const usual = { isSeed: false, isChoking: false, isSnubbing: false, downMeter: { bytesPerSecond: () => rate } }
    return [number, { ...usual, ...peer }] as const
  })
  const content = { missingBytes: 100 * MiB, bytesAtPeers: 50 * MiB, availability: (piece: number) => piece }
  const need = new WebSeedNeed({
    mode: 'fallback',
    peers: new Map(full),
    content,
    knownAddresses: () => 0,
    downBytesPerSecond: Number.POSITIVE_INFINITY,
    ...changes,
  })
  need.look(0)
  need.look(3_000)
  return need
}

describe('WebSeedNeed', () => {
  it('is for anything where there is no swarm', () => {
    for (const peers of [[], [{}, {}]]) {
      const need = needOf(peers)
      expect([need.isShared, need.has(0), need.has(1)]).toEqual([false, true, true])
    }
  })

  it('is for what no peer has where there is one, those counted that we only know of', () => {
    for (const need of [needOf([{}, {}, {}]), needOf([{}], { knownAddresses: () => 2 })]) {
      expect([need.isShared, need.hosts, need.has(0), need.has(1)]).toEqual([true, 4, true, false])
    }
  })

  it('is for nothing while a seed lets us have everything', () => {
    expect(needOf([{}, {}, { isSeed: true }]).has(0)).toBe(false)
    expect(needOf([{}, {}, { isSeed: true, isChoking: true }]).has(0)).toBe(true)
    expect(needOf([{}, {}, { isSeed: true, isSnubbing: true }]).has(0)).toBe(true)
  })

  it('is for nothing beside a seed that gives well, even where there is no swarm, and for anything beside one that does not', () => {
    expect(needOf([{ isSeed: true, rate: 2 * MiB }]).has(0)).toBe(false)
    expect(needOf([{ isSeed: true, rate: 2 * MiB, isChoking: true }]).has(0)).toBe(true)
    expect(needOf([{ isSeed: true, rate: 2 * MiB, isSnubbing: true }]).has(0)).toBe(true)
    expect(needOf([{ isSeed: true, rate: 200 * KiB }, {}]).has(0)).toBe(false)
    expect(needOf([{ isSeed: true, rate: 0 }]).has(0)).toBe(true)
  })

  it('is for anything beside slow seeds alone, until they are fast enough or give most of what may come', () => {
    const seeds = Array.from({ length: 4 }, () => ({ isSeed: true, rate: 100 * KiB }))
    expect(needOf(seeds).has(0)).toBe(true)
    expect(needOf([...seeds, { rate: 0 }]).has(0)).toBe(false)
    expect(needOf(seeds, { downBytesPerSecond: 500 * KiB }).has(0)).toBe(false)
    let [rate, missingBytes] = [100 * KiB, 100 * MiB]
    const usual = { isSeed: true, isChoking: false, isSnubbing: false, downMeter: { bytesPerSecond: () => rate } }
    const content = {
      get missingBytes() {
        return missingBytes
      },
      bytesAtPeers: 0,
      availability: () => 0,
    }
    const need = needOf([], { peers: new Map([[1, usual]]), content })
    missingBytes = 1
    need.look(4_000)
    expect(need.has(0)).toBe(true)
    rate = 1 * MiB
    need.look(5_000)
    expect(need.has(0)).toBe(false)
    // What is left would take less than 10 s.
    rate = 100 * KiB
    need.look(6_000)
    need.look(9_000)
    expect(need.has(0)).toBe(false)
  })

  it('is for anything when peers do not give what they have', () => {
    const starving = needOf([{ rate: 1 * KiB }, { rate: 1 * KiB }, { rate: 1 * KiB }])
    expect([starving.isStarving, starving.has(1)]).toEqual([true, true])
    const withSeed = needOf([{ rate: 1 * KiB }, { rate: 0 }, { isSeed: true, rate: 0 }])
    expect([withSeed.isStarving, withSeed.has(0)]).toEqual([true, true])
  })

  it('lets peers that give nothing have some seconds to begin', () => {
    const need = needOf([{}, {}, {}, { isSeed: true }])
    const peers = new Map([0, 1, 2].map((number) => [number, { isSeed: true, isChoking: false, isSnubbing: false, downMeter: idle }]))
    const slow = new WebSeedNeed({
      mode: 'fallback',
      peers,
      content: everywhere,
      knownAddresses: () => 0,
      downBytesPerSecond: Number.POSITIVE_INFINITY,
    })
    const isStarving = [0, 1_000, 2_999, 3_000].map((nowMs) => {
      slow.look(nowMs)
      return slow.isStarving
    })
    expect([need.isStarving, ...isStarving]).toEqual([false, false, false, false, true])
  })

  it('is not for what peers have when they give all of it, slow as the web seed may be that they get it from', () => {
    const content = { missingBytes: 100 * MiB, bytesAtPeers: 5 * KiB, availability: (piece: number) => piece }
    const need = needOf([{ rate: 1 * KiB }, { rate: 0 }, { rate: 0 }], { content })
    expect([need.isStarving, need.has(0), need.has(1)]).toEqual([false, true, false])
  })

  it('is always for anything when told so', () => {
    const need = needOf([{}, {}, {}, { isSeed: true }], { mode: 'always' })
    expect([need.isShared, need.has(0), need.has(1)]).toEqual([false, true, true])
  })
})
