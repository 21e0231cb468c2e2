import type { Socket } from 'node:net'
import { dirname } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { DistroProcess } from '../support/distro-process.ts'
import { spawnDistro } from '../support/spawn-distro.ts'
import { expiredIdentity, foreignIdentity, rightIdentity } from '../web-seed/support/identities.ts'
import { type Answer, startRawServer, startServer } from '../web-seed/support/web-server.ts'
import { closedOff, type Publication, publication } from './support/publication.ts'

const sizeBytes = 1_000_000

/** A server that misbehaves, where it can be asked. */
type Faulty = (published: Publication) => Promise<string>

/** A mirror whose answers are spoilt by `spoil`. */
function spoilt(spoil: (published: Publication) => Answer): Faulty {
  return async (published) => (await startServer(spoil(published))).url
}

/** A server that answers each request with these bytes, and goes on as `after` says. */
function raw(head: string, after: (socket: Socket) => void = () => undefined): Faulty {
  return async () => {
    const server = await startRawServer((_header, socket) => {
      socket.write(`HTTP/1.1 ${head}\r\n\r\n`)
      after(socket)
    })
    return server.url
  }
}

const status = (code: number, headers: Readonly<Record<string, string>> = {}): Faulty =>
  spoilt(() => (_request, response) => void response.writeHead(code, headers).end())

/** What a server that is given up at once is told of in `error`, and the exit code when it was the only source. */
const hopeless: readonly (readonly [title: string, server: Faulty, sentence: RegExp, exitCode: number])[] = [
  [
    'sends wrong bytes',
    spoilt((published) => (request, response) => {
      const write = response.end.bind(response)
      response.end = ((body: Buffer) => write(Buffer.from(body).fill(7, 0, 10))) as typeof response.end
      published.answer(request, response)
    }),
    /^No web seed is left to ask\. http:\/\/127\.0\.0\.1:\d+\/ sent wrong data and is not asked again\.$/,
    5,
  ],
  ['does not have the file (404)', status(404), /\/file answers with HTTP status 404: it does not have the file\.$/, 8],
  ['does not have it any more (410)', status(410), /\/file answers with HTTP status 410: it does not have the file\.$/, 8],
  ['does not have the range (416)', status(416), /\/file answers with HTTP status 416: it does not have the range\.$/, 8],
  ['wants a password (401)', status(401), /\/file answers with HTTP status 401: it wants credentials that it does not get\.$/, 8],
  ['forbids it (403)', status(403), /\/file answers with HTTP status 403: it wants credentials that it does not get\.$/, 8],
  [
    'has a longer file',
    status(206, { 'content-range': `bytes 0-${sizeBytes - 1}/${sizeBytes + 1}` }),
    /\/file has 1000001 bytes instead of 1000000: it is another file\.$/,
    8,
  ],
  [
    'redirects for ever',
    spoilt(() => (request, response) => void response.writeHead(302, { location: `${request.url}x` }).end()),
    /\/filexxx redirects more than 3 times in a row\.$/,
    8,
  ],
  [
    'redirects to the metadata service of a cloud',
    status(302, { location: 'http://169.254.169.254/latest/meta-data/' }),
    /^No web seed is left to ask\. http:\/\/169\.254\.169\.254\/latest\/meta-data\/ is not asked: .+\.$/,
    8,
  ],
  ['redirects to another scheme', status(302, { location: 'file:///etc/passwd' }), /\/file redirects to what is not on the web\.$/, 8],
  ...(
    [
      ['of nobody that we know', rightIdentity],
      ['of another host', foreignIdentity],
      ['that has expired', expiredIdentity],
    ] as const
  ).map(
    ([whose, identity]) =>
      [
        `shows a certificate ${whose}`,
        async (published: Publication) => (await startServer(published.answer, identity)).url,
        /The certificate of https:\/\/127\.0\.0\.1:\d+\/file is not right \([A-Z_]+\)\.$/,
        8,
      ] as const,
  ),
]

const range = `content-range: bytes 0-${sizeBytes - 1}/${sizeBytes}`

/** What a server that may do better later is told of in `warning`. */
const passing: readonly (readonly [title: string, server: Faulty, sentence: RegExp])[] = [
  [
    'asks to be left alone (429 with Retry-After)',
    status(429, { 'retry-after': '100' }),
    /\/file answers with HTTP status 429: it asks to be left alone for a while\. It is asked again in (1m[45]\ds|2m0\ds)\.$/,
  ],
  [
    'asks to be left alone for a day (503 with Retry-After)',
    status(503, { 'retry-after': '86400' }),
    /\/file answers with HTTP status 503: it asks to be left alone for a while\. It is asked again in (5m\d\d|6m[01]\d)s\.$/,
  ],
  [
    'broke (500)',
    status(500),
    /\/file answers with HTTP status 500: it asks to be left alone for a while\. It is asked again in [567] s\.$/,
  ],
  [
    'ends its body too soon',
    raw(`206 Partial Content\r\n${range}`, (socket) => socket.end(Buffer.alloc(1_000))),
    /\/file ends after 1000 of 1000000 bytes\. It is asked again in [567] s\.$/,
  ],
  [
    'breaks the connection in the midst of the body',
    raw(
      `206 Partial Content\r\n${range}\r\ncontent-length: ${sizeBytes}`,
      (socket) => void socket.write('x', () => socket.resetAndDestroy()),
    ),
    /\/file broke the connection\. It is asked again in [567] s\.$/,
  ],
  [
    'sends another part',
    raw(`206 Partial Content\r\ncontent-range: bytes 5-9/${sizeBytes}`),
    /\/file sends bytes 5 to 9 where 0 to 999999/,
  ],
  ['does not say which part it sends', raw('206 Partial Content'), /\/file sends a part of the file and does not say which: .+\./],
  [
    'compresses',
    raw(`206 Partial Content\r\n${range}\r\ncontent-encoding: gzip`),
    /\/file sends the file encoded, which it was asked not to/,
  ],
  ['does not speak HTTP', raw('SSH'), /\/file does not speak HTTP as it should\. It is asked again in [567] s\.$/],
  ['is not there', async () => 'http://127.0.0.1:9/', /\/file cannot be reached: nothing listens there\. It is asked again in [567] s\.$/],
]

describe('a web seed that is the only source and', () => {
  test.each(hopeless)('%s ends the fetch with one sentence, a hint and the right exit code', async (_title, server, sentence, exitCode) => {
    const published = await publication('file', sizeBytes)
    const fetch = published.fetch(['--web-seed', await server(published), '--timeout', '60s'])
    expect(await fetch.exited, fetch.output).toEqual({ code: exitCode, signal: null })
    expect(fetch.events('error').map(({ message }) => message)).toEqual([expect.stringMatching(sentence)])
    expect(fetch.events('error')[0]?.hint).toMatch(/kept\.$/)
    expect(fetch.events('warning')).toHaveLength(1)
  })

  test.each(passing)('%s is told of, and may be asked again by the same command', async (_title, server, sentence) => {
    const published = await publication('file', sizeBytes)
    const fetch = published.fetch(['--web-seed', await server(published), '--timeout', '3s'])
    expect(await fetch.exited, fetch.output).toEqual({ code: 4, signal: null })
    expect(fetch.events('warning').map(({ message }) => message)).toEqual([expect.stringMatching(sentence)])
    // Whoever gave nothing is named, with the reason.
    expect(String(fetch.events('error')[0]?.message)).toMatch(
      /^The time of 3 s is over: .+ are missing \(0 % is here, .*1 web seed\)\.(?: .+\.)?$/,
    )
  })

  test('is given up ends the fetch by itself, where nobody else can be found', async () => {
    const published = await publication('file', sizeBytes)
    const fetch = published.fetch(['--web-seed', await status(404)(published)])
    expect(await fetch.exited, fetch.output).toEqual({ code: 8, signal: null })
  })

  test('lacks one file of several gives the others, and the fetch says which one nobody has', async () => {
    const published = await publication('tree', { a: 300_000, b: 300_000, c: 300_000 })
    const fetch = published.fetch(['--web-seed', (await startServer(without('b', published))).url])
    expect(await fetch.exited, fetch.output).toEqual({ code: 8, signal: null })
    const sentence = expect.stringMatching(/\/tree\/b answers with HTTP status 404: it does not have the file\.$/)
    expect(warnings(fetch)).toEqual([sentence])
    expect(fetch.events('error').map(({ message }) => message)).toEqual([sentence])
  })

  test('has none of the files is told of once, when it is given up, with where it should be', async () => {
    const published = await publication('tree', { a: 300_000, b: 300_000, c: 300_000, d: 300_000, e: 300_000, f: 300_000 })
    const server = await startServer(published.answer)
    const fetch = published.fetch(['--web-seed', `${server.url}tree/`])
    expect(await fetch.exited, fetch.output).toEqual({ code: 8, signal: null })
    const hint = `tree/ is looked for below the URL: try ${server.url}.`
    expect(warnings(fetch)).toEqual([expect.stringContaining(`${hint} It is not asked again.`)])
    expect(fetch.events('error')[0]?.hint).toContain(hint)
  })

  test('breaks off is asked again 5 s later, for no more than what is missing', async () => {
    const published = await publication('file', sizeBytes)
    const server = await startServer((request, response) => {
      if (server.requests.length > 1) return published.answer(request, response)
      const end = response.end.bind(response)
      response.end = ((body: Buffer) => {
        response.write(body.subarray(0, 600_000), () => request.socket.destroy())
        return response
      }) as typeof end
      return published.answer(request, response)
    })
    await published.expectCopy(published.fetch(['--web-seed', server.url]))
    const [first, second] = server.requests.map(({ headers }) => Number(/\d+/.exec(String(headers.range))?.[0]))
    expect(first).toBe(0)
    expect(second).toBeGreaterThan(0)
  })
})

describe('a web seed that is not the only source and', () => {
  const rest = [...hopeless, ...passing].map(([title, server]) => [title, server] as const)

  test.each([
    ...rest,
    ['sends without an end', raw(`206 Partial Content\r\n${range}`, (socket) => pour(socket, Buffer.alloc(65_536)))] as const,
    ['sends next to nothing', raw(`206 Partial Content\r\n${range}`, (socket) => drip(socket))] as const,
    ['never answers', raw('100 Continue')] as const,
  ])('%s harms nobody: another one gives what it does not', async (_title, server) => {
    const published = await publication('file', sizeBytes)
    const good = await startServer(published.answer)
    const fetch = published.fetch(['--web-seed', await server(published), '--web-seed', good.url, '--web-seed-mode', 'always'])
    await published.expectCopy(fetch)
  })

  test('lacks one file of several gives the others, without a pause', async () => {
    const published = await publication('tree', { a: 300_000, b: 300_000, c: 300_000 })
    const partial = await startServer(without('b', published))
    const words = ['--web-seed', partial.url, '--web-seed', dirname(published.content), '--web-seed-mode', 'always']
    await published.expectCopy(published.fetch(words))
    expect(partial.requests.filter(({ url }) => url?.endsWith('/b')).length).toBeLessThanOrEqual(2)
  })

  test('sends wrong bytes is named, given up, and a peer gives the rest', async () => {
    const published = await publication('file', sizeBytes)
    const [, liar] = hopeless[0] ?? []
    if (liar === undefined) throw new TypeError('no liar')
    const seed = spawnDistro(['seed', published.content, '--json', ...closedOff, '--up-limit', '300K', '--state-dir', published.state])
    const [peer = ''] = (await seed.event('ready')).listen as string[]
    const words = ['--web-seed', await liar(published), '--web-seed-mode', 'always', '--web-seed-delay', '0s']
    const fetch = published.fetch([...words, '--peer', peer])
    await published.expectCopy(fetch)
    expect(warnings(fetch)).toEqual([expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/ sent wrong data and is not asked again\.$/)])
  })
})

describe('where a stranger must not lead us', () => {
  test.each<[string, string, RegExp]>([
    ['the metadata service of a cloud', 'http://169.254.169.254/latest/meta-data/', /is not asked: /],
    ['a server of our network with a query', 'http://127.0.0.1:9/file?delete=all', /is not asked: /],
  ])('a torrent that names %s is not followed', async (_title, url, sentence) => {
    const published = await publication('file', sizeBytes, ['--web-seed', url])
    const fetch = published.fetch(['--timeout', '60s'])
    expect(await fetch.exited, fetch.output).toEqual({ code: 8, signal: null })
    expect(warnings(fetch)).toEqual([expect.stringMatching(sentence)])
  })
})

/** A mirror that has everything but one file. */
function without(name: string, published: Publication): Answer {
  return (request, response) => {
    if (request.url?.endsWith(`/${name}`)) response.writeHead(404).end()
    else published.answer(request, response)
  }
}

function warnings(fetch: DistroProcess): unknown[] {
  return fetch.events('warning').map(({ message }) => message)
}

function pour(socket: Socket, bytes: Buffer): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(bytes));
  }
  socket.on('drain', more)
  more()
}

function drip(socket: Socket): void {
  const timer = setInterval(() => socket.write('x'), 100)
  socket.once('close', () => clearInterval(timer))
}
