import { describe, expect, it } from 'vitest'
import { runsTable } from '../../../src/cli/report/runs-table.ts'
import { plainStyle } from '../../../src/cli/report/style.ts'
import { sampleRun } from '../sample-runs.ts'

const now = new Date('2026-01-02T13:04:05.000Z')

function widest(lines: readonly string[]): number {
  return Math.max(...lines.map(({ length }) => length))
}

describe('the table of what runs', () => {
  it('shortens names and info-hashes until no row is wider than the terminal', () => {
    const long = { ...sampleRun, name: 'a-release-with-quite-a-long-name-and-more' }
    const unnamed = { ...sampleRun, name: null, state: 'metadata' as const }
    const lines = runsTable([long, unnamed], now, plainStyle, 80).split('\n')
    expect(widest(lines)).toBeLessThanOrEqual(80)
    expect(lines[1]).toMatch(/ a-rel.*\.\.\. {2}fetching 66 %/)
    expect(lines[2]).toMatch(/ c12fe.* {2}asking/)
    expect(runsTable([{ ...sampleRun, state: 'place' }], now, plainStyle, 120)).toContain('placing 66 %')
    expect(runsTable([long], now, plainStyle, 120)).toContain('a-release-with-quite-a-long-name-and-...')
  })
})
