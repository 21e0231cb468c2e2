import { describe, expect, it } from 'vitest'
import { MiB } from '../../../src/base/units.ts'
import { smallRun } from '../small-run.ts'
import { crash } from './crash.ts'
import { flash } from './flash.ts'
import { originLeaves } from './origin-leaves.ts'
import { partition } from './partition.ts'
import { staggered } from './staggered.ts'

const seeds = [1, 2, 3]

describe('a flash crowd with the magnet link alone', () => {
  it.each(seeds)('loses little time over the info dictionary, seed %i', (seed) => {
    const { run, report } = smallRun(flash, seed)
    expect(report.unfinished).toBe(0)
    expect(run.leeches.every(({ swarm, plan }) => plan.startsFromMagnet === true && swarm !== undefined)).toBe(true)
    expect(report.slowestFirstPieceSeconds).toBeLessThan(0.5)
    expect(report.lastOverBound).toBeLessThan(1.3)
    expect(report.originCopies).toBeLessThan(1.3)
  })
})

describe('hosts that come one after the other', () => {
  it.each(seeds)('need little more than one copy takes on their own link, seed %i', (seed) => {
    const { run, report } = smallRun(staggered, seed)
    expect(report.unfinished).toBe(0)
    expect(Math.max(...run.leeches.map(({ startedMs }) => startedMs))).toBeGreaterThan(run.boundMs)
    // Nobody can be faster than one copy over the own link, whenever it comes.
    expect(Math.min(...run.leeches.map((leech) => run.overBound(leech)))).toBeGreaterThan(1)
    expect(report.medianOverBound).toBeLessThan(1.1)
    // The first to come share the origin's line with whoever comes next.
    expect(report.lastOverBound).toBeLessThan(1.5)
  })

  it('find neighbours also when those that came first have as many as they look for', () => {
    const { report } = smallRun(staggered, 1, { hosts: 60 })
    expect(report.unfinished).toBe(0)
    expect(report.medianOverBound).toBeLessThan(1.1)
    // Without a place among those that came first they get everything from the origin again: 1.55 to 1.84.
    expect(report.lastOverBound).toBeLessThan(1.4)
  })
})

describe('an origin that leaves when one copy is out', () => {
  it.each(seeds)('is not missed, seed %i', (seed) => {
    const { run, report } = smallRun(originLeaves, seed)
    expect(run.origin.isRunning).toBe(false)
    expect(run.tracker.announce(run.leeches[0]?.address ?? run.origin.address)).not.toContain(run.origin.address)
    expect([report.completed, report.unfinished]).toEqual([16, 0])
    expect(report.figures.originLeftOverBound).toBeLessThan(report.lastOverBound)
    expect(report.lastOverBound).toBeLessThan(1.3)
    expect(report.originCopies).toBeLessThan(1.3)
  })
})

describe('when 30 % of the hosts crash and half of them return', () => {
  it.each(seeds)('every live host finishes, and nothing is fetched twice beyond the pieces in flight, seed %i', (seed) => {
    const { run, report } = smallRun(crash, seed)
    const { figures } = report
    expect([report.unfinished, run.excused.size]).toEqual([0, 2])
    expect(run.leeches.filter(({ isRunning }) => !isRunning)).toHaveLength(2)
    expect(figures.returned).toBe(3)
    expect(figures.mostPiecesInFlightAtCrash).toBeLessThan(16)
    expect(figures.mostBytesFetchedTwiceBeyondThem).toBe(0)
    expect(figures.mostDuplicateShareOfReturned).toBeLessThan(0.05)
    expect(figures.lastOfUnharmedOverBound).toBeLessThan(1.4)
    expect(figures.lastOfReturnedOverBound).toBeLessThan(1.3)
  })
})

describe('a run so short that hosts are to crash before they start', () => {
  it.each(seeds)('counts only those as returned that were away, seed %i', (seed) => {
    const { run, report } = smallRun(crash, seed, { hosts: 20, sizeBytes: MiB })
    expect(report.unfinished).toBe(0)
    expect(report.figures.returned).toBe(run.leeches.filter(({ awayMs }) => awayMs > 0).length)
  })
})

describe('a network that parts into halves', () => {
  it.each(seeds)('finishes soon after it heals, seed %i', (seed) => {
    const { run, report } = smallRun(partition, seed)
    const { originsHalfLastOverBound, otherHalfLastOverBound, boundsAfterHealing } = report.figures
    expect(report.unfinished).toBe(0)
    // The halves really were apart: the other one could not finish before it healed.
    expect(boundsAfterHealing).toBeGreaterThan(0.3)
    expect(boundsAfterHealing).toBeLessThan(1.1)
    expect(run.network.connectionsOf(run.origin)).toBeGreaterThan(0)
    expect(originsHalfLastOverBound).toBeLessThan(1.4)
    expect(otherHalfLastOverBound).toBeLessThan(1.25)
  })
})
