import { describe, expect, it } from 'vitest'
import { plainStyle } from '../../../src/cli/report/style.ts'
import { webSeedsTable } from '../../../src/cli/report/web-seeds-table.ts'
import { sampleWebSeed } from '../sample-runs.ts'

describe('the table of web seeds', () => {
  it('has failures, and URLs for which there is no room, on lines of their own', () => {
    const long = { ...sampleWebSeed, label: 'https://mirror.example/pub/releases/stable/linux/', lastFailure: null }
    const lines = webSeedsTable([sampleWebSeed, long], plainStyle, 80).split('\n')
    expect(lines).toEqual([
      'WEB SEED                 NAMED BY  STATE        RECEIVED   RATE  STRIKES',
      'https://mirror.example/  operator  waiting 5 s  48.0 MiB  0 B/s        0',
      `  ${sampleWebSeed.lastFailure}`,
      long.label,
      '                         operator  waiting 5 s  48.0 MiB  0 B/s        0',
    ])
    const wide = webSeedsTable([long], plainStyle, 120).split('\n')
    expect([wide.length, wide[1]?.startsWith(long.label)]).toEqual([2, true])
  })
})
