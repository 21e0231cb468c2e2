import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { describe, expect, test } from 'vitest'
import type { RangeReader, WebSeed, WebSeedFailure } from '../../../src/web-seed/web-seed.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { rightIdentity } from '../support/identities.ts'
import { openSeed } from '../support/open-seed.ts'
import { readRange } from '../support/read-range.ts'
import { folder, singleFile } from '../support/sample-content.ts'
import { serveContent } from '../support/serve-content.ts'
import { startHttp2Server, startServer } from '../support/web-server.ts'

const large = singleFile('large', 20_000_000)

describe.each(['http', 'https', 'HTTP/2'])('a read over %s', (version) => {
  const start: typeof startServer = (answer) =>
    version === 'HTTP/2' ? startHttp2Server(answer, rightIdentity) : startServer(answer, version === 'https' ? rightIdentity : undefined)
  const options = { authorities: rightIdentity.cert }

  test('that is paused at every chunk gives the same bytes', async () => {
    const server = await start(serveContent({ '/large': large.bytes }))
    const listener = new Listener()
    const read = openSeed(server.url, large, options).read({ begin: 0, lengthBytes: 3_000_000 }, listener)
    listener.onChunk = () => {
      read.pause()
      expect(listener.isPaused).toBe(false)
      listener.isPaused = true
      setImmediate(() => {
        listener.isPaused = false
        read.resume()
      })
    }
    expect(await listener.ended).toBeUndefined()
    expect(Buffer.concat(listener.chunks).equals(large.bytes.subarray(0, 3_000_000))).toBe(true)
  })

  test('that is paused and resumed within one chunk gives the same bytes', async () => {
    const server = await start(serveContent({ '/large': large.bytes }))
    const listener = new Listener()
    const read = openSeed(server.url, large, options).read({ begin: 0, lengthBytes: 3_000_000 }, listener)
    listener.onChunk = () => {
      read.pause()
      read.resume()
    }
    expect(await listener.ended).toBeUndefined()
    expect(Buffer.concat(listener.chunks).equals(large.bytes.subarray(0, 3_000_000))).toBe(true)
  })

  test('that stays paused holds the server back', async () => {
    const responses: ServerResponse[] = []
    const server = await start((request, response) => {
      responses.push(response)
      serveContent({ '/large': large.bytes })(request, response)
    })
    const seed = openSeed(server.url, large, options)
    const listener = new Listener()
    const read = seed.read({ begin: 0, lengthBytes: 20_000_000 }, listener)
    const first = new Promise((resolve) => {
      listener.onChunk = resolve
    })
    await first
    read.pause()
    const count = listener.chunks.length
    // Another range comes whole meanwhile, which shows that the first one had its time.
    expect((await readRange(seed, 0, 2_000_000)).failure).toBeUndefined()
    expect(listener.chunks.length).toBe(count)
    expect(responses[0]?.writableFinished).toBe(false)
    listener.onChunk = () => {}
    read.resume()
    expect(await listener.ended).toBeUndefined()
    expect(Buffer.concat(listener.chunks).equals(large.bytes)).toBe(true)
  })

  test('that is cancelled in the middle hears nothing more, and leaves room for others', async () => {
    const closed: Promise<unknown>[] = []
    const server = await start((request, response) => {
      closed.push(once(response, 'close'))
      serveContent({ '/large': large.bytes })(request, response)
    })
    const seed = openSeed(server.url, large, options)
    const cancelled = await Promise.all([0, 1, 2].map(() => cancelInTheMiddle(seed)))
    // Node's own server does not take the end of a stream without an error for one (HTTP/2).
    if (version !== 'HTTP/2') await Promise.all(closed)
    const { bytes, failure } = await readRange(seed, 0, 20_000_000)
    expect(failure).toBeUndefined()
    expect(bytes.equals(large.bytes)).toBe(true)
    expect(cancelled.map(({ hasEnded, chunks }) => [hasEnded, chunks.length])).toEqual([
      [false, 1],
      [false, 1],
      [false, 1],
    ])
  })

  test('that is under way when its web seed closes hears nothing more', async () => {
    const server = await start(serveContent({ '/large': large.bytes }))
    const seed = openSeed(server.url, large, options)
    const listener = new Listener()
    seed.read({ begin: 0, lengthBytes: 20_000_000 }, listener)
    await new Promise((resolve) => {
      listener.onChunk = resolve
    })
    const count = listener.chunks.length
    await seed.close()
    expect(listener.chunks.length).toBe(count)
    expect(listener.hasEnded).toBe(false)
  })
})

describe('a read', () => {
  test('keeps its connection for the next one', async () => {
    const ports = new Set<number | undefined>()
    const server = await startServer((request, response) => {
      ports.add(request.socket.remotePort)
      serveContent({ '/large': large.bytes })(request, response)
    })
    const seed = openSeed(server.url, large)
    for (let part = 0; part < 5; part++) expect((await readRange(seed, part * 1_000, 1_000)).failure).toBeUndefined()
    expect(server.requests.length).toBe(5)
    expect(ports.size).toBe(1)
  })

  test('of padding alone asks nobody, and ends after it was begun', async () => {
    const { content } = folder('t', [
      ['a', 10],
      [undefined, 50_000],
      ['b', 1],
    ])
    const listener = new Listener()
    openSeed('http://127.0.0.1:9/', { content }).read({ begin: 20, lengthBytes: 40_000 }, listener)
    expect(listener.hasEnded).toBe(false)
    expect(listener.chunks.length).toBe(0)
    expect(await listener.ended).toBeUndefined()
    expect(Buffer.concat(listener.chunks).equals(Buffer.alloc(40_000))).toBe(true)
  })

  test('of which something is held back while it is paused is not taken for a silent one, and keeps the time that was left', async () => {
    const clock = new ManualClock()
    const responses: ServerResponse[] = []
    const server = await startServer((request, response) => {
      if (request.url === '/other') return serveContent({ '/other': large.bytes })(request, response)
      responses.push(response.writeHead(206, { 'content-range': 'bytes 0-9999/20000000' }))
      response.write(large.bytes.subarray(0, 1_000))
    })
    const listener = new Listener()
    const read = openSeed(server.url, large, { clock }).read({ begin: 0, lengthBytes: 10_000 }, listener)
    await listener.nextChunk()
    clock.advance(10_000)
    read.pause()
    responses[0]?.write(large.bytes.subarray(1_000, 6_000))
    // Comes whole meanwhile, which shows that the other bytes had their time.
    const other = openSeed(`${server.url}other`, large)
    expect((await readRange(other, 0, 2_000_000)).failure).toBeUndefined()
    expect(listener.chunks.length).toBe(1)
    clock.advance(600_000)
    expect(listener.hasEnded).toBe(false)
    read.resume()
    expect(Buffer.concat(listener.chunks).length).toBe(6_000)
    clock.advance(15_000)
    read.pause()
    responses[0]?.write(large.bytes.subarray(6_000, 9_999))
    expect((await readRange(other, 0, 2_000_000)).failure).toBeUndefined()
    read.resume()
    clock.advance(14_999)
    expect(listener.hasEnded).toBe(false)
    clock.advance(2)
    expect(await listener.ended).toMatchObject({ kind: 'silent' })
    expect(clock.pendingCount).toBe(0)
  })

  test.each([
    ['answers nothing', 0],
    ['answers and then sends less than 4 KiB', 4_000],
  ])('of a server that %s is silent in time, although it is hardly ever not paused', async (_title, sentBytes) => {
    const clock = new ManualClock()
    let onAsked = (): void => {}
    const asked = new Promise<void>((resolve) => {
      onAsked = resolve
    })
    const server = await startServer((_request, response) => {
      onAsked()
      if (sentBytes === 0) return
      response.writeHead(206, { 'content-range': 'bytes 0-9999/20000000' }).write(large.bytes.subarray(0, sentBytes))
    })
    const listener = new Listener()
    const read = openSeed(server.url, large, { clock }).read({ begin: 0, lengthBytes: 10_000 }, listener)
    await (sentBytes === 0 ? asked : listener.nextChunk())
    for (let second = 0; second < 29; second++) {
      read.resume()
      read.pause()
      clock.advance(1_000)
    }
    expect(listener.hasEnded).toBe(false)
    clock.advance(1_001)
    expect(await listener.ended).toMatchObject({ kind: 'silent', isFinal: false })
    expect(clock.pendingCount).toBe(0)
  })

  test('that is cancelled leaves no timer', async () => {
    const clock = new ManualClock()
    const server = await startServer(() => {})
    const read = openSeed(server.url, large, { clock }).read({ begin: 0, lengthBytes: 10 }, new Listener())
    await new Promise((resolve) => setImmediate(resolve))
    expect(clock.pendingCount).toBe(1)
    read.cancel()
    expect(clock.pendingCount).toBe(0)
  })

  test('of a name that nobody answers for in time fails as unreachable', async () => {
    const clock = new ManualClock()
    const listener = new Listener()
    const asked = new Promise<void>((resolve) => {
      openSeed('http://slow.example/', large, { clock, lookup: () => resolve() }).read({ begin: 0, lengthBytes: 10 }, listener)
    })
    await asked
    clock.advance(10_000)
    expect(await listener.ended).toMatchObject({ kind: 'unreachable', isFinal: false })
  })
})

/** Begins a read and cancels it with its first chunk. */
async function cancelInTheMiddle(seed: WebSeed): Promise<Listener> {
  const listener = new Listener()
  const read = seed.read({ begin: 0, lengthBytes: 20_000_000 }, listener)
  await new Promise<void>((resolve) => {
    listener.onChunk = () => {
      read.cancel()
      resolve()
    }
  })
  return listener
}

/** Keeps what it is told. */
class Listener implements RangeReader {
  readonly chunks: Buffer[] = []
  readonly ended: Promise<WebSeedFailure | undefined>
  hasEnded = false
  isPaused = false
  onChunk: (bytes?: unknown) => void = () => {}
  #resolve: (failure: WebSeedFailure | undefined) => void = () => {}

  constructor() {
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  nextChunk(): Promise<unknown> {
    return new Promise((resolve) => {
      this.onChunk = resolve
    })
  }

  onBytes(bytes: Uint8Array): void {
    this.chunks.push(Buffer.from(bytes))
    this.onChunk()
  }

  onEnd(failure: WebSeedFailure | undefined): void {
    this.hasEnded = true
    this.#resolve(failure)
  }
}
