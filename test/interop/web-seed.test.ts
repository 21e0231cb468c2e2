import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { closedOff, type Publication, publication } from '../e2e/support/publication.ts'
import { spawnDistro } from '../support/spawn-distro.ts'
import { until } from '../support/until.ts'
import { rightIdentity } from '../web-seed/support/identities.ts'
import { isInstalled } from './clients/installed.ts'
import { nginx } from './clients/nginx.ts'

const kinds: readonly (readonly [string, string, number | Readonly<Record<string, number>>])[] = [
  ['a single file', 'image #1 (50%).iso', 6_000_001],
  ['a folder with one file', 'folder', { 'only.bin': 1_000_000 }],
  [
    'a tree with odd names',
    'the tree #1',
    {
      'odd #1? (100%25) & more/ü ß 日本.bin': 300_000,
      "odd #1? (100%25) & more/a+b=c;d@e!$,'[].bin": 70_001,
      '~tilde & 100%25 (1).txt': 1,
      'big file.bin': 5_000_000,
      empty: 0,
    },
  ],
  ['a tree of many small files', 'tree', Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`d${index % 7}/f${index}`, index]))],
]

/** Everything came from the web seed, at the first try. */
async function expectWhole(published: Publication, words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<void> {
  const fetch = published.fetch(words, { env })
  await published.expectCopy(fetch)
  expect(fetch.events('warning')).toEqual([])
  expect(fetch.events('done')[0]).toMatchObject({ bySource: { peers: 0, local: 0 } })
}

describe.each([nginx].filter(isInstalled))('distro with nobody but $name', () => {
  test.each(kinds)('gets %s over http and https', async (_title, name, files) => {
    const published = await publication(name, files)
    const authority = join(published.root, 'authority.pem')
    await writeFile(authority, rightIdentity.cert)
    const { http, https, answers } = await nginx.start(dirname(published.content), join(published.root, 'nginx'), rightIdentity)
    await expectWhole(published, ['--web-seed', http])
    await expectWhole(published, ['--web-seed', https], { NODE_EXTRA_CA_CERTS: authority })
    const logged = await until('log', async () => [...new Set(await answers())])
    expect(logged.filter((answer) => !/^HTTP\/(1\.1|2\.0) 20[06]$/.test(answer))).toEqual([])
  })

  test('goes on with a peer where the mirror lacks a file', async () => {
    const published = await publication('tree', { 'a.bin': 1_000_000, 'b.bin': 1_000_000 })
    const root = join(published.root, 'www')
    await mkdir(join(root, 'tree'), { recursive: true })
    await writeFile(join(root, 'tree', 'a.bin'), '')
    const { http } = await nginx.start(root, join(published.root, 'nginx'), rightIdentity)
    const seed = spawnDistro(['seed', published.content, '--json', ...closedOff, '--state-dir', published.state])
    const [peer = ''] = (await seed.event('ready')).listen as string[]
    await published.expectCopy(published.fetch(['--web-seed', http, '--peer', peer, '--web-seed-mode', 'always']))
  })
})

describe('distro with nobody but distro seed --http', () => {
  test.each(kinds)('gets %s', async (_title, name, files) => {
    const published = await publication(name, files)
    const seed = spawnDistro(['seed', published.content, '--json', '--http', '0', ...closedOff, '--state-dir', published.state])
    const [url = ''] = (await seed.event('ready')).http as string[]
    await expectWhole(published, ['--web-seed', url])
    expect(seed.events('peer')).toEqual([])
  })

  test('gets a tree by the .torrent that the seed serves, which names it', async () => {
    const published = await publication('tree', { 'a.bin': 1_000_000 })
    const seed = spawnDistro(['seed', published.content, '--json', '--http', '0', ...closedOff, '--state-dir', published.state])
    const [url = ''] = (await seed.event('ready')).http as string[]
    const fetch = published.fetch([], { id: `${url}tree.torrent` })
    await published.expectCopy(fetch)
    expect(seed.events('peer')).toEqual([])
  })
})
