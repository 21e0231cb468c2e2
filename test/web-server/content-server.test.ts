import { describe, expect, test } from 'vitest'
import { DistroError } from '../../src/base/errors.ts'
import { RateLimit } from '../../src/base/rate-limit.ts'
import { systemClock } from '../../src/base/system-clock.ts'
import { ContentServer } from '../../src/web-server/content-server.ts'
import type { ContentSource } from '../../src/web-server/content-source.ts'
import { WEB_SERVER_LIMITS } from '../../src/web-server/web-server-limits.ts'
import { bytesOfFile, sampleTorrent } from '../store/sample-torrent.ts'
import { until } from '../support/until.ts'
import { VirtualClock } from '../swarm/support/virtual-clock.ts'
import { allOf, ask, dial, oneConnection } from './support/http-client.ts'
import { sampleTree, serving } from './support/serving.ts'

const big = Buffer.from(bytesOfFile(sampleTree, 0))
const changed = new DistroError('SOURCE_CHANGED', 'big.bin changed since it was published.')
/** So that none is closed because a slow machine took long to open the others. */
const forEver = { headersTimeoutMs: 600_000, keepAliveMs: 600_000, unreadMs: 600_000 }
const oddName = 'tree/sub%20dir/a%23b%3Fc%2520%20%C3%BC.txt'

describe('the content server', () => {
  test('gives every file whole, by the URL that BEP 19 makes of it', async () => {
    const { url } = await serving()
    expect((await ask(`${url}tree/big.bin`)).body.equals(big)).toBe(true)
    expect(await ask(`${url}tree/empty`)).toMatchObject({ status: 200, body: Buffer.alloc(0), headers: { 'content-length': '0' } })
    expect((await ask(url + oddName)).body).toEqual(Buffer.from(bytesOfFile(sampleTree, 2)))
  })

  test('gives a single file by its name', async () => {
    const sample = sampleTorrent([['image.iso', 70_000]], { name: 'image.iso', isSingleFile: true })
    const { url } = await serving({ sample })
    expect((await ask(`${url}image.iso`)).body.equals(sample.content)).toBe(true)
  })

  test('gives zeros for padding, without asking where the content lies', async () => {
    const sample = sampleTorrent([
      ['a', 10],
      ['.pad/300000', 300_000],
      ['b', 10],
    ])
    const sourceOf = (file: number, right: ContentSource): ContentSource => {
      expect(file).not.toBe(1)
      return right
    }
    const { url } = await serving({ sample, sourceOf })
    const padding = await ask(`${url}sample/.pad/300000`)
    expect([padding.status, padding.body.equals(Buffer.alloc(300_000))]).toEqual([200, true])
    expect((await ask(`${url}sample/.pad/300000`, { range: 'bytes=5-8' })).body).toEqual(Buffer.alloc(4))
    expect((await ask(`${url}sample/.pad/7`)).status).toBe(404)
  })

  test.each([
    ['bytes=0-0', 0, 1],
    ['bytes=262143-262144', 262_143, 262_145],
    ['bytes=1000000-', 1_000_000, 3_000_001],
    ['bytes=-1', 3_000_000, 3_000_001],
  ])('gives the range %s', async (range, start, end) => {
    const { url } = await serving()
    const { status, body, headers } = await ask(`${url}tree/big.bin`, { range })
    expect([status, headers['content-range']]).toEqual([206, `bytes ${start}-${end - 1}/3000001`])
    expect(body.equals(big.subarray(start, end))).toBe(true)
  })

  test('answers HEAD as GET, without the body', async () => {
    const { url, server } = await serving()
    const [head, get] = [await ask(`${url}tree/big.bin`, {}, 'HEAD'), await ask(`${url}tree/big.bin`)]
    const { date: _, ...told } = head.headers
    expect(get.headers).toMatchObject(told)
    expect([head.status, head.body.length, head.headers['content-length']]).toEqual([200, 0, '3000001'])
    expect(await ask(`${url}none`, {}, 'HEAD')).toMatchObject({ status: 404, body: Buffer.alloc(0) })
    expect(server.bytesServed).toBe(3_000_001)
  })

  test('lets a client go on where it was, as long as the file is the same', async () => {
    const { url } = await serving()
    const { etag = '' } = (await ask(`${url}tree/big.bin`, {}, 'HEAD')).headers
    const rest = await ask(`${url}tree/big.bin`, { range: 'bytes=2000000-', 'if-range': etag })
    expect([rest.status, rest.body.equals(big.subarray(2_000_000))]).toEqual([206, true])
    expect(await ask(`${url}tree/big.bin`, { 'if-none-match': etag })).toMatchObject({ status: 304, body: Buffer.alloc(0), isWhole: true })
    expect((await ask(`${url}tree/empty`, {}, 'HEAD')).headers.etag).not.toBe(etag)
  })

  test.each([
    '',
    'tree',
    'tree/',
    'tree/sub%20dir',
    'tree/none',
    '../tree/big.bin',
    'tree/..%2Ftree%2Fbig.bin',
    'big.bin',
    'tree%2Fbig.bin',
    'tree.torrent',
  ])('has nothing at /%s', async (path) => {
    const { server } = await serving()
    const socket = await dial(server.port)
    socket.write(`GET /${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
    const reply = (await allOf(socket)).toString()
    expect(reply).toMatch(/^HTTP\/1\.1 404 /)
    if (path !== '') expect(reply).not.toContain(path)
  })

  test('gives out the .torrent once it has it', async () => {
    const { server, url } = await serving()
    server.addTorrent(Buffer.from('d4:infodee'))
    expect(await ask(`${url}tree.torrent`)).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/x-bittorrent' },
      body: Buffer.from('d4:infodee'),
    })
  })

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('takes no %s', async (method) => {
    const { url } = await serving()
    expect(await ask(`${url}tree/big.bin`, {}, method)).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } })
  })

  test.each([
    ['no HTTP', 'hello\r\n\r\n', 400],
    ['a target that is malformed', 'GET /%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 400],
    ['no Host', 'GET /tree/empty HTTP/1.1\r\n\r\n', 400],
    ['a body', 'GET /tree/empty HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc', 400],
    ['two lengths', 'GET /tree/empty HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 3\r\n\r\nabc', 400],
    ['headers without end', `GET /tree/empty HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
    ['HTTP/1.0', 'GET /tree/empty HTTP/1.0\r\n\r\n', 200],
    ['the URL of a proxy', 'GET http://x/tree/empty HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 200],
  ])('answers %s and is done with it', async (_what, text, status) => {
    const { server } = await serving()
    const socket = await dial(server.port)
    socket.write(text)
    expect((await allOf(socket)).toString('latin1')).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
  })

  test('answers many requests of one connection, one after the other', async () => {
    const { url, server } = await serving()
    const agent = oneConnection()
    for (let count = 0; count < 20; count++) expect((await ask(url + oddName, {}, 'GET', agent)).body).toHaveLength(20)
    expect(server.connections).toBe(1)
  })

  test('answers requests that were sent without waiting, in their order', async () => {
    const { server } = await serving()
    const socket = await dial(server.port)
    const starts = Array.from({ length: 100 }, (_, index) => index * 30_000)
    const requests = starts.map((start) => `GET /tree/big.bin HTTP/1.1\r\nHost: x\r\nRange: bytes=${start}-${start + 9_999}\r\n`)
    socket.write(`${requests.join('\r\n')}Connection: close\r\n\r\n`)
    const parts = (await allOf(socket)).toString('latin1').split(/HTTP\/1\.1 206 Partial Content\r\n[\s\S]*?\r\n\r\n/)
    expect(parts.slice(1)).toEqual(starts.map((start) => big.toString('latin1', start, start + 10_000)))
  })
})

describe('content that changed', () => {
  test('before it was read breaks the connection off and is told', async () => {
    const { url, errors } = await serving({
      sourceOf: () => ({ read: (_offset, _body, done) => done(changed), confirm: (_offset, _length, done) => done(undefined) }),
    })
    await expect(ask(`${url}tree/big.bin`)).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(errors).toEqual([changed])
  })

  test('while it is read is never given whole', async () => {
    const { url, errors } = await serving({
      sourceOf: (_file, right) => ({ ...right, confirm: (_offset, _length, done) => done(changed) }),
    })
    const { isWhole, body } = await ask(`${url}tree/big.bin`)
    expect([isWhole, body.length < 3_000_001]).toEqual([false, true])
    await expect(ask(`${url}tree/big.bin`, { range: 'bytes=0-0' })).rejects.toMatchObject({ code: 'ECONNRESET' })
    await expect(ask(`${url}tree/empty`)).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(errors).toEqual([changed, changed, changed])
  })
})

describe('a client', () => {
  test('that does not read is not read for: two chunks wait for it and no more', async () => {
    const reads: number[] = []
    const sample = sampleTorrent([['big.bin', 64_000_000]], { name: 'tree', pieceLengthBytes: 1_048_576 })
    const { server } = await serving({
      sample,
      sourceOf: (_file, right) => ({
        ...right,
        read: (offset, body, done) => {
          reads.push(offset)
          right.read(offset, body, done)
        },
      }),
    })
    const socket = await dial(server.port)
    socket.pause()
    socket.write('GET /tree/big.bin HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    const seen = await untilStill('moment at which nothing more is read', () => reads.length)
    expect(seen * WEB_SERVER_LIMITS.chunkBytes).toBeLessThan(32_000_000)
    const over = allOf(socket)
    socket.resume()
    const body = await over
    expect(body.subarray(body.indexOf('\r\n\r\n') + 4).equals(sample.content)).toBe(true)
  })

  test('that leaves in the middle leaves nothing behind', async () => {
    const { server, errors, url } = await serving()
    for (let count = 0; count < WEB_SERVER_LIMITS.chunks + 5; count++) {
      const socket = await dial(server.port)
      socket.write('GET /tree/big.bin HTTP/1.1\r\nHost: x\r\n\r\n')
      await new Promise((resolve) => socket.once('data', resolve))
      socket.destroy()
    }
    await until('end of the connections', async () => (server.connections === 0 ? true : undefined))
    expect((await ask(`${url}tree/big.bin`)).body.equals(big)).toBe(true)
    expect(errors).toEqual([])
  })

  test('gets no more than the limit lets through, and each as much as the others', async () => {
    const bytesPerSecond = 2_000_000
    const { server } = await serving({ limit: new RateLimit(systemClock, bytesPerSecond) })
    const sockets = await Promise.all([1, 2, 3].map(() => dial(server.port)))
    const got = sockets.map(() => 0)
    const startedMs = performance.now()
    await new Promise<void>((resolve) => {
      for (const [index, socket] of sockets.entries()) {
        socket.write('GET /tree/big.bin HTTP/1.1\r\nHost: x\r\n\r\n')
        socket.on('data', ({ length }: Buffer) => {
          got[index] = (got[index] ?? 0) + length
          if (got[index] >= 1_000_000) resolve()
        })
      }
    })
    const seconds = (performance.now() - startedMs) / 1_000
    const all = got.reduce((sum, bytes) => sum + bytes)
    // What may be saved up, and one chunk that may overdraw it.
    expect(all).toBeLessThan(bytesPerSecond * (seconds + 0.05) + 3 * WEB_SERVER_LIMITS.chunkBytes)
    expect(Math.min(...got)).toBeGreaterThan(600_000)
  })
})

describe('the patience of the server', () => {
  test('ends with a client that does not finish its request, however many bytes it sends', async () => {
    const { server } = await serving({ patience: { headersTimeoutMs: 300 } })
    const socket = await dial(server.port)
    const dribble = setInterval(() => socket.write('X: y\r\n'), 20)
    socket.write('GET /tree/empty HTTP/1.1\r\nHost: x\r\n')
    const reply = (await allOf(socket)).toString()
    clearInterval(dribble)
    expect(reply).toMatch(/^HTTP\/1\.1 408 /)
  })

  test.each([{ unreadMs: 200 }, { headersTimeoutMs: 300 }])(
    'ends without a word with a client that says nothing at all: %o',
    async (patience) => {
      const { server } = await serving({ patience })
      expect(await allOf(await dial(server.port))).toHaveLength(0)
    },
  )

  test('ends with a client that asks for nothing more', async () => {
    const { server } = await serving({ patience: { keepAliveMs: 200 } })
    const socket = await dial(server.port)
    socket.write('GET /tree/empty HTTP/1.1\r\nHost: x\r\n\r\n')
    expect((await allOf(socket)).toString()).toMatch(/^HTTP\/1\.1 200 /)
  })

  test('ends with a client that takes nothing of its answer', async () => {
    const sample = sampleTorrent([['big.bin', 32_000_000]], { name: 'tree', pieceLengthBytes: 1_048_576 })
    const { server, errors } = await serving({ sample, patience: { unreadMs: 300 } })
    const socket = await dial(server.port)
    const over = allOf(socket)
    socket.pause()
    socket.write('GET /tree/big.bin HTTP/1.1\r\nHost: x\r\n\r\n')
    await until('end of the connection', async () => (server.connections === 0 && server.bytesServed > 0 ? true : undefined))
    socket.resume()
    expect((await over).length).toBeLessThan(32_000_000)
    expect(errors).toEqual([])
  })

  test('ends with a client that takes its answer too slowly, though it is never silent', async () => {
    const sample = sampleTorrent([['big.bin', 32_000_000]], { name: 'tree', pieceLengthBytes: 1_048_576 })
    const clock = new VirtualClock()
    const { server } = await serving({ sample, clock, patience: { ...forEver, unreadMs: 60_000 } })
    const [slow, late] = [await dial(server.port), await dial(server.port)]
    const [slowOver, lateOver] = [allOf(slow), allOf(late)]
    for (const socket of [slow, late]) {
      socket.pause()
      socket.write('GET /tree/big.bin HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    }
    await untilStill('moment at which nothing more is sent', () => server.bytesServed)
    const mostMs = 60_000 + (1_000 * WEB_SERVER_LIMITS.chunkBytes) / WEB_SERVER_LIMITS.leastBytesPerSecond
    await clock.advance(mostMs - 10_000)
    expect(server.connections).toBe(2)
    late.resume()
    expect((await lateOver).length).toBeGreaterThan(32_000_000)
    await until('end of the connection', async () => {
      await clock.advance(20_000)
      return server.connections === 0 || undefined
    })
    slow.resume()
    expect((await slowOver).length).toBeLessThan(32_000_000)
  })

  test('does not end with a client that waits because of our limit', async () => {
    const limit = new RateLimit(systemClock, 1_000_000)
    const { server, url } = await serving({ limit, patience: { unreadMs: 1_000 } })
    limit.take(2_500_000)
    expect((await ask(url + oddName)).body).toHaveLength(20)
    expect(server.bytesServed).toBe(20)
  })
})

describe('the number of connections', () => {
  test('of one address is bounded: those that said nothing yet give way first', async () => {
    const { server } = await serving({ patience: forEver })
    // Loopback addresses may have as many as may be silent.
    const most = Math.max(WEB_SERVER_LIMITS.connectionsPerAddress, WEB_SERVER_LIMITS.silentConnections)
    const sockets = []
    for (let count = 0; count < most; count++) sockets.push(await dial(server.port, '127.0.0.2'))
    const first = allOf(sockets[0] ?? (await dial(server.port)))
    const another = await dial(server.port, '127.0.0.2')
    expect(await first).toHaveLength(0)
    another.write('GET /tree/empty HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    expect((await allOf(another)).toString()).toMatch(/^HTTP\/1\.1 200 /)
  })

  test('is bounded: who comes too many is told to come back', async () => {
    const { server } = await serving({ patience: forEver })
    for (let count = 0; count < WEB_SERVER_LIMITS.connections; count++) {
      const socket = await dial(server.port, `127.0.0.${2 + (count % 8)}`)
      socket.write('GET /tree/empty HTTP/1.1\r\nHost: x\r\n\r\n')
      await new Promise((resolve) => socket.once('data', resolve))
    }
    const another = await dial(server.port, '127.0.0.20')
    another.write('GET /tree/empty HTTP/1.1\r\nHost: x\r\n\r\n')
    const reply = (await allOf(another)).toString()
    expect(reply).toMatch(/^HTTP\/1\.1 503 /)
    expect(reply).toContain('Retry-After: 10\r\n')
  })
})

describe('a port', () => {
  test('that another program uses is told with a hint, before and when it is to be used', async () => {
    const { server } = await serving()
    const expected = { code: 'LISTEN_FAILED', message: expect.stringContaining(`${server.port}`), hint: expect.any(String) }
    await expect(ContentServer.check('127.0.0.1', server.port)).rejects.toMatchObject(expected)
  })

  test('is free again when the server was closed, and so are its connections', async () => {
    const { server } = await serving()
    const socket = await dial(server.port)
    const over = allOf(socket)
    const { port } = server
    await server.close()
    await over
    await ContentServer.check('127.0.0.1', port)
    expect(server.connections).toBe(0)
  })
})

/** Waits until a count has begun to grow and stands still; returns it. */
async function untilStill(what: string, count: () => number): Promise<number> {
  let seen = 0
  return until(what, async () => {
    const isStill = seen > 0 && count() === seen
    seen = count()
    return isStill ? seen : undefined
  })
}
