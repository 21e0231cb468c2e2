import { describe, expect, test } from 'vitest'
import { rightIdentity } from '../support/identities.ts'
import { openSeed } from '../support/open-seed.ts'
import { readRange } from '../support/read-range.ts'
import { folder, singleFile } from '../support/sample-content.ts'
import { serveContent } from '../support/serve-content.ts'
import { type Answer, startServer } from '../support/web-server.ts'

const sample = singleFile('file', 10_000)
const serve = serveContent({ '/file': sample.bytes, '/else/where': sample.bytes })

describe('a redirect', () => {
  test.each([301, 302, 303, 307, 308])(
    'with status %i to another server is followed, with the range and without the password',
    async (status) => {
      const target = await startServer(serve)
      const server = await startServer(redirect(status, `http://127.0.0.1:${target.port}/else/where?signed=1`))
      const url = `http://user:secret@127.0.0.1:${server.port}/`
      const { bytes, failure } = await readRange(openSeed(url, sample), 100, 5_000)
      expect(failure).toBeUndefined()
      expect(bytes.equals(sample.bytes.subarray(100, 5_100))).toBe(true)
      expect(server.requests[0]?.headers.authorization).toBe(`Basic ${Buffer.from('user:secret').toString('base64')}`)
      expect(target.requests[0]?.headers).toMatchObject({ range: 'bytes=100-5099' })
      expect(target.requests[0]?.headers.authorization).toBeUndefined()
    },
  )

  test('to a relative place on the same server is followed, with the password', async () => {
    const server = await startServer((request, response) =>
      request.url === '/file' ? redirect(302, 'else/where')(request, response) : serve(request, response),
    )
    const { failure } = await readRange(openSeed(server.url.replace('//', '//user:secret@'), sample), 0, 10_000)
    expect(failure).toBeUndefined()
    expect(server.requests.map(({ url }) => url)).toEqual(['/file', '/else/where'])
    expect(server.requests[1]?.headers.authorization).toBe(server.requests[0]?.headers.authorization)
  })

  test('is followed three times and no more', async () => {
    const server = await startServer((request, response) => {
      const left = Number(/\d+$/.exec(request.url ?? '')?.[0] ?? Number.NaN)
      if (left === 0) return serve(Object.assign(request, { url: '/file' }), response)
      return redirect(302, `/hop${left - 1}`)(request, response)
    })
    expect((await readRange(openSeed(`${server.url}hop3`, sample), 0, 10)).failure).toBeUndefined()
    const { failure } = await readRange(openSeed(`${server.url}hop4`, sample), 0, 10)
    expect(failure).toMatchObject({ kind: 'refused', isFinal: true })
    expect(failure?.message).toContain('more than 3 times')
  })

  test.each([
    ['to itself', '/file', 'refused'],
    ['to a file of this machine', 'file:///etc/passwd', 'refused'],
    ['to another scheme', 'ftp://127.0.0.1/file', 'refused'],
    ['to data', 'data:text/plain,x', 'refused'],
    ['with a user and a password', 'http://a:b@127.0.0.1/', 'refused'],
    ['to a metadata service', 'http://169.254.169.254/latest/meta-data/', 'refused'],
    ['to a metadata service in disguise', 'http://[::ffff:a9fe:a9fe]/', 'refused'],
    ['to a metadata service as a number', 'http://2852039166/', 'refused'],
    ['to a metadata service in octal', 'http://0251.0376.0251.0376/', 'refused'],
    ['to a link-local address', 'http://[fe80::1]/', 'refused'],
    ['to nowhere', undefined, 'misbehaved'],
    ['to a malformed URL', 'http://[', 'misbehaved'],
  ])('%s is not followed', async (_title, location, kind) => {
    const server = await startServer(redirect(302, location))
    const { bytes, failure } = await readRange(openSeed(server.url, sample), 0, 10)
    expect(failure).toMatchObject({ kind })
    expect(bytes.length).toBe(0)
  })

  test('from https to http is not followed', async () => {
    const plain = await startServer(serve)
    const server = await startServer(redirect(302, `${plain.url}file`), rightIdentity)
    const { failure } = await readRange(openSeed(server.url, sample, { authorities: rightIdentity.cert }), 0, 10)
    expect(failure).toMatchObject({ kind: 'refused' })
    expect(failure?.message).toContain('from https to http')
    expect(plain.requests.length).toBe(0)
  })

  test('from http to https is followed', async () => {
    const safe = await startServer(serve, rightIdentity)
    const server = await startServer(redirect(302, `${safe.url}file`))
    expect((await readRange(openSeed(server.url, sample, { authorities: rightIdentity.cert }), 0, 10)).failure).toBeUndefined()
  })

  test('by a torrent into our network with a query is not followed', async () => {
    const target = await startServer(serve)
    const server = await startServer(redirect(302, `${target.url}else/where?delete=all`))
    const { failure } = await readRange(openSeed(server.url, sample, { namedBy: 'torrent' }), 0, 10)
    expect(failure).toMatchObject({ kind: 'refused' })
    expect(target.requests.length).toBe(0)
  })

  test('that comes with a small page keeps the connection to the redirecting server', async () => {
    const target = await startServer(serve)
    const ports = new Set<number | undefined>()
    const server = await startServer((request, response) => {
      ports.add(request.socket.remotePort)
      response.writeHead(302, { location: `${target.url}file`, 'content-length': 100 }).end('x'.repeat(100))
    })
    const seed = openSeed(server.url, sample)
    for (let part = 0; part < 3; part++) expect((await readRange(seed, part, 10)).failure).toBeUndefined()
    expect(ports.size).toBe(1)
  })

  test('to mirrors that tag the same file differently pins each by itself', async () => {
    const tree = folder('t', [['f', 10]])
    const mirrors = await Promise.all(
      ['"one"', '"two"'].map((etag) =>
        startServer((request, response) => {
          const isSame = [undefined, etag].includes(request.headers['if-range'] as string | undefined)
          response.writeHead(isSame ? 206 : 200, { etag, 'content-range': 'bytes 0-4/10' }).end('12345')
        }),
      ),
    )
    const server = await startServer((request, response) =>
      redirect(302, `${mirrors[server.requests.length % 2]?.url}f`)(request, response),
    )
    const seed = openSeed(server.url, tree)
    for (let part = 0; part < 4; part++) expect((await readRange(seed, 0, 5)).failure).toBeUndefined()
  })
})

function redirect(status: number, location: string | undefined): Answer {
  return (_request, response) => void response.writeHead(status, location === undefined ? {} : { location }).end()
}
