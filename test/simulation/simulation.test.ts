import { describe, expect, it } from 'vitest'
import { MiB } from '../../src/base/units.ts'
import { type Report, reportOf } from './report.ts'
import { equal } from './scenarios/equal.ts'
import { Simulation } from './simulation.ts'

function simulate(seed: number): Report {
  const run = new Simulation({ scenario: equal, hosts: 12, sizeBytes: 64 * MiB, seed })
  run.run()
  return reportOf(run)
}

describe('a simulation of twelve hosts with equal links', () => {
  it('is the same for the same seed, event for event, and another one for another seed', () => {
    const first = simulate(7)
    expect(simulate(7)).toEqual(first)
    expect(simulate(8).events).not.toBe(first.events)
  })

  it.each([1, 2, 3, 4, 5])('gives every host everything in little more than the time of one copy, seed %i', (seed) => {
    const report = simulate(seed)
    expect([report.completed, report.unfinished]).toEqual([12, 0])
    // No protocol can be faster than the bound; the first pieces need some hops, and start-up counts.
    expect(report.lastOverBound).toBeGreaterThan(1)
    expect(report.lastOverBound).toBeLessThan(1.4)
    expect(report.originCopies).toBeGreaterThanOrEqual(1)
    expect(report.originCopies).toBeLessThan(1.4)
    expect(report.protocolOverhead).toBeLessThan(0.02)
  })
})
