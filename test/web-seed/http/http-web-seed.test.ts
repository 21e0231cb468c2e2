import { describe, expect, test } from 'vitest'
import { rightIdentity } from '../support/identities.ts'
import { openSeed } from '../support/open-seed.ts'
import { readRange } from '../support/read-range.ts'
import { folder, singleFile } from '../support/sample-content.ts'
import { serveContent } from '../support/serve-content.ts'
import { startHttp2Server, startServer } from '../support/web-server.ts'

describe('a web seed over HTTP', () => {
  test('gives a range of a single file that stands at its URL', async () => {
    const sample = singleFile('release.bin', 300_000)
    const server = await startServer(serveContent({ '/other.name': sample.bytes }))
    const { bytes, failure } = await readRange(openSeed(`${server.url}other.name`, sample), 1_000, 200_000)
    expect(failure).toBeUndefined()
    expect(bytes.equals(sample.bytes.subarray(1_000, 201_000))).toBe(true)
    expect(server.requests[0]?.headers).toMatchObject({ range: 'bytes=1000-200999', 'accept-encoding': 'identity', 'user-agent': 'distro' })
  })

  test('gives a single file that stands below a URL with a slash at its end', async () => {
    const sample = singleFile('release 1.bin', 5_000)
    const server = await startServer(serveContent({ '/dir/release%201.bin': sample.bytes }))
    const { bytes, failure } = await readRange(openSeed(`${server.url}dir/`, sample), 0, 5_000)
    expect(failure).toBeUndefined()
    expect(bytes.equals(sample.bytes)).toBe(true)
  })

  test('gives a range over several files, with zeros for the padding that it never asks for', async () => {
    const sample = folder('tree', [
      ['a', 10_000],
      [undefined, 6_384],
      ['empty', 0],
      ['sub/b c', 20_000],
      ['d', 3],
    ])
    const server = await startServer(
      serveContent({
        '/x/tree/a': sample.fileBytes('a'),
        '/x/tree/sub/b%20c': sample.fileBytes('sub/b c'),
        '/x/tree/d': sample.fileBytes('d'),
      }),
    )
    const { bytes, failure } = await readRange(openSeed(`${server.url}x`, sample), 9_000, 27_387)
    expect(failure).toBeUndefined()
    expect(bytes.equals(sample.bytes.subarray(9_000))).toBe(true)
    expect(server.requests.map(({ url, headers }) => `${url} ${headers.range}`)).toEqual([
      '/x/tree/a bytes=9000-9999',
      '/x/tree/sub/b%20c bytes=0-19999',
      '/x/tree/d bytes=0-2',
    ])
  })

  test('speaks HTTP/2 with a server that offers it', async () => {
    const sample = singleFile('release.bin', 3_000_000)
    const server = await startHttp2Server(serveContent({ '/release.bin': sample.bytes }), rightIdentity)
    const seed = openSeed(server.url, sample, { authorities: rightIdentity.cert })
    const reads = await Promise.all([0, 1, 2].map((part) => readRange(seed, part * 1_000_000, 1_000_000)))
    expect(reads.map(({ failure }) => failure)).toEqual([undefined, undefined, undefined])
    expect(Buffer.concat(reads.map(({ bytes }) => bytes)).equals(sample.bytes)).toBe(true)
    expect(server.requests.map(({ httpVersion }) => httpVersion)).toEqual(['2.0', '2.0', '2.0'])
  })

  test('that speaks no TLS is told of as such, and http is advised', async () => {
    const sample = singleFile('file', 100_000)
    const server = await startServer(serveContent({ '/file': sample.bytes }))
    const { failure } = await readRange(openSeed(server.url.replace('http:', 'https:'), sample), 0, 1_000)
    expect(failure).toMatchObject({ kind: 'unreachable', message: expect.stringMatching(/ speaks no TLS\.$/) })
    expect(failure?.hint).toMatch(new RegExp(`^Try ${server.url}`))
  })

  test('that has nothing below a URL with the name of the torrent at its end is told of with the URL above', async () => {
    const tree = folder('tree', [['a', 10_000]])
    const server = await startServer(serveContent({ '/tree/a': tree.fileBytes('a') }))
    const { failure } = await readRange(openSeed(`${server.url}tree/`, tree), 0, 10_000)
    expect(failure).toMatchObject({ kind: 'missing', hint: `tree/ is looked for below the URL: try ${server.url}.` })
    expect((await readRange(openSeed(`${server.url}x/`, tree), 0, 10_000)).failure?.hint).toBeUndefined()
  })
})
