import fc from 'fast-check'
import { expect, it } from 'vitest'
import { weightSeed, zoneWeight } from '../../src/swarm/zone-weight.ts'

const peerIds = fc.uint8Array({ minLength: 20, maxLength: 20 })

/** The index of the host that is meant for a piece. */
function meantFor(seeds: readonly number[], piece: number): number {
  const weights = seeds.map((seed) => zoneWeight(seed, piece))
  return weights.indexOf(Math.max(...weights))
}

it('a weight is a whole number below 2^32 and the same for everybody', () => {
  fc.assert(
    fc.property(peerIds, fc.nat(400_000), (peerId, piece) => {
      const weight = zoneWeight(weightSeed(peerId), piece)
      expect(Number.isInteger(weight) && weight >= 0 && weight < 2 ** 32).toBe(true)
      expect(zoneWeight(weightSeed(peerId.slice()), piece)).toBe(weight)
    }),
  )
})

it('hosts whose ids differ in one byte get their fair share of the pieces', () => {
  const seeds = Array.from({ length: 8 }, (_, host) => weightSeed(Buffer.from(`-DT0100-abcdefghijk${host}`)))
  const shares = new Array<number>(8).fill(0)
  for (let piece = 0; piece < 8_000; piece++) {
    const host = meantFor(seeds, piece)
    shares[host] = (shares[host] as number) + 1
  }
  expect(Math.min(...shares)).toBeGreaterThan(850)
  expect(Math.max(...shares)).toBeLessThan(1_150)
})

it('when a host leaves, only the pieces that it was meant for get another one', () => {
  const seeds = Array.from({ length: 8 }, (_, host) => weightSeed(Buffer.from(`-DT0100-abcdefghijk${host}`)))
  const left = seeds.slice(1)
  for (let piece = 0; piece < 2_000; piece++) {
    const before = meantFor(seeds, piece)
    if (before > 0) expect(meantFor(left, piece)).toBe(before - 1)
  }
})
