import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GiB, KiB } from '../../../src/base/units.ts'
import { SeededRandom } from '../../support/seeded-random.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import type { CompletionTimes } from '../completion-times.ts'
import { curvePath } from './curve-path.ts'
import { drawPlot } from './draw-plot.ts'
import { frameFor } from './frame.ts'
import { readRuns } from './read-runs.ts'

const box = { left: 0, right: 1_000, top: 0, bottom: 500 }
const times = fc
  .array(fc.double({ min: 1, max: 3, noNaN: true }), { minLength: 1, maxLength: 3_000 })
  .map((list) => list.toSorted((one, other) => one - other))

describe('a curve', () => {
  test('climbs from nobody to everybody who finished, and ends where the last one does', () => {
    fc.assert(
      fc.property(times, fc.integer({ min: 0, max: 20 }), (overBound, unfinished) => {
        const run = runOf(overBound.length, { overBound, unfinished })
        const frame = frameFor([run], box)
        const steps = [...curvePath(run, frame).matchAll(/H([\d.]+)V([\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)] as const)
        expect(steps.length).toBeLessThanOrEqual(400)
        for (const [index, [x, y]] of steps.entries()) {
          expect(x).toBeGreaterThanOrEqual(steps[index - 1]?.[0] ?? 0)
          expect(y).toBeLessThanOrEqual(steps[index - 1]?.[1] ?? 500)
        }
        expect(steps.at(-1)?.[0]).toBeCloseTo(frame.x(overBound.at(-1) ?? 0), 0)
        expect(steps.at(-1)?.[1]).toBeCloseTo(500 * (1 - overBound.length / (overBound.length + unfinished)), 0)
      }),
    )
  })
})

describe('the frame', () => {
  test('holds the bound and every completion, and has a readable number of ticks', () => {
    fc.assert(
      fc.property(fc.array(times, { minLength: 1, maxLength: 4 }), (all) => {
        const frame = frameFor(
          all.map((overBound) => runOf(overBound.length, { overBound })),
          box,
        )
        for (const time of [1, ...all.flat()]) {
          expect(frame.x(time)).toBeGreaterThan(0)
          expect(frame.x(time)).toBeLessThan(1_000)
        }
        expect(frame.ticks.length).toBeGreaterThanOrEqual(3)
        expect(frame.ticks.length).toBeLessThanOrEqual(12)
        const written = frame.ticks.map((tick) => tick.toFixed(frame.decimals))
        expect(new Set(written).size).toBe(written.length)
      }),
    )
  })
})

describe('the plot', () => {
  const random = new SeededRandom(1)
  const runs = [1_000, 10, 10_000, 100].map((hosts) =>
    runOf(hosts, {
      overBound: Array.from({ length: hosts }, () => 1.05 + random.below(1_500) / 10_000).toSorted((one, other) => one - other),
      blockBytes: hosts > 1_000 ? 256 * KiB : 16 * KiB,
    }),
  )

  test('has a curve for each run, the smallest swarm first, and says how it went in words', () => {
    const svg = drawPlot(runs)
    expect([...svg.matchAll(/<path class="curve (run\d)" d="M[\d.]+ [\d.]+H/g)].map(([, shade]) => shade)).toEqual([
      'run0',
      'run1',
      'run2',
      'run3',
    ])
    expect([...svg.matchAll(/>([\d,]+ hosts,[^<]*)</g)].map(([, text]) => text)).toEqual([
      expect.stringMatching(/^10 hosts, the last at 1\.\d\d$/),
      expect.stringMatching(/^100 hosts, the last at 1\.\d\d$/),
      expect.stringMatching(/^1,000 hosts, the last at 1\.\d\d$/),
      expect.stringMatching(/^10,000 hosts, blocks of 256 KiB, the last at 1\.\d\d$/),
    ])
    expect(svg).toContain('1 GiB, links of 100 Mbit/s, scenario equal, seed 7')
    expect(svg).toMatch(/<desc[^>]*>10 hosts: half of them at 1\.\d\d times the bound, the last at 1\.\d\d\. 100 hosts/)
  })

  test('names the scenarios where the runs differ in them', () => {
    const svg = drawPlot([runOf(10, {}), runOf(10, { scenario: 'crash' })])
    expect([...svg.matchAll(/>(\w+, 10 hosts,)/g)].map(([, text]) => text)).toEqual(['equal, 10 hosts,', 'crash, 10 hosts,'])
    expect(svg).toMatch(/<desc[^>]*>equal, 10 hosts: half of them [^<]* crash, 10 hosts: half of them/)
  })

  test('stays small, and every element of it is closed', () => {
    const svg = drawPlot(runs)
    expect(svg.length).toBeLessThan(60 * KiB)
    const open: string[] = []
    for (const [, closing, name, , empty] of svg.matchAll(/<(\/?)(\w+)((?:\s[\w:-]+="[^"<]*")*)(\/?)>/g)) {
      if (closing === '/') expect(open.pop()).toBe(name)
      else if (empty !== '/' && name !== undefined) open.push(name)
    }
    expect(open).toEqual([])
    expect(svg).toContain('prefers-color-scheme: dark')
  })

  test('says of a run that did not end well how many never finished', () => {
    expect(drawPlot([runOf(3, { overBound: [1.1, 1.2], unfinished: 1 })])).toContain('3 hosts, 1 host never')
  })
})

describe('finished runs', () => {
  test('are read from files and from folders', async () => {
    const folder = await temporaryFolder()
    for (const hosts of [10, 100]) writeFileSync(join(folder, `${hosts}.json`), JSON.stringify(runOf(hosts, {})))
    writeFileSync(join(folder, 'notes.txt'), 'no run')
    expect(readRuns([folder])).toEqual({ value: [runOf(10, {}), runOf(100, {})] })
    expect(readRuns([join(folder, '100.json')])).toEqual({ value: [runOf(100, {})] })
  })

  test.each([
    ['{}', 'does not hold the completion times of a run.'],
    ['null', 'does not hold the completion times of a run.'],
    [JSON.stringify({ ...runOf(2, {}), overBound: [1.2, 1.1] }), 'does not hold the completion times of a run.'],
    [JSON.stringify({ ...runOf(2, {}), scenario: '<script>' }), 'does not hold the completion times of a run.'],
    ['{', 'is not JSON.'],
  ])('are refused where a file holds %j', async (content, complaint) => {
    const file = join(await temporaryFolder(), 'run.json')
    writeFileSync(file, content)
    expect(readRuns([file])).toEqual({ complaint: expect.stringContaining(`${file} ${complaint}`) as string })
  })

  test('are missed where there are none', async () => {
    const folder = await temporaryFolder()
    expect(readRuns([folder])).toEqual({ complaint: `There is no run in ${folder}.` })
    expect(readRuns([join(folder, 'absent.json')])).toEqual({ complaint: `Cannot read ${join(folder, 'absent.json')}: it does not exist.` })
  })
})

function runOf(hosts: number, changes: Partial<CompletionTimes>): CompletionTimes {
  const run = { scenario: 'equal', hosts, sizeBytes: GiB, blockBytes: 16 * KiB, linkBytesPerSecond: 12_500_000, seed: 7 }
  return { ...run, boundSeconds: 85.9, unfinished: 0, overBound: [1.05, 1.1], ...changes }
}
