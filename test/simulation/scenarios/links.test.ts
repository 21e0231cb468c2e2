import { describe, expect, it } from 'vitest'
import { MiB } from '../../../src/base/units.ts'
import { smallRun } from '../small-run.ts'
import { equal } from './equal.ts'
import { mixed } from './mixed.ts'
import { oneAddress } from './one-address.ts'
import { racks } from './racks.ts'
import { tinyOrigin } from './tiny-origin.ts'

const seeds = [1, 2, 3]

describe('on equal links', () => {
  it.each([1, 2, 4])('%i hosts fill their lines', (hosts) => {
    for (const seed of seeds) expect(smallRun(equal, seed, { hosts }).report.lastOverBound).toBeLessThan(1.15)
  })
})

describe('among mixed links', () => {
  it.each(seeds)('slow hosts keep nobody waiting, seed %i', (seed) => {
    const { run, report } = smallRun(mixed, seed)
    const { lastOverGlobalBound, ordinaryLastOverBound, asymmetricalLastOverBound, slowLastOverBound } = report.figures
    expect(report.unfinished).toBe(0)
    // The bound of all is that of the slow ones: a tenth of a link for one copy.
    expect(run.boundMs).toBeGreaterThan(100_000)
    expect(lastOverGlobalBound).toBeGreaterThan(1)
    expect(lastOverGlobalBound).toBeLessThan(1.1)
    expect(slowLastOverBound).toBeLessThan(1.1)
    expect(ordinaryLastOverBound).toBeLessThan(1.25)
    // Requests wait behind blocks on a narrow way out.
    expect(asymmetricalLastOverBound).toBeLessThan(1.5)
    expect(report.lastOverBound).toBe(Math.max(ordinaryLastOverBound ?? 0, asymmetricalLastOverBound ?? 0, slowLastOverBound ?? 0))
  })
})

describe('an origin with a tiny uplink', () => {
  it.each(seeds)('sends hardly anything twice, seed %i', (seed) => {
    const { run, report } = smallRun(tinyOrigin, seed)
    expect(report.unfinished).toBe(0)
    // One copy over a tenth of a link.
    expect(run.boundMs).toBeCloseTo((1_000 * run.options.sizeBytes) / 625_000, 6)
    expect(report.originCopies).toBeLessThan(1.1)
    expect(report.lastOverBound).toBeGreaterThan(1)
    expect(report.lastOverBound).toBeLessThan(1.1)
  })

  it('is no reason to look for others all the time, though everybody waits between two pieces', () => {
    const { report } = smallRun(tinyOrigin, 1, { hosts: 60, sizeBytes: 32 * MiB })
    expect(report.connectionsPerHost).toBeLessThan(120)
    expect(report.meanDegree).toBeLessThan(28)
  })
})

describe('two racks of eight with a narrow line between them', () => {
  it.each(seeds)('let each piece across about once, seed %i', (seed) => {
    const { run, report } = smallRun(racks, seed)
    const { racks: count, copiesOutOfFirstRack, copiesBackIntoFirstRack, mostCopiesIntoOneRack } = report.figures
    expect([report.unfinished, count]).toEqual([0, 2])
    // One copy over a fifth of a link.
    expect(run.boundMs).toBeCloseTo((1_000 * run.options.sizeBytes) / 1_250_000, 6)
    expect(copiesOutOfFirstRack).toBeGreaterThanOrEqual(1)
    expect(copiesOutOfFirstRack).toBeLessThan(1.3)
    expect(mostCopiesIntoOneRack).toBe(copiesOutOfFirstRack)
    expect(copiesBackIntoFirstRack).toBeLessThan(0.05)
    expect(report.lastOverBound).toBeLessThan(1.25)
  })
})

describe('hosts behind one address', () => {
  it.each(seeds)('are told apart by their ports and finish as others do, seed %i', (seed) => {
    // More than one host looks for, so that it has to choose among them.
    const { run, report } = smallRun(oneAddress, seed, { hosts: 24, sizeBytes: 32 * MiB })
    expect(new Set(run.leeches.map(({ address }) => address.host)).size).toBe(1)
    expect(new Set(run.leeches.map(({ address }) => address.port)).size).toBe(24)
    expect(report.unfinished).toBe(0)
    expect(report.lastOverBound).toBeLessThan(1.45)
    expect(report.originCopies).toBeLessThan(1.45)
  })
})
