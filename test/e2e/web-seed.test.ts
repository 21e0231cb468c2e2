import { readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import S3rver from '@20minutes/s3rver'
import { describe, expect, onTestFinished, test } from 'vitest'
import { spawnDistro } from '../support/spawn-distro.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { startServer } from '../web-seed/support/web-server.ts'
import { closedOff, type Publication, publication } from './support/publication.ts'

/** Names that a URL has to encode, files smaller and larger than a piece, and an empty one. */
const oddNames = {
  'odd #1? (100%25) & more/ü ß 日本.bin': 300_000,
  "odd #1? (100%25) & more/a+b=c;d@e!$,'[].bin": 70_001,
  '~tilde & 100%25 (1).txt': 1,
  'big file.bin': 3_000_000,
  empty: 0,
}

describe('a fetch with nobody but a web seed', () => {
  test.each<[string, string, number | Record<string, number>]>([
    ['a single file', 'image #1 (50%).iso', 3_000_001],
    ['a tree with odd names', 'the tree #1', oddNames],
    ['a folder with one file', 'folder', { 'only.bin': 1_000_000 }],
  ])('gets %s, and says where it came from', async (_title, name, files) => {
    const published = await publication(name, files)
    const server = await startServer(published.answer)
    const fetch = published.fetch(['--web-seed', server.url])
    await published.expectCopy(fetch)
    const [done] = fetch.events('done')
    expect(done?.bySource).toEqual({ peers: 0, webSeeds: done?.bytes, local: 0 })
    expect(done?.downloaded).toBe(done?.bytes)
    expect(fetch.events('progress').at(-1)).toMatchObject({ peers: 0, webSeeds: 1, bySource: done?.bySource })
    expect(fetch.events('warning')).toEqual([])
  })

  test('gets a single file by a URL without a slash at its end, whatever its name, with a query', async () => {
    const published = await publication('image.iso', 1_000_000)
    const server = await startServer((request, response) => {
      expect(request.url).toBe('/download?id=7')
      request.url = '/image.iso'
      published.answer(request, response)
    })
    await published.expectCopy(published.fetch(['--web-seed', `${server.url}download?id=7`]))
  })

  test('tells a person in one line where it came from', async () => {
    const published = await publication('image.iso', 1_000_000)
    const server = await startServer(published.answer)
    const words = ['fetch', published.torrent, '--out', join(published.root, 'out'), ...closedOff, '--state-dir', published.state]
    const fetch = spawnDistro([...words, '--web-seed', server.url])
    expect(await fetch.exited, fetch.output).toEqual({ code: 0, signal: null })
    expect(fetch.stderr.at(-2)).toMatch(/^fetching 100 % {2}1.0\/1.0 MiB {2}1 web seed$|^fetching {2}100 % {2}\S+ \S+ {2}1 web seed$/)
    expect(fetch.stderr.at(-1)).toMatch(/^fetched image\.iso: .+ in .+; all of it from web seeds$/)
  })

  test.each<[string, (content: string) => string]>([
    ['the folder that holds it', dirname],
    ['the content itself', (content) => content],
    ['a file: URL', (content) => pathToFileURL(content).href],
  ])('gets a tree from a folder of this machine, named as %s', async (_title, place) => {
    const published = await publication('the tree #1', oddNames)
    await published.expectCopy(published.fetch(['--web-seed', place(published.content)]))
  })

  test('gets what a torrent names: url-list', async () => {
    let answer: Publication['answer'] | undefined
    const server = await startServer((request, response) => answer?.(request, response))
    const published = await publication('the tree #1', oddNames, ['--web-seed', server.url])
    answer = published.answer
    await published.expectCopy(published.fetch([]))
  })

  test('gets pieces by their numbers from a script (BEP 17)', async () => {
    const published = await publication('image.iso', 1_000_001, ['--piece-length', '32K'])
    const bytes = await readFile(published.content)
    const server = await startServer((request, response) => {
      const query = new URL(request.url ?? '', 'http://host').searchParams
      expect(request.url).toContain('info_hash=')
      const begin = Number(query.get('piece')) * 32_768
      const piece = bytes.subarray(begin, begin + 32_768)
      const [, first = '0', last = ''] = /^(\d+)-(\d+)$/.exec(query.get('ranges') ?? '') ?? []
      response.end(piece.subarray(Number(first), last === '' ? undefined : Number(last) + 1))
    })
    await published.expectCopy(published.fetch(['--web-seed', `bep17+${server.url}seed.php`]))
  })

  test('gets a tree from a bucket of an S3-compatible server', async () => {
    const published = await publication('the tree', { 'a b/ü.bin': 300_000, 'c.bin': 70_000 })
    const server = new S3rver({
      address: '127.0.0.1',
      port: 0,
      silent: true,
      directory: await temporaryFolder(),
      configureBuckets: [{ name: 'releases', configs: [] }],
    })
    const endpoint = `http://127.0.0.1:${(await server.run()).port}`
    onTestFinished(() => server.close())
    for (const path of ['a b/ü.bin', 'c.bin']) {
      const key = ['nightly', 'the tree', ...path.split('/')].map(encodeURIComponent).join('/')
      const body = new Uint8Array(await readFile(join(published.content, path)))
      expect((await fetch(`${endpoint}/releases/${key}`, { method: 'PUT', body })).status).toBe(200)
    }
    const env = { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER', AWS_REGION: 'eu-central-1', AWS_ENDPOINT_URL: endpoint }
    await published.expectCopy(published.fetch(['--web-seed', 's3://releases/nightly/'], { env }))
    const wrong = published.fetch(['--web-seed', 's3://releases/nightly/', '--timeout', '3s'], {
      env: { ...env, AWS_SECRET_ACCESS_KEY: 'canary-secret' },
    })
    expect(await wrong.exited, wrong.output).toEqual({ code: 8, signal: null })
    expect(String(wrong.events('error')[0]?.message)).toMatch(/^No web seed is left to ask\. .* answers with HTTP status 403/)
    expect(wrong.output).not.toContain('canary')
  })

  test('seeds to others meanwhile', async () => {
    const published = await publication('tree', { 'a.bin': 4_000_000, 'b.bin': 1_000_000 })
    let release = (): void => undefined
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    const server = await startServer((request, response) => {
      // The rest is held back until the other host has something of the first file.
      if (request.url?.endsWith('/b.bin') === true) void released.then(() => published.answer(request, response))
      else published.answer(request, response)
    })
    const first = published.fetch(['--web-seed', server.url, '--keep-seeding'])
    const [address = ''] = (await first.event('ready')).listen as string[]
    const second = published.fetch(['--peer', address])
    await second.event('progress', { accepts: ({ bytesDone }) => Number(bytesDone) > 0 })
    expect(first.events('done')).toEqual([])
    release()
    await published.expectCopy(second)
    expect(second.events('done')[0]?.bySource).toEqual({ peers: 5_000_000, webSeeds: 0, local: 0 })
    await first.event('done')
    await first.stop()
    await published.expectCopy(first)
  })
})

describe('whose web seeds are asked', () => {
  test('those of a torrent are not with --no-web-seeds, and those of the person are all the same', async () => {
    let answer: Publication['answer'] | undefined
    const named = await startServer((request, response) => answer?.(request, response))
    const published = await publication('image.iso', 1_000_000, ['--web-seed', named.url])
    answer = published.answer
    const alone = published.fetch(['--no-web-seeds', '--timeout', '1s'])
    expect(await alone.exited, alone.output).toEqual({ code: 3, signal: null })
    expect(named.requests).toEqual([])
    const own = await startServer(published.answer)
    await published.expectCopy(published.fetch(['--no-web-seeds', '--web-seed', own.url]))
    expect(named.requests).toEqual([])
    expect(own.requests.length).toBeGreaterThan(0)
  })

  test('those of a magnet only with --trust-magnet-urls', async () => {
    const published = await publication('tree', { 'a.bin': 2_000_000 })
    const server = await startServer(published.answer)
    // The metadata has to come from a peer; this one gives no more than that at once.
    const seed = spawnDistro(['seed', published.content, '--json', ...closedOff, '--up-limit', '1K', '--state-dir', published.state])
    const magnet = `${(await seed.event('ready')).magnet}&ws=${encodeURIComponent(server.url)}`
    const careful = published.fetch(['--timeout', '10s'], { id: magnet })
    expect(await careful.exited, careful.output).toEqual({ code: 4, signal: null })
    expect(server.requests).toEqual([])
    await published.expectCopy(published.fetch(['--trust-magnet-urls', '--web-seed-delay', '0s'], { id: magnet }))
    expect(server.requests.length).toBeGreaterThan(0)
  })

  test('none of a magnet alone, for they have no metadata: it says that there is nobody to ask', async () => {
    const published = await publication('tree', { 'a.bin': 1_000 })
    const server = await startServer(published.answer)
    const id = '0123456789abcdef0123456789abcdef01234567'
    const fetch = published.fetch(['--web-seed', server.url, '--timeout', '1s'], { id })
    expect(await fetch.exited, fetch.output).toEqual({ code: 3, signal: null })
    expect(fetch.events('warning').map(({ message }) => message)).toEqual([expect.stringMatching(/^There is nobody to ask/)])
    expect(server.requests).toEqual([])
  })

  test('the swarm comes first, unless --web-seed-mode is always', async () => {
    const published = await publication('tree', { 'a.bin': 2_000_000 })
    const server = await startServer(published.answer)
    const seed = spawnDistro(['seed', published.content, '--json', ...closedOff, '--state-dir', published.state])
    const [peer = ''] = (await seed.event('ready')).listen as string[]
    const spared = published.fetch(['--web-seed', server.url, '--peer', peer, '--web-seed-delay', '1m'])
    await published.expectCopy(spared)
    expect(spared.events('done')[0]?.bySource).toEqual({ peers: 2_000_000, webSeeds: 0, local: 0 })
    expect(server.requests).toEqual([])
    const always = published.fetch(['--web-seed', server.url, '--peer', peer, '--web-seed-mode', 'always', '--web-seed-delay', '0s'])
    await published.expectCopy(always)
    expect(server.requests.length).toBeGreaterThan(0)
  })
})

describe('a password', () => {
  test.each<[string, (url: string, root: string) => Promise<{ readonly seed: string; readonly env?: NodeJS.ProcessEnv }>]>([
    [
      'of a netrc file',
      async (url, root) => {
        await writeFile(join(root, '.netrc'), 'machine 127.0.0.1 login bot password canary-secret\n', { mode: 0o600 })
        return { seed: url }
      },
    ],
    [
      'of the environment',
      async (url) => ({
        seed: url,
        env: { [`DISTRO_WEB_SEED_AUTH_127_0_0_1_${new URL(url).port}`]: `Basic ${Buffer.from('bot:canary-secret').toString('base64')}` },
      }),
    ],
    ['in the URL', async (url) => ({ seed: url.replace('//', '//bot:canary-secret@') })],
  ])('%s opens the server, and is in no output, table, file or socket', async (_title, arrange) => {
    const published = await publication('tree', { 'a.bin': 1_000_000 })
    const wanted = `Basic ${Buffer.from('bot:canary-secret').toString('base64')}`
    const server = await startServer((request, response) => {
      if (request.headers.authorization === wanted) published.answer(request, response)
      else response.writeHead(401).end()
    })
    const denied = published.fetch(['--web-seed', server.url, '--timeout', '60s'])
    expect(await denied.exited, denied.output).toEqual({ code: 8, signal: null })
    const { seed, env = {} } = await arrange(server.url, published.root)
    const fetch = published.fetch(['--web-seed', seed, '--verbose', '--keep-seeding'], { env })
    await fetch.event('done')
    const seen: string[] = []
    for (const words of [['ps'], ['ps', '--json'], ['web-seed', 'list', 'tree'], ['web-seed', 'list', 'tree', '--json']]) {
      const shown = spawnDistro([...words, '--state-dir', published.state])
      expect(await shown.exited, shown.output).toEqual({ code: 0, signal: null })
      seen.push(...shown.stdout, ...shown.stderr)
    }
    expect(seen.join('\n')).toContain('127.0.0.1')
    await fetch.stop()
    seen.push(...fetch.stdout, ...fetch.stderr, ...(await textsBelow(published.state)), await readFile(published.torrent, 'latin1'))
    for (const secret of ['canary', Buffer.from('bot:canary-secret').toString('base64')]) expect(seen.join('\n')).not.toContain(secret)
  })

  test('in a URL is refused where it would be published', async () => {
    const published = await publication('tree', { 'a.bin': 1_000 })
    for (const words of [
      ['create', published.content, '-o', join(published.root, 'x.torrent')],
      ['seed', published.content, ...closedOff],
      ['seed', published.content, '--torrent', published.torrent, ...closedOff],
    ]) {
      const refused = spawnDistro([...words, '--web-seed', 'https://bot:canary-secret@mirror.example/'])
      expect(await refused.exited, refused.output).toEqual({ code: 2, signal: null })
      expect(refused.output.split('\n').slice(1).join('\n')).not.toContain('canary')
    }
    await expect(stat(join(published.root, 'x.torrent'))).rejects.toThrow()
  })
})

test('seed --torrent names --web-seed in what it gives out, and leaves the .torrent that was named alone', async () => {
  const published = await publication('tree', { 'a.bin': 1_000 })
  const before = await readFile(published.torrent)
  const out = join(published.root, 'given-out.torrent')
  const words = ['--torrent', published.torrent, '--torrent-out', out, '--web-seed', 'https://mirror.example/', ...closedOff]
  const seed = spawnDistro(['seed', published.content, '--json', ...words, '--state-dir', published.state])
  expect((await seed.event('ready')).magnet).toContain(`ws=${encodeURIComponent('https://mirror.example/')}`)
  expect(await readFile(out, 'latin1')).toContain('https://mirror.example/')
  expect((await readFile(published.torrent)).equals(before)).toBe(true)
})

test('a link in a folder that leads out of it is not followed', async () => {
  const published = await publication('tree', { 'a.bin': 100_000 })
  const secret = join(published.root, 'outside')
  await writeFile(secret, await readFile(join(published.content, 'a.bin')))
  const folder = await temporaryFolder()
  await symlink(secret, join(folder, 'a.bin'))
  const fetch = published.fetch(['--web-seed', folder, '--timeout', '60s'])
  expect(await fetch.exited, fetch.output).toEqual({ code: 8, signal: null })
  expect(String(fetch.events('error')[0]?.message)).toContain('is a link, which is not followed')
})

async function textsBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return Promise.all(entries.filter((entry) => entry.isFile()).map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1')))
}
