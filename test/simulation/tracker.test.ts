import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../support/seeded-random.ts'
import { SimulatedTracker } from './tracker.ts'

const addresses = Array.from({ length: 120 }, (_, number) => ({ host: '10.0.0.1', port: number + 1 }))
const step = fc.record({ host: fc.integer({ min: 0, max: addresses.length - 1 }), leaves: fc.boolean() })

describe('the tracker of a simulation', () => {
  it('answers with up to 50 of those that announced themselves and did not leave, and never with the one who asks', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), fc.integer(), (steps, seed) => {
        const tracker = new SimulatedTracker(new SeededRandom(seed))
        const present = new Set<object>()
        for (const { host, leaves } of steps) {
          const address = addresses[host]
          if (address === undefined) continue
          present.delete(address)
          if (leaves) {
            tracker.leave(address)
            continue
          }
          const answer = tracker.announce(address)
          expect(new Set(answer).size).toBe(answer.length)
          expect(answer).toHaveLength(Math.min(50, present.size))
          for (const other of answer) expect(present.has(other)).toBe(true)
          present.add(address)
        }
      }),
    )
  })

  it('names everybody sooner or later', () => {
    const tracker = new SimulatedTracker(new SeededRandom(1))
    for (const address of addresses) tracker.announce(address)
    const named = new Set<object>()
    const asks = addresses[0] ?? { host: '', port: 0 }
    for (let time = 0; time < 40; time++) for (const address of tracker.announce(asks)) named.add(address)
    expect(named.size).toBe(addresses.length - 1)
  })
})
