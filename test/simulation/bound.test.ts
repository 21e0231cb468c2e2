import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { boundSeconds, type Capacity } from './bound.ts'

const rate = fc.integer({ min: 1, max: 1_000_000_000 })
const capacity: fc.Arbitrary<Capacity> = fc.record({ upBytesPerSecond: rate, downBytesPerSecond: rate })
const swarm = fc.record({
  bytes: fc.integer({ min: 1, max: 2 ** 40 }),
  origin: capacity,
  leeches: fc.array(capacity, { minLength: 1, maxLength: 50 }),
})

describe('the bound', () => {
  it.each([
    ['one copy from the origin, where all links are equal', 10, Array.from({ length: 20 }, () => link(10, 10)), 100],
    ['one copy from the origin, where its uplink is the narrowest', 1, Array.from({ length: 20 }, () => link(10, 10)), 1_000],
    ['one copy into the slowest host', 10, [link(10, 10), link(10, 2)], 500],
    ['all copies out of all uplinks, where hosts send less than they receive', 10, Array.from({ length: 90 }, () => link(1, 10)), 900],
  ])('is the time of %s', (_, originUp, leeches, seconds) => {
    expect(boundSeconds(1_000, link(originUp, 10), leeches)).toBeCloseTo(seconds, 9)
  })

  it('holds for every host, for the origin and for all uplinks together, and is no higher than that', () => {
    fc.assert(
      fc.property(swarm, ({ bytes, origin, leeches }) => {
        const bound = boundSeconds(bytes, origin, leeches)
        const sumUp = [origin, ...leeches].reduce((sum, { upBytesPerSecond }) => sum + upBytesPerSecond, 0)
        const capacities = [origin.upBytesPerSecond, sumUp / leeches.length, ...leeches.map(({ downBytesPerSecond }) => downBytesPerSecond)]
        for (const each of capacities) expect(bound * each).toBeGreaterThanOrEqual(bytes * (1 - 1e-9))
        expect(capacities.some((each) => bound * each <= bytes * (1 + 1e-9))).toBe(true)
      }),
    )
  })

  it('grows with the content, and never when a link becomes faster', () => {
    fc.assert(
      fc.property(swarm, fc.nat(), rate, ({ bytes, origin, leeches }, index, more) => {
        const bound = boundSeconds(bytes, origin, leeches)
        expect(boundSeconds(2 * bytes, origin, leeches)).toBe(2 * bound)
        const faster = leeches.map((leech, number) => (number === index % leeches.length ? sped(leech, more) : leech))
        expect(boundSeconds(bytes, origin, faster)).toBeLessThanOrEqual(bound)
        expect(boundSeconds(bytes, sped(origin, more), leeches)).toBeLessThanOrEqual(bound)
      }),
    )
  })
})

function link(upBytesPerSecond: number, downBytesPerSecond: number): Capacity {
  return { upBytesPerSecond, downBytesPerSecond }
}

function sped({ upBytesPerSecond, downBytesPerSecond }: Capacity, more: number): Capacity {
  return link(upBytesPerSecond + more, downBytesPerSecond + more)
}
