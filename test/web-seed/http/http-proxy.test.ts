import type { LookupFunction } from 'node:net'
import { expect, test } from 'vitest'
import { ManualClock } from '../../support/manual-clock.ts'
import { foreignIdentity, rightIdentity } from '../support/identities.ts'
import { openSeed } from '../support/open-seed.ts'
import { type ReadRange, readRange } from '../support/read-range.ts'
import { singleFile } from '../support/sample-content.ts'
import { serveContent } from '../support/serve-content.ts'
import { startProxy } from '../support/start-proxy.ts'
import { startServer } from '../support/web-server.ts'

const sample = singleFile('file', 1_000)
const serve = serveContent({ '/file': sample.bytes })
const unknown: LookupFunction = (_host, _options, done) => done(Object.assign(new TypeError('no such name'), { code: 'ENOTFOUND' }), [])

test('a web seed over http is asked through the proxy, whose password only the proxy hears', async () => {
  const server = await startServer(serve)
  const proxy = await startProxy(server.port)
  const env = { HTTP_PROXY: `http://user:secret@127.0.0.1:${proxy.port}` }
  const { bytes, failure } = await readRange(openSeed('http://far.example/', sample, { env, lookup: unknown }), 0, 1_000)
  expect(failure).toBeUndefined()
  expect(bytes.equals(sample.bytes)).toBe(true)
  expect(proxy.asked).toEqual([`GET http://far.example/file Basic ${Buffer.from('user:secret').toString('base64')}`])
  expect(server.requests[0]?.headers['proxy-authorization']).toBeUndefined()
})

test('a web seed over https is asked through a tunnel, whose password only the proxy hears', async () => {
  const server = await startServer(serve, foreignIdentity)
  const proxy = await startProxy(server.port)
  const env = { HTTPS_PROXY: `http://user:secret@127.0.0.1:${proxy.port}` }
  const seed = openSeed('https://other.example/', sample, { env, lookup: unknown, authorities: foreignIdentity.cert })
  const { bytes, failure } = await readRange(seed, 0, 1_000)
  expect(failure).toBeUndefined()
  expect(bytes.equals(sample.bytes)).toBe(true)
  expect(proxy.asked).toEqual([`CONNECT other.example:443 Basic ${Buffer.from('user:secret').toString('base64')}`])
  expect(server.requests[0]?.headers['proxy-authorization']).toBeUndefined()
})

test('a web seed over https that is asked through a tunnel has to have the right certificate', async () => {
  const server = await startServer(serve, rightIdentity)
  const proxy = await startProxy(server.port)
  const env = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` }
  const options = { env, lookup: unknown, authorities: rightIdentity.cert }
  const { failure } = await readRange(openSeed('https://localhost.example/', sample, options), 0, 1_000)
  expect(failure).toMatchObject({ kind: 'unreachable', isFinal: true })
  expect(failure?.message).toContain('certificate')
  expect(proxy.asked).toEqual(['CONNECT localhost.example:443 undefined'])
})

test.each([
  ['token@', 'token:'],
  [':secret@', ':secret'],
  ['us%40er:100%@', 'us@er:100%'],
])('a proxy hears what stands before its name (%s)', async (given, heard) => {
  const server = await startServer(serve)
  const proxy = await startProxy(server.port)
  const env = { HTTP_PROXY: `http://${given}127.0.0.1:${proxy.port}` }
  const { failure } = await readRange(openSeed('http://far.example/', sample, { env, lookup: unknown }), 0, 10)
  expect(failure).toBeUndefined()
  expect(proxy.asked).toEqual([`GET http://far.example/file Basic ${Buffer.from(heard).toString('base64')}`])
})

test('a proxy that wants a password ends it', async () => {
  const proxy = await startServer((_request, response) => void response.writeHead(407).end())
  const env = { HTTP_PROXY: `http://127.0.0.1:${proxy.port}` }
  const { failure } = await readRange(openSeed('http://far.example/', sample, { env, lookup: unknown }), 0, 10)
  expect(failure).toMatchObject({ kind: 'denied', isFinal: true })
})

test.each(['http', 'https'])('a proxy for %s that is down is named, without its password', async (scheme) => {
  const proxy = 'http://user:secret@127.0.0.1:9'
  const env = { HTTP_PROXY: proxy, HTTPS_PROXY: proxy }
  const { failure } = await readRange(openSeed(`${scheme}://far.example/`, sample, { env, lookup: unknown }), 0, 10)
  expect(failure).toMatchObject({
    kind: 'unreachable',
    isFinal: false,
    message: `${scheme}://far.example/file is asked through the proxy http://127.0.0.1:9/, which cannot be reached: nothing listens there.`,
  })
})

test.each(['http://169.254.169.254/file', 'http://10.0.0.1/file?x'])('no proxy is asked for %s when a torrent names it', async (url) => {
  const proxy = await startProxy(1)
  const env = { HTTP_PROXY: `http://127.0.0.1:${proxy.port}` }
  const { failure } = await readRange(openSeed(url, sample, { env, namedBy: 'torrent' }), 0, 10)
  expect(failure).toMatchObject({ kind: 'refused' })
  expect(proxy.asked).toEqual([])
})

test('no proxy is asked for a name that we know to mean an address inside, when a torrent names it', async () => {
  const proxy = await startProxy(1)
  const env = { HTTP_PROXY: `http://127.0.0.1:${proxy.port}` }
  const lookup: LookupFunction = (_host, _options, done) => done(null, [{ address: '169.254.169.254', family: 4 }])
  const { failure } = await readRange(openSeed('http://meta.example/file', sample, { env, lookup, namedBy: 'torrent' }), 0, 10)
  expect(failure).toMatchObject({ kind: 'refused' })
  expect(proxy.asked).toEqual([])
})

test('a name is looked up once, however often the proxy is asked for it', async () => {
  const proxy = await startProxy((await startServer(serve)).port)
  const env = { HTTP_PROXY: `http://127.0.0.1:${proxy.port}` }
  const names: string[] = []
  const lookup: LookupFunction = (host, options, done) => {
    names.push(host)
    unknown(host, options, done)
  }
  const seed = openSeed('http://far.example/', sample, { env, lookup })
  for (const begin of [0, 10, 20]) expect(await readRange(seed, begin, 10)).toMatchObject({ failure: undefined })
  expect([names, proxy.asked.length]).toEqual([['far.example'], 3])
})

test('a proxy is asked for a name for which no name server answers', async () => {
  const proxy = await startProxy((await startServer(serve)).port)
  const env = { HTTP_PROXY: `http://127.0.0.1:${proxy.port}` }
  const clock = new ManualClock()
  let read: Promise<ReadRange> | undefined
  await new Promise<void>((resolve) => {
    read = readRange(openSeed('http://far.example/', sample, { env, clock, lookup: () => resolve() }), 0, 1_000)
  })
  clock.advance(2_000)
  expect(await read).toEqual({ bytes: sample.bytes, failure: undefined })
})
