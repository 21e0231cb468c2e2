import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KiB } from '../../src/base/units.ts'
import { SeededRandom } from '../support/seeded-random.ts'
import { World } from './support/world.ts'

const shape = fc.record({
  seed: fc.nat(),
  leeches: fc.integer({ min: 1, max: 5 }),
  supportsFast: fc.boolean(),
  slots: fc.constantFrom(2, 3, 8, 32),
  latencyMs: fc.constantFrom(1, 20, 100),
  liars: fc.integer({ min: 0, max: 2 }),
  cutEveryMs: fc.constantFrom(50, 200, 1_000),
  pieceBytes: fc.constantFrom(16 * KiB, 48 * KiB, 128 * KiB),
  startsWithoutMetadata: fc.boolean(),
})

describe('a swarm in which connections fail at random', () => {
  it('always completes, asks nobody twice for a block at a time, and leaves nothing behind', async () => {
    await fc.assert(
      fc.asyncProperty(
        shape,
        async ({ seed, leeches: count, slots, supportsFast, latencyMs, liars, cutEveryMs, pieceBytes, startsWithoutMetadata }) => {
          const world = new World({ pieces: 24, pieceBytes, latencyMs, infoBytes: 40_000 })
          const random = new SeededRandom(seed)
          const rate = (): number => 100_000 + random.below(1_000_000)
          world.seed({ supportsFast, uploadBytesPerSecond: rate() })
          for (let liar = 0; liar < liars; liar++) {
            world.seed({
              supportsFast,
              uploadBytesPerSecond: rate(),
              falsify: (_piece, _begin, bytes) => {
                if (random.below(3) === 0) bytes[0] = (bytes[0] as number) ^ 255
              },
            })
          }
          const leeches = Array.from({ length: count }, (_, index) =>
            world.leech({ supportsFast: supportsFast && index !== 1, slots, startsWithoutMetadata, uploadBytesPerSecond: rate() }),
          )
          world.introduceAll()
          const chaosEndsMs = 10_000
          const cutting = world.clock.every(cutEveryMs, () => {
            const open = world.network.connections.filter(({ near }) => !near.isClosed)
            if (world.clock.nowMs() < chaosEndsMs) open[random.below(Math.max(1, open.length))]?.near.cut()
          })
          expect(await world.completes(leeches, 240_000)).toBe(true)
          cutting.cancel()
          for (const leech of leeches) {
            expect(leech.isIntact).toBe(true)
            expect(leech.swarm.status().bytesDone).toBe(world.torrent.content.length)
          }
          // Only liars are ever banned, and a request is never sent while the same one is under way.
          const honest = new Set([world.hosts[0], ...leeches].map((host) => host?.address.host))
          for (const leech of leeches) for (const banned of leech.banned) expect(honest.has(banned)).toBe(false)
          for (const { near, far } of world.network.connections) expect(near.trace.askedTwice + far.trace.askedTwice).toBe(0)
          // Whoever has everything wants nothing: the interest told over each open link agrees with what is left to want.
          await world.clock.advance(2_000)
          for (const { from, to, near, far } of world.network.connections) {
            if (!near.isClosed && leeches.some((leech) => leech === from)) expect(near.trace.isInterested).toBe(false)
            if (!far.isClosed && leeches.some((leech) => leech === to)) expect(far.trace.isInterested).toBe(false)
          }
          expect(await world.leftBehind()).toEqual([])
        },
      ),
      { numRuns: 25, seed: 7, endOnFailure: true },
    )
  })
})
