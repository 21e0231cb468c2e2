import { createServer } from 'node:http'
import type { AddressInfo, LookupFunction } from 'node:net'
import { networkInterfaces } from 'node:os'
import { describe, expect, onTestFinished, test } from 'vitest'
import { expiredIdentity, foreignIdentity, rightIdentity } from '../support/identities.ts'
import { openSeed } from '../support/open-seed.ts'
import { readRange } from '../support/read-range.ts'
import { singleFile } from '../support/sample-content.ts'
import { serveContent } from '../support/serve-content.ts'
import { startRawServer, startServer } from '../support/web-server.ts'

const sample = singleFile('file', 1_000)
const serve = serveContent({ '/file': sample.bytes })

/** An address of this machine at which others reach it too. */
const ownAddress = Object.values(networkInterfaces())
  .flat()
  .find((entry) => entry?.family === 'IPv4' && !entry.internal && !entry.address.startsWith('169.254.'))?.address

describe('the address that is connected', () => {
  test('is asked inside our network for a torrent, but not with a query', async () => {
    const server = await startServer(serve)
    expect((await readRange(openSeed(server.url, sample, { namedBy: 'torrent' }), 0, 10)).failure).toBeUndefined()
    const { failure } = await readRange(openSeed(`${server.url}file?x=1`, sample, { namedBy: 'torrent' }), 0, 10)
    expect(failure).toMatchObject({ kind: 'refused', isFinal: true })
    expect(failure?.message).toMatch(
      /^http:.*\/file\?\.\.\. is not asked: 127\.0\.0\.1 is inside our network, where a URL with a query that a torrent or a magnet names/,
    )
    expect(server.requests.length).toBe(1)
    expect((await readRange(openSeed(`${server.url}file?x=1`, sample), 0, 10)).failure).toBeUndefined()
  })

  test.each(['127.0.0.1', '::ffff:127.0.0.1', '10.0.0.1', '169.254.169.254', 'fe80::1'])(
    'is not dialled when a name with a query turns out to mean %s',
    async (address) => {
      const server = await startServer(serve)
      const url = `http://rebound.example:${server.port}/file?x=1`
      const { failure } = await readRange(openSeed(url, sample, { namedBy: 'torrent', lookup: resolvesTo(address) }), 0, 10)
      expect(failure).toMatchObject({ kind: 'refused', isFinal: true })
      expect(failure?.message).toContain('rebound.example')
      expect(server.requests.length).toBe(0)
    },
  )

  test('is the only one of several that may be asked', async () => {
    const server = await startServer(serve)
    const lookup = resolvesTo('169.254.169.254', '127.0.0.1')
    expect((await readRange(openSeed(`http://two.example:${server.port}/`, sample, { lookup }), 0, 10)).failure).toBeUndefined()
    expect(server.requests.length).toBe(1)
  })

  test('is not asked when a name means another one the second time', async () => {
    const server = await startServer((_request, response) => {
      response.writeHead(302, { location: `http://rebound.example:${server.port}/file?x=1`, connection: 'close' }).end()
    })
    const answers = ['127.0.0.1', '169.254.169.254']
    const lookup: LookupFunction = (host, options, done) => resolvesTo(answers.shift() ?? '')(host, options, done)
    const { failure } = await readRange(openSeed(`http://rebound.example:${server.port}/`, sample, { lookup }), 0, 10)
    expect(failure).toMatchObject({ kind: 'refused' })
    expect(server.requests.length).toBe(1)
  })

  test.skipIf(ownAddress === undefined)('of any connection to a name counts where that name redirects, whichever answers', async () => {
    const inside = await startServer(serve)
    // Answers at the outer address as soon as the inner one is connected too, so that the connection that was made last is not the one that redirects.
    let release = (): void => {}
    const isConnectedInside = new Promise<void>((resolve) => {
      release = resolve
    })
    const server = createServer((request, response) => {
      if (request.socket.localAddress === '127.0.0.1') {
        release()
        response.writeHead(503).end()
      } else void isConnectedInside.then(() => response.writeHead(302, { location: `${inside.url}file` }).end())
    })
    await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve))
    onTestFinished(() => {
      server.close()
      server.closeAllConnections()
    })
    const answers = [ownAddress ?? '', '127.0.0.1']
    const lookup: LookupFunction = (host, options, done) => resolvesTo(answers.shift() ?? '127.0.0.1')(host, options, done)
    const seed = openSeed(`http://rebound.example:${(server.address() as AddressInfo).port}/`, sample, { lookup })
    const [outside] = await Promise.all([readRange(seed, 0, 100), readRange(seed, 100, 100)])
    expect(outside.failure).toMatchObject({ kind: 'refused' })
    expect(inside.requests.length).toBe(0)
  })

  test('that nobody listens at, or that has no name, is unreachable', async () => {
    const { port } = await startServer(serve)
    const unknown: LookupFunction = (_host, _options, done) => done(Object.assign(new TypeError('no such name'), { code: 'ENOTFOUND' }), [])
    const { failure } = await readRange(openSeed(`http://gone.example:${port}/`, sample, { lookup: unknown }), 0, 10)
    expect(failure).toMatchObject({ kind: 'unreachable', isFinal: false })
    expect(failure?.message).toContain('its name was not found')
    const refused = await readRange(openSeed('http://127.0.0.1:1/', sample), 0, 10)
    expect(refused.failure).toMatchObject({ kind: 'unreachable', isFinal: false })
    expect(refused.failure?.message).toContain('nothing listens there')
  })
})

describe('a certificate', () => {
  test.each([
    ['that nobody vouches for', rightIdentity, undefined],
    ['of another name', foreignIdentity, foreignIdentity.cert],
    ['that has expired', expiredIdentity, expiredIdentity.cert],
  ])('%s ends it', async (_title, identity, authorities) => {
    const server = await startServer(serve, identity)
    const { failure } = await readRange(openSeed(server.url, sample, authorities === undefined ? {} : { authorities }), 0, 10)
    expect(failure).toMatchObject({ kind: 'unreachable', isFinal: true })
    expect(failure?.message).toMatch(/^The certificate of https:\/\/127\.0\.0\.1:\d+\/file is not right \([A-Z_]+\)\.$/)
    expect(server.requests.length).toBe(0)
  })

  test('that never comes fails in time', async () => {
    const server = await startRawServer(() => {})
    const url = server.url.replace('http:', 'https:')
    const { failure } = await readRange(openSeed(url, sample, { timeOuts: { connectMs: 300 } }), 0, 10)
    expect(failure).toMatchObject({ kind: 'unreachable', isFinal: false })
  })

  test('that is right lets us in', async () => {
    const server = await startServer(serve, rightIdentity)
    expect((await readRange(openSeed(server.url, sample, { authorities: rightIdentity.cert }), 0, 10)).failure).toBeUndefined()
  })
})

function resolvesTo(...addresses: readonly string[]): LookupFunction {
  return (_host, _options, done) =>
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
}
