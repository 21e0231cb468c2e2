import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { HostRecord } from '../../src/app/copies/host-roll.ts'
import type { VerbEvents } from '../../src/app/events.ts'
import { DistroError } from '../../src/base/errors.ts'
import { Events } from '../../src/base/events.ts'
import { seededSentence } from '../../src/cli/report/sentences.ts'
import { StepSummary } from '../../src/cli/step-summary.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const missing: HostRecord = {
  name: 'web-3',
  zone: 'rack-7',
  state: 'missing',
  progress: 0,
  bytesPerSecond: 0,
  address: null,
  completeAt: null,
  isFromEarlierRun: false,
}
const result = { name: 'app', bytes: 2 ** 20, seconds: 20, uploaded: 2 ** 21, copies: 2, copiesFromEarlierRuns: 0, goalMet: true }

async function summarised(hosts: readonly HostRecord[], running: Promise<typeof result>, path?: string) {
  const events = new Events<VerbEvents>()
  const warnings: string[] = []
  events.on('warning', ({ message }) => warnings.push(message))
  const file = path ?? join(await temporaryFolder(), 'summary.md')
  const summary = new StepSummary({ verb: 'push', path: file, events, signal: new AbortController().signal })
  events.emit('metadata', {
    format: 'v1',
    infoHashV2: null,
    infoHash: 'aa',
    name: 'app_1',
    bytesTotal: 1,
    files: 1,
    pieces: 1,
    pieceLengthBytes: 32_768,
    isPrivate: false,
  })
  if (hosts.length > 0) events.emit('hosts', { hosts })
  await summary.around(running, seededSentence).catch(() => undefined)
  return { text: await readFile(file, 'utf8').catch(() => ''), warnings }
}

describe('the summary of a step', () => {
  it('says how it went, and which hosts are how far', async () => {
    const complete: HostRecord = { ...missing, name: 'web-1', zone: null, state: 'complete', completeAt: '2026-01-02T03:04:05.000Z' }
    const { text } = await summarised([missing, complete], Promise.resolve(result))
    expect(text.split('\n')).toEqual([
      '### distro push app\\_1',
      '',
      'seeded app\\: 1 MiB in 20 s\\, 2 MiB sent\\, 2 copies',
      '',
      '| host | zone | state |',
      '|---|---|---|',
      '| web\\-3 | rack\\-7 | missing\\, never seen |',
      '| web\\-1 |  | has it\\, since 2026\\-01\\-02T03\\:04\\:05Z |',
      '',
      '',
    ])
  })

  it('says with which exit code it failed, and is added to what stands there', async () => {
    const path = join(await temporaryFolder(), 'summary.md')
    await writeFile(path, 'before\n')
    const { text } = await summarised([], Promise.reject(new DistroError('INCOMPLETE', 'The time is over.')), path)
    expect(text).toBe('before\n### distro push app\\_1\n\nExit code 4\\: The time is over\\.\n\n')
  })

  it('shows names as they are, and lets none be markup, a link or another cell', async () => {
    const { text } = await summarised([{ ...missing, name: '<b>|`x`|[a](http://b)@all' }], Promise.resolve(result))
    expect(text).toContain('| \\<b\\>\\|\\`x\\`\\|\\[a\\]\\(http\\:\\/\\/b\\)\\@all | rack\\-7 |')
  })

  it('of a thousand hosts is short', async () => {
    const { text } = await summarised(Array<HostRecord>(1_000).fill(missing), Promise.resolve(result))
    expect(text.split('\n').filter((line) => line.startsWith('| web'))).toHaveLength(100)
    expect(text).toContain('and 900 more\\: 900 missing')
    expect(text.length).toBeLessThan(20_000)
  })

  it('that cannot be written is a warning', async () => {
    const { warnings } = await summarised([], Promise.resolve(result), await temporaryFolder())
    expect(warnings).toEqual([expect.stringMatching(/^The summary of this step could not be written to .*EISDIR/)])
  })
})
