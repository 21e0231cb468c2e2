import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { writeFiles } from '../app/support/write-files.ts'
import { readXml } from '../support/read-xml.ts'
import { spawnDistro } from '../support/spawn-distro.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { closedOff } from './support/publication.ts'

/** A push that waits for the hosts on a list, and how they fetch. */
async function pushed(list: string, words: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const root = await temporaryFolder()
  const content = await writeFiles(join(root, 'content'), { 'a.bin': 1_000_000, 'b/c.bin': 2_000_000 })
  const hosts = join(root, 'hosts.txt')
  await writeFile(hosts, list)
  const push = spawnDistro(['push', content, '--expect', hosts, ...closedOff, '--state-dir', join(root, 'push'), ...words], { env })
  const fetch = async (host: string, more: readonly string[] = []) => {
    const places = ['--out', join(root, host), '--state-dir', join(root, `state-${host}`), '--host-name', host]
    const magnet = await push.find('the magnet', (line) => /magnet:[^"]+/.exec(line)?.[0])
    return spawnDistro(['fetch', magnet, ...closedOff, ...places, ...more])
  }
  return { root, push, fetch }
}

describe('a push with a list of hosts', () => {
  test('ends with 0 when all of them hold the tree, and counts nobody else', async () => {
    const { push, fetch } = await pushed('web-1 rack-a\nweb-2 rack-b\n', [])
    for (const host of ['stranger', 'web-1', 'web-1', 'web-2']) {
      const fetching = await fetch(host)
      expect(await fetching.exited, fetching.output).toEqual({ code: 0, signal: null })
    }
    expect(await push.exited, push.output).toEqual({ code: 0, signal: null })
    expect(push.stdout).toEqual([expect.stringMatching(/^magnet:/)])
    expect(push.output).toContain('0 of 2 copies complete: stranger (127.0.0.1) has it, and was not expected')
    expect(push.stderr.slice(-4)).toEqual([
      'host   zone    state',
      expect.stringMatching(/^web-1 {2}rack-a {2}has it, since [^.]+Z$/),
      expect.stringMatching(/^web-2 {2}rack-b {2}has it, since \S+Z$/),
      expect.stringMatching(/^seeded content: .+ sent, 2 copies$/),
    ])
  })

  test('ends with 0 when the share of them that was asked for does', async () => {
    const { push, fetch } = await pushed('web-1\nweb-2\nweb-3\n', ['--until-copies', '60%', '--json'])
    for (const host of ['web-3', 'web-1']) {
      const fetching = await fetch(host)
      expect(await fetching.exited, fetching.output).toEqual({ code: 0, signal: null })
    }
    expect(await push.exited, push.output).toEqual({ code: 0, signal: null })
    const counts = { total: 3, complete: 2, arriving: 0, missing: 1 }
    expect(push.events('copies').at(-1)).toMatchObject({
      complete: 2,
      goal: 2,
      expected: counts,
      host: { name: 'web-1', isExpected: true },
    })
    expect(push.events('host').map(({ name, state }) => [name, state])).toEqual([
      ['web-2', 'missing'],
      ['web-1', 'complete'],
      ['web-3', 'complete'],
    ])
  })

  test('ends with 4 at its deadline, and says who has it, who is on the way, and who never came', async () => {
    const folder = await temporaryFolder()
    const [report, junit, summary] = ['report.json', 'report.xml', 'summary.md'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ]
    await writeFile(summary, 'what was there before\n')
    const words = ['--timeout', '20s', '--json', '--report', report, '--report-junit', junit]
    const { push, fetch } = await pushed('web-1\nweb-2\nweb-3\n', words, { GITHUB_STEP_SUMMARY: summary })
    const slow = await fetch('web-2', ['--down-limit', '40k'])
    const quick = await fetch('web-1')
    expect(await quick.exited, quick.output).toEqual({ code: 0, signal: null })
    expect(await push.exited, push.output).toEqual({ code: 4, signal: null })
    await slow.stop('SIGTERM')
    expect(push.events('error')).toMatchObject([
      {
        code: 'INCOMPLETE',
        message: expect.stringMatching(/^The time of 20 s is over: 1 of 3 copies are complete\. Missing: web-3, web-2 \(\d+ %\)\.$/),
      },
    ])
    const hosts = [
      { name: 'web-3', state: 'missing', progress: 0, address: null, completeAt: null },
      { name: 'web-2', state: 'arriving', address: expect.stringMatching(/^127\.0\.0\.1:\d+$/), completeAt: null },
      { name: 'web-1', state: 'complete', progress: 1, completeAt: expect.stringMatching(/Z$/) },
    ]
    expect(push.events('host')).toMatchObject(hosts)
    const written: unknown = JSON.parse(await readFile(report, 'utf8'))
    expect(written).toMatchObject({ goal: 3, goalMet: false, error: 'INCOMPLETE', copies: 1, hosts: [{ name: 'web-1' }], expected: hosts })
    const suite = readXml(await readFile(junit, 'utf8')).children[0]
    expect(suite?.attributes).toMatchObject({ name: 'content', tests: '4', failures: '3', errors: '0', skipped: '0' })
    const cases = suite?.children.filter(({ name }) => name === 'testcase').map((one) => [one.attributes.name, one.children[0]?.name])
    expect(cases).toEqual([
      ['copies: 3', 'failure'],
      ['web-3', 'failure'],
      ['web-2', 'failure'],
      ['web-1', undefined],
    ])
    const table = await readFile(summary, 'utf8')
    expect(table).toMatch(/^what was there before\n### distro push content\n\nExit code 4\\: The time of 20 s is over/)
    expect(table).toMatch(/\| web\\-3 \| {2}\| missing\\, never seen \|/)
  })

  test('ends with 0 when there are enough in each zone of the list, also by what hosts tell', async () => {
    const list = 'a-1 rack-a\na-2 rack-a\na-3\nb-1 rack-b\nb-2 rack-b\n'
    const { push, fetch } = await pushed(list, ['--until-zone-copies', '2', '--json'])
    for (const [host, zone] of [
      ['b-1', 'rack-b'],
      ['b-2', 'elsewhere'],
      ['a-3', 'rack-a'],
      ['a-1', 'rack-a'],
    ] as const) {
      const fetching = await fetch(host, ['--zone', zone])
      expect(await fetching.exited, fetching.output).toEqual({ code: 0, signal: null })
    }
    expect(await push.exited, push.output).toEqual({ code: 0, signal: null })
    expect(push.events('copies').map(({ goal, zonesShort }) => [goal, zonesShort])).toEqual([2, 1, 1, 0].map((short) => [null, short]))
  })

  test('ends with 4 when a zone is short, and names it', async () => {
    const { push } = await pushed('a-1 rack-a\n', ['--until-zone-copies', '1', '--timeout', '1s'])
    expect(await push.exited, push.output).toEqual({ code: 4, signal: null })
    expect(push.output).toContain('0 complete copies are out. Short of 1 copy: rack-a (0). Missing: a-1.')
  })

  test('is refused with the line at fault before anything is hashed', async () => {
    const { push } = await pushed('web-1\nweb-2\nweb-1\n', [])
    expect(await push.exited, push.output).toEqual({ code: 2, signal: null })
    expect(push.output).toMatch(/hosts\.txt, line 3: the host web-1 is on line 1 already\./)
    expect(push.output).not.toContain('hashing')
  })
})
