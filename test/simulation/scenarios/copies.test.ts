import { describe, expect, it } from 'vitest'
import { MiB } from '../../../src/base/units.ts'
import { smallRun } from '../small-run.ts'
import { copies } from './copies.ts'

describe('120 hosts, of which an origin with 20 places counts who holds the tree', () => {
  it.each([1, 2])('are all counted, each once, seed %i', (seed) => {
    const { run, report } = smallRun(copies, seed, { hosts: 120, sizeBytes: 2 * MiB })
    const { figures } = report
    expect([report.unfinished, figures.counted, figures.leftUnheard]).toEqual([0, 120, 0])
    expect(figures.lastCountedSecondsAfterLastPlaced).toBeLessThan(10)
    expect(figures.mostConnectionsOfOrigin).toBeLessThanOrEqual(20 + 16)
    expect(figures.tellingBytesOfEachHost).toBeLessThan(10_000)
    expect(figures.originsBytesForEachHost).toBeLessThan(10_000)
    // Those that are not seeds are gone, and the others came back when they were killed.
    expect(run.leeches.every(({ isRunning, plan }) => isRunning === (plan.number % 2 === 0))).toBe(true)
    expect(run.leeches.some(({ lives }) => lives > 1)).toBe(true)
  })
})
