import { describe, expect, it } from 'vitest'
import { WebSeedStanding } from '../../../src/swarm/web-seeds/web-seed-standing.ts'
import type { WebSeedFailure } from '../../../src/web-seed/web-seed.ts'
import { SeededRandom } from '../../support/seeded-random.ts'

/** Chance that always takes the least. */
const never = { below: (): number => 0, bytes: (length: number): Uint8Array => new Uint8Array(length) }

function failure(changes: Partial<WebSeedFailure> = {}): WebSeedFailure {
  return { kind: 'unreachable', message: 'No connection.', isFinal: false, retryAfterMs: undefined, ...changes }
}

/** How long each of `failures` in a row, told at the end of the wait before, keeps the web seed from being asked, in seconds. */
function waits(standing: WebSeedStanding, failures: readonly WebSeedFailure[]): number[] {
  let nowMs = 1_000
  return failures.map((one) => {
    standing.onFailure(one, nowMs)
    const waitMs = standing.retryMs - nowMs
    nowMs = standing.retryMs
    return waitMs / 1_000
  })
}

describe('WebSeedStanding', () => {
  it('waits 5, 20, 80 and 300 seconds, and is out at the fifth failure in a row', () => {
    const standing = new WebSeedStanding(never)
    expect(waits(standing, [failure(), failure(), failure(), failure()])).toEqual([5, 20, 80, 300])
    expect([standing.strikes, standing.isOut]).toEqual([4, false])
    standing.onFailure(failure({ message: 'Gone.' }), 0)
    expect([standing.strikes, standing.isOut, standing.lastFailure]).toEqual([5, true, 'Gone.'])
  })

  it('starts from the beginning after a range that came whole', () => {
    const standing = new WebSeedStanding(never)
    waits(standing, [failure(), failure(), failure(), failure()])
    standing.onSuccess()
    expect(standing.strikes).toBe(0)
    expect(waits(standing, [failure(), failure({ kind: 'busy' })])).toEqual([5, 5])
  })

  it('leaves a busy server alone for longer each time, and never for good', () => {
    const standing = new WebSeedStanding(never)
    const busy = Array.from({ length: 20 }, () => failure({ kind: 'busy' }))
    expect(waits(standing, busy)).toEqual([5, 20, 80, ...Array.from({ length: 17 }, () => 300)])
    expect([standing.strikes, standing.isOut]).toEqual([0, false])
  })

  it.each([
    [0, 5],
    [12_000, 12],
    [299_000, 299],
    [3_600_000, 300],
  ])('does what Retry-After says between 5 s and 5 min: %i ms', (retryAfterMs, seconds) => {
    expect(waits(new WebSeedStanding(never), [failure({ kind: 'busy', retryAfterMs })])).toEqual([seconds])
  })

  it('adds up to a quarter by chance, so that those who failed together come back one by one', () => {
    const seconds = Array.from({ length: 100 }, (_, seed) => {
      return waits(new WebSeedStanding(new SeededRandom(seed)), [failure({ kind: 'busy', retryAfterMs: 300_000 })])[0] ?? 0
    })
    expect(Math.min(...seconds)).toBeGreaterThanOrEqual(300)
    expect(Math.max(...seconds)).toBeLessThanOrEqual(375)
    expect(new Set(seconds).size).toBeGreaterThan(80)
  })

  it('is out at once after a failure that no retry can help', () => {
    const standing = new WebSeedStanding(never)
    standing.onFailure(failure({ kind: 'refused', isFinal: true }), 0)
    expect(standing.isOut).toBe(true)
  })

  it('is out when it was excluded, and says why', () => {
    const standing = new WebSeedStanding(never)
    standing.exclude('It lied.')
    expect([standing.isOut, standing.lastFailure]).toEqual([true, 'It lied.'])
  })
})
