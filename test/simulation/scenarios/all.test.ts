import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { MiB } from '../../../src/base/units.ts'
import { smallRun } from '../small-run.ts'
import { scenarios } from './all.ts'

const page = readFileSync('docs/simulation.md', 'utf8')

describe.each(scenarios)('the scenario $name', (scenario) => {
  it.each([1, 2, 6])('ends well with %i hosts', (hosts) => {
    const { run, report } = smallRun(scenario, 1, { hosts, sizeBytes: 2 * MiB })
    expect([report.unfinished, run.isOver]).toEqual([0, true])
    expect(report.completed + run.excused.size).toBe(run.leeches.length)
    expect(Object.values(report.figures).every((figure) => figure >= 0)).toBe(true)
  })

  it('is the same whenever it is repeated', () => {
    const first = smallRun(scenario, 2, { hosts: 6, sizeBytes: 2 * MiB }).report
    expect(smallRun(scenario, 2, { hosts: 6, sizeBytes: 2 * MiB }).report).toEqual(first)
    expect(smallRun(scenario, 3, { hosts: 6, sizeBytes: 2 * MiB }).report.events).not.toBe(first.events)
  })

  it('is explained in docs/simulation.md with every figure of its own', () => {
    expect(page).toMatch(new RegExp(`^\\| \`${scenario.name}\` \\| `, 'm'))
    const { figures } = smallRun(scenario, 1, { hosts: 20, sizeBytes: 2 * MiB }).report
    expect(Object.keys(figures).filter((name) => !page.includes(`\`${name}\``))).toEqual([])
  })
})
