import { describe, expect, it } from 'vitest'
import { MiB } from '../../../src/base/units.ts'
import { smallRun } from '../small-run.ts'
import { mirror } from './mirror.ts'

const seeds = [1, 2, 3]

describe('with one web seed and no other seed', () => {
  it.each(seeds)('16 hosts take little more than one copy from it, seed %i', (seed) => {
    const { report } = smallRun(mirror, seed, { sizeBytes: 128 * MiB })
    expect(report.unfinished).toBe(0)
    expect(report.originCopies).toBeGreaterThan(1)
    expect(report.originCopies).toBeLessThan(1.2)
    expect(report.lastOverBound).toBeLessThan(1.3)
  })

  it('a host that is alone takes one copy at full speed', () => {
    const { report } = smallRun(mirror, 1, { hosts: 1 })
    expect(report.originCopies).toBeLessThan(1.001)
    // The second that it waits for peers is a tenth of the bound.
    expect(report.lastOverBound).toBeLessThan(1.12)
  })
})
