import { once } from 'node:events'
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { constants, type Http2ServerResponse } from 'node:http2'
import type { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { rightIdentity } from '../support/identities.ts'
import { openSeed } from '../support/open-seed.ts'
import { readRange } from '../support/read-range.ts'
import { folder, singleFile } from '../support/sample-content.ts'
import { serveContent } from '../support/serve-content.ts'
import { startHttp2Server, startRawServer, startServer, startTlsServer } from '../support/web-server.ts'

const sample = singleFile('file', 100_000)
const part = sample.bytes.subarray(1_000, 31_000)
const right = { 'content-range': 'bytes 1000-30999/100000', 'content-length': 30_000 }
const brief = { timeOuts: { connectMs: 5_000, answerMs: 300, silenceMs: 300 } }

describe('a server that answers wrongly', () => {
  test.each<[title: string, status: number, headers: OutgoingHttpHeaders, body: Buffer, expected: object]>([
    ['without Content-Range', 206, { 'content-length': 30_000 }, part, { kind: 'misbehaved', isFinal: false }],
    ['with a malformed Content-Range', 206, { ...right, 'content-range': 'bytes=some' }, part, { kind: 'misbehaved' }],
    [
      'with two Content-Ranges',
      206,
      { ...right, 'content-range': [right['content-range'], 'bytes 0-1/2'] as unknown as string },
      part,
      { kind: 'misbehaved' },
    ],
    ['with another range', 206, { ...right, 'content-range': 'bytes 0-29999/100000' }, part, { kind: 'misbehaved' }],
    ['with the end of a longer range', 206, { ...right, 'content-range': 'bytes 1000-31000/100000' }, part, { kind: 'misbehaved' }],
    ['without the length of the file', 206, { ...right, 'content-range': 'bytes 1000-30999/*' }, part, { kind: 'misbehaved' }],
    [
      'with a part of a longer file',
      206,
      { ...right, 'content-range': 'bytes 1000-30999/100001' },
      part,
      { kind: 'changed', isFinal: true },
    ],
    [
      'with what a shorter file has of it',
      206,
      { 'content-range': 'bytes 1000-29999/30000', 'content-length': 29_000 },
      part.subarray(0, 29_000),
      { kind: 'changed', isFinal: true },
    ],
    ['with several parts', 206, { 'content-type': 'multipart/byteranges; boundary=x' }, part, { kind: 'misbehaved' }],
    ['compressed', 206, { ...right, 'content-encoding': 'gzip' }, gzipSync(part), { kind: 'misbehaved' }],
    ['with a shorter part', 206, { ...right, 'content-length': 29_999 }, part.subarray(1), { kind: 'misbehaved' }],
    ['with a longer part', 206, { ...right, 'content-length': 30_001 }, Buffer.concat([part, part.subarray(0, 1)]), { kind: 'misbehaved' }],
    [
      'with the whole file',
      200,
      { 'content-length': 100_000 },
      sample.bytes,
      { kind: 'misbehaved', isFinal: true, hint: expect.stringMatching(/ranges, as nginx, caddy and distro seed --http do/) },
    ],
    [
      'with a page in place of the file',
      200,
      { 'content-type': 'text/html' },
      Buffer.from('<html>'),
      { kind: 'misbehaved', isFinal: true },
    ],
    ['that nothing changed', 304, {}, Buffer.alloc(0), { kind: 'misbehaved' }],
    ['that the file is not there', 404, {}, Buffer.from('not found'), { kind: 'missing', isFinal: true }],
    ['that the file is gone', 410, {}, Buffer.from('gone'), { kind: 'missing', isFinal: true }],
    ['that the range is not there', 416, {}, Buffer.alloc(0), { kind: 'missing', isFinal: true }],
    ['that the file is shorter', 416, { 'content-range': 'bytes */500' }, Buffer.alloc(0), { kind: 'changed', isFinal: true }],
    ['that a password is wanted', 401, { 'www-authenticate': 'Basic realm=x' }, Buffer.alloc(0), { kind: 'denied', isFinal: true }],
    ['that it is forbidden', 403, {}, Buffer.from('no'), { kind: 'denied', isFinal: true }],
    ['that the proxy wants a password', 407, {}, Buffer.alloc(0), { kind: 'denied', isFinal: true }],
    [
      'that there were too many requests',
      429,
      { 'retry-after': '7' },
      Buffer.alloc(0),
      { kind: 'busy', isFinal: false, retryAfterMs: 7_000 },
    ],
    [
      'that it is overloaded',
      503,
      { 'retry-after': '86400' },
      Buffer.from('later'),
      { kind: 'busy', isFinal: false, retryAfterMs: 300_000 },
    ],
    ['that it broke', 500, {}, Buffer.from('oops'), { kind: 'busy', isFinal: false, retryAfterMs: undefined }],
    ['that a proxy gets no answer', 504, {}, Buffer.alloc(0), { kind: 'busy', isFinal: false }],
    ['that it does not know the method', 501, {}, Buffer.alloc(0), { kind: 'misbehaved', isFinal: true }],
    ['that it does not know the version', 505, {}, Buffer.alloc(0), { kind: 'misbehaved', isFinal: true }],
    ['that it is a teapot', 418, {}, Buffer.from('tea'), { kind: 'misbehaved', isFinal: true }],
  ])('%s gives nothing and ends in one sentence', async (_title, status, headers, body, expected) => {
    const server = await startServer((_request, response) => void response.writeHead(status, headers).end(body))
    const { bytes, failure } = await readRange(openSeed(server.url, sample), 1_000, 30_000)
    expect(failure).toMatchObject(expected)
    expect(failure?.message).toMatch(/^.*127\.0\.0\.1:\d+\/file.*\.$/)
    expect(bytes.length).toBe(0)
  })

  test.each([401, 403])('with %i says whether it was sent credentials that it does not accept', async (status) => {
    const server = await startServer((_request, response) => void response.writeHead(status).end())
    const without = await readRange(openSeed(server.url, sample), 1_000, 30_000)
    expect(without.failure?.message).toMatch(/: it wants credentials that it does not get\.$/)
    const own = await readRange(openSeed(server.url.replace('//', '//user:secret@'), sample), 1_000, 30_000)
    expect(own.failure).toMatchObject({ kind: 'denied', isFinal: true })
    expect(own.failure?.message).toMatch(/\/file answers with HTTP status \d+: it does not accept the credentials that it was sent\.$/)
    const byPiece = await readRange(openSeed(`bep17+${server.url.replace('//', '//user:secret@')}`, sample), 1_000, 1_000)
    expect(byPiece.failure?.message).toMatch(/: it does not accept the credentials that it was sent\.$/)
  })

  test('that one file of several is not there says which part of the content that is, and may be asked for the rest', async () => {
    const tree = folder('tree', [
      ['a', 5_000],
      [undefined, 1_000],
      ['b', 7_000],
      ['c', 0],
    ])
    const server = await startServer(serveContent({ '/tree/a': tree.fileBytes('a') }))
    const seed = openSeed(server.url, tree)
    const { bytes, failure } = await readRange(seed, 4_000, 3_000)
    expect(failure).toMatchObject({ kind: 'missing', isFinal: false, lacks: { begin: 6_000, lengthBytes: 7_000 } })
    expect(bytes.equals(tree.bytes.subarray(4_000, 6_000))).toBe(true)
    expect((await readRange(seed, 0, 5_000)).failure).toBeUndefined()
  })

  test('that the only file with bytes is not there is final', async () => {
    const tree = folder('tree', [
      ['a', 5_000],
      [undefined, 1_000],
      ['c', 0],
    ])
    const server = await startServer(serveContent({}))
    const { failure } = await readRange(openSeed(server.url, tree), 0, 5_000)
    expect(failure).toMatchObject({ kind: 'missing', isFinal: true })
    expect(failure).not.toHaveProperty('lacks')
  })

  test('with an endless body in place of a part is cut off at once', async () => {
    let closed: Promise<unknown> | undefined
    const server = await startServer((_request, response) => {
      closed = once(response, 'close')
      response.writeHead(200)
      pourForEver(response)
    })
    const { bytes, failure } = await readRange(openSeed(server.url, sample), 1_000, 30_000)
    expect(failure).toMatchObject({ kind: 'misbehaved', isFinal: true })
    expect(bytes.length).toBe(0)
    await closed
  })

  test('with an endless body after the right header is cut off, and nothing beyond the range is given', async () => {
    let closed: Promise<unknown> | undefined
    const server = await startServer((_request, response) => {
      closed = once(response, 'close')
      response.writeHead(206, { 'content-range': right['content-range'] })
      pourForEver(response)
    })
    const { bytes, failure } = await readRange(openSeed(server.url, sample), 1_000, 30_000)
    expect(failure).toMatchObject({ kind: 'misbehaved' })
    expect(bytes.length).toBeLessThanOrEqual(30_000)
    await closed
  })

  test('with the whole file is right when the whole file was asked for', async () => {
    const server = await startServer((_request, response) => void response.writeHead(200).end(sample.bytes))
    const { bytes, failure } = await readRange(openSeed(server.url, sample), 0, 100_000)
    expect(failure).toBeUndefined()
    expect(bytes.equals(sample.bytes)).toBe(true)
  })

  test('with a whole file of another length is another file', async () => {
    const server = await startServer((_request, response) => void response.writeHead(200, { 'content-length': 5 }).end('short'))
    const { failure } = await readRange(openSeed(server.url, sample), 0, 100_000)
    expect(failure).toMatchObject({ kind: 'changed', isFinal: true })
  })
})

describe('a server that breaks off', () => {
  test('before it answers is asked once more, and no more', async () => {
    let asked = 0
    const server = await startRawServer((_header, socket) => {
      asked++
      socket.destroy()
    })
    const { failure } = await readRange(openSeed(server.url, sample), 1_000, 30_000)
    expect(failure).toMatchObject({ kind: 'unreachable', isFinal: false })
    expect(failure?.message).toContain('broke the connection')
    expect(asked).toBe(2)
  })

  test('in the middle of the body gives what came, and fails', async () => {
    const server = await startRawServer((_header, socket) => {
      socket.write(head(206, right))
      socket.write(part.subarray(0, 10_000), () => socket.destroySoon())
    })
    const { bytes, failure } = await readRange(openSeed(server.url, sample), 1_000, 30_000)
    expect(failure).toMatchObject({ isFinal: false })
    expect(['misbehaved', 'unreachable']).toContain(failure?.kind)
    expect(bytes.equals(part.subarray(0, 10_000))).toBe(true)
  })

  test('with a reset in the middle of the body fails', async () => {
    const server = await startRawServer((_header, socket) => {
      socket.write(head(206, right))
      socket.write(part.subarray(0, 10_000), () => socket.resetAndDestroy())
    })
    const { failure } = await readRange(openSeed(server.url, sample), 1_000, 30_000)
    expect(failure).toMatchObject({ kind: 'unreachable', isFinal: false })
  })

  test.each([constants.NGHTTP2_NO_ERROR, constants.NGHTTP2_INTERNAL_ERROR])('an answer over HTTP/2 with code %i says so', async (code) => {
    const server = await startHttp2Server((_request, response) => {
      const { stream } = response as unknown as Http2ServerResponse
      stream.close(code)
    }, rightIdentity)
    const { failure } = await readRange(openSeed(server.url, sample, { authorities: rightIdentity.cert }), 1_000, 30_000)
    expect(failure).toMatchObject({ kind: 'unreachable', isFinal: false, message: `${server.url}file broke the answer off.` })
  })

  test('before the last chunk of a body without a length fails', async () => {
    const server = await startRawServer((_header, socket) => {
      socket.write(head(206, { 'content-range': right['content-range'], 'transfer-encoding': 'chunked' }))
      socket.write('64\r\n')
      socket.write(part.subarray(0, 100))
      socket.write('\r\n', () => socket.destroySoon())
    })
    const { bytes, failure } = await readRange(openSeed(server.url, sample), 1_000, 30_000)
    expect(failure).toMatchObject({ isFinal: false })
    expect(bytes.length).toBe(100)
  })

  test('with a proper end after too few bytes fails', async () => {
    const server = await startServer((_request, response) => {
      response.writeHead(206, { 'content-range': right['content-range'] }).end(part.subarray(1))
    })
    const { failure } = await readRange(openSeed(server.url, sample), 1_000, 30_000)
    expect(failure).toMatchObject({ kind: 'misbehaved', isFinal: false })
    expect(failure?.message).toContain('ends after 29999 of 30000 bytes')
  })

  test('at a kept connection that is used again is no failure', async () => {
    const closed: Promise<unknown>[] = []
    const answer = serveContent({ '/file': sample.bytes })
    const server = await startServer((request, response) => {
      // The second request on the first connection finds it closed.
      if (server.requests.length === 2) return request.socket.destroy()
      closed.push(once(response, 'close'))
      return answer(request, response)
    })
    const seed = openSeed(server.url, sample)
    for (const begin of [0, 50_000]) {
      const { bytes, failure } = await readRange(seed, begin, 50_000)
      expect(failure).toBeUndefined()
      expect(bytes.equals(sample.bytes.subarray(begin, begin + 50_000))).toBe(true)
    }
    expect(server.requests.length).toBe(3)
    await Promise.all(closed)
  })
})

describe('a server that does not speak properly', () => {
  test.each<[title: string, header: string, kind: string]>([
    ['sends a header of 1 MB', `HTTP/1.1 206 Partial Content\r\nx: ${'y'.repeat(1_000_000)}\r\n\r\n`, 'misbehaved'],
    ['sends a million headers', `HTTP/1.1 206 Partial Content\r\n${'x: y\r\n'.repeat(100_000)}\r\n`, 'misbehaved'],
    ['sends a length and chunks at once', head(206, { ...right, 'transfer-encoding': 'chunked' }), 'misbehaved'],
    ['sends two lengths', head(206, right).replace('\r\n\r\n', '\r\ncontent-length: 5\r\n\r\n'), 'misbehaved'],
    [
      'sends an unknown transfer encoding',
      head(206, { 'content-range': right['content-range'], 'transfer-encoding': 'gzip, chunked' }),
      'misbehaved',
    ],
    ['sends no HTTP at all', 'SSH-2.0-OpenSSH_9.2\r\n\r\n', 'misbehaved'],
  ])('and %s', async (_title, header, kind) => {
    const server = await startRawServer((_request, socket) => void socket.write(header))
    const { bytes, failure } = await readRange(openSeed(server.url, sample, brief), 1_000, 30_000)
    expect(failure).toMatchObject({ kind })
    expect(bytes.length).toBe(0)
  })

  test('and agrees on HTTP/2 and then speaks something else', async () => {
    const server = await startTlsServer(
      { ...rightIdentity, ALPNProtocols: ['h2'] },
      (socket) => void socket.write('SSH-2.0-OpenSSH_9.2\r\n\r\n'),
    )
    const { failure } = await readRange(openSeed(server.url, sample, { ...brief, authorities: rightIdentity.cert }), 1_000, 30_000)
    expect(failure).toMatchObject({ kind: 'misbehaved', message: `${server.url}file does not speak HTTP as it should.` })
  })
})

describe('a server that takes its time', () => {
  test('and never answers fails as silent', async () => {
    const server = await startServer(() => {})
    const { failure } = await readRange(openSeed(server.url, sample, brief), 1_000, 30_000)
    expect(failure).toMatchObject({ kind: 'silent', isFinal: false })
    expect(failure?.message).toContain('gives no answer within 0.3 s')
  })

  test('and says for ever that it is about to answer fails as silent', async () => {
    const server = await startRawServer((_header, socket) => repeat(socket, 'HTTP/1.1 103 Early Hints\r\n\r\n'))
    const { failure } = await readRange(openSeed(server.url, sample, brief), 1_000, 30_000)
    expect(failure).toMatchObject({ kind: 'silent' })
  })

  test('and says for ever that we may go on fails', async () => {
    const server = await startRawServer((_header, socket) => repeat(socket, 'HTTP/1.1 100 Continue\r\n\r\n'))
    const { failure } = await readRange(openSeed(server.url, sample, brief), 1_000, 30_000)
    expect(failure).toMatchObject({ isFinal: false })
  })

  test('and drips its header fails as silent', async () => {
    const server = await startRawServer((_header, socket) => {
      socket.write('HTTP/1.1 206 Partial Content\r\n')
      repeat(socket, 'a: b\r\n')
    })
    const { failure } = await readRange(openSeed(server.url, sample, brief), 1_000, 30_000)
    expect(failure?.kind).toBe('silent')
  })

  test('and stops in the middle of the body fails as silent', async () => {
    const server = await startRawServer((_header, socket) => {
      socket.write(head(206, right))
      socket.write(part.subarray(0, 29_700))
    })
    const { bytes, failure } = await readRange(openSeed(server.url, sample, brief), 1_000, 30_000)
    expect(failure).toMatchObject({ kind: 'silent', isFinal: false })
    expect(bytes.length).toBe(29_700)
  })

  test('and drips its body byte by byte fails as silent', async () => {
    const server = await startRawServer((_header, socket) => {
      socket.write(head(206, right))
      repeat(socket, 'x')
    })
    const { bytes, failure } = await readRange(openSeed(server.url, sample, brief), 1_000, 30_000)
    expect(failure?.kind).toBe('silent')
    expect(bytes.length).toBeLessThan(4_096)
  })
})

describe('a file that changes on the server', () => {
  const tree = folder('t', [['f', 1_000]])

  test('is asked for by what it was, and refused when it is another one', async () => {
    let etag = '"one"'
    const server = await startServer((request, response) => {
      const isSame = [undefined, etag].includes(request.headers['if-range'] as string | undefined)
      const headers = isSame ? { etag, 'content-range': 'bytes 0-9/1000', 'content-length': 10 } : { etag, 'content-length': 1_000 }
      response.writeHead(isSame ? 206 : 200, headers).end(Buffer.alloc(isSame ? 10 : 1_000))
    })
    const seed = openSeed(server.url, tree)
    expect((await readRange(seed, 0, 10)).failure).toBeUndefined()
    etag = '"two"'
    expect((await readRange(seed, 0, 10)).failure).toMatchObject({ kind: 'changed', isFinal: false })
    expect((await readRange(seed, 0, 10)).failure).toBeUndefined()
    expect(server.requests.map(({ headers }) => headers['if-range'])).toEqual([undefined, '"one"', undefined])
  })

  test.each([
    ['a weak tag', { etag: 'W/"one"' }, { etag: 'W/"two"' }],
    ['a date', { 'last-modified': 'Mon, 05 Oct 2026 10:00:00 GMT' }, { 'last-modified': 'Mon, 05 Oct 2026 10:00:01 GMT' }],
  ])('is refused where a part of it comes with %s of another one', async (_title, before, after) => {
    const server = await startServer((_request, response) => {
      const version = server.requests.length === 1 ? before : after
      response.writeHead(206, { ...version, 'content-range': 'bytes 0-9/1000' }).end(Buffer.alloc(10))
    })
    const seed = openSeed(server.url, tree)
    expect((await readRange(seed, 0, 10)).failure).toBeUndefined()
    expect((await readRange(seed, 0, 10)).failure).toMatchObject({ kind: 'changed' })
  })
})

function head(status: number, headers: Readonly<Record<string, string | number>>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${status} Status\r\n${lines.join('')}\r\n`
}

/** Writes as long as somebody reads. */
function pourForEver(response: ServerResponse): void {
  const bytes = Buffer.alloc(65_536)
  const pour = (): void => {
    while (!response.destroyed && response.write(bytes));
  }
  response.on('drain', pour)
  pour()
}

function repeat(socket: Socket, text: string): void {
  const timer = setInterval(() => socket.write(text), 20)
  socket.once('close', () => clearInterval(timer))
}
