import { describe, expect, it } from 'vitest'
import { MiB } from '../../../src/base/units.ts'
import { smallRun } from '../small-run.ts'
import { hostile } from './hostile.ts'

describe('liars, silent and dripping peers among the hosts', () => {
  it.each([1, 2, 3])('keep no honest host from finishing, and the liars are banned, seed %i', (seed) => {
    const { run, report } = smallRun(hostile, seed, { hosts: 30, sizeBytes: 32 * MiB })
    const { figures } = report
    expect([figures.honest, figures.liars, figures.silentAndDripping]).toEqual([27, 1, 2])
    expect([report.completed, report.unfinished]).toEqual([27, 0])
    expect(figures.requestsToSilentAndDripping).toBeGreaterThan(27)
    // Every honest host that took something from a liar found it out, and nearly all meet one; none banned anybody else.
    expect(figures.bansOfEachLiar).toBeGreaterThan(0.8)
    expect(figures.bansOfOthers).toBe(0)
    expect(run.leeches.every((host) => host.plan.lies !== undefined || host.isComplete)).toBe(true)
    expect(report.lastOverBound).toBeLessThan(1.4)
  })
})
