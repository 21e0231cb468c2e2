import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { RateLimit } from '../../src/base/rate-limit.ts'
import { systemClock } from '../../src/base/system-clock.ts'
import { WEB_SERVER_LIMITS } from '../../src/web-server/web-server-limits.ts'
import { until } from '../support/until.ts'
import { allOf, dial } from './support/http-client.ts'
import { serving } from './support/serving.ts'

const forEver = { headersTimeoutMs: 600_000, keepAliveMs: 600_000, unreadMs: 600_000 }
const padding = Array.from({ length: 14 }, (_, index) => `x-${index}: ${'a'.repeat(1_000)}\r\n`).join('')
const large = `GET /tree/empty HTTP/1.1\r\nHost: x\r\n${padding}\r\n`
const small = 'GET /tree/empty HTTP/1.1\r\nHost: x\r\n\r\n'
const first = 'GET /tree/big.bin HTTP/1.1\r\nHost: x\r\nRange: bytes=0-9\r\n\r\n'
const last = 'GET /tree/empty HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'

/** A server that is held back by its limit for about `seconds` from its first answer on. */
async function heldBack(seconds: number, patience: Parameters<typeof serving>[0] = { patience: forEver }) {
  const limit = new RateLimit(systemClock, 1_000_000)
  const { server } = await serving({ ...patience, limit })
  limit.take(seconds * 1_000_000)
  return server
}

/** Waits until the system has taken nothing more of what `socket` sends for a while: that nothing happens has no event. */
async function stuck(socket: Socket): Promise<number> {
  let seen = -1
  return until('moment at which nothing more is taken', async () => {
    const isStill = socket.writableLength === seen
    seen = socket.writableLength
    return isStill ? seen : undefined
  })
}

describe('requests that are sent without waiting for answers', () => {
  test.each([
    ['large', large, 3_000],
    ['small', small, 5_000],
  ])('and are %s are all answered, though not all are read at once', async (_size, text, count) => {
    const server = await heldBack(1)
    const socket = await dial(server.port)
    const over = allOf(socket)
    socket.write(first + text.repeat(count) + last)
    const answers = (await over).toString('latin1').match(/HTTP\/1\.1 20[06] /g)
    expect(answers).toHaveLength(count + 2)
  })

  test('are not read beyond what may wait', async () => {
    const server = await heldBack(1_000_000)
    const socket = await dial(server.port)
    const count = 4_000
    socket.write(first + large.repeat(count))
    await until('moment at which enough waits', async () => server.waitingBytes >= WEB_SERVER_LIMITS.waitingBytes || undefined)
    expect(await stuck(socket)).toBeGreaterThan(0.7 * count * large.length)
    // One read beyond it.
    expect(server.waitingBytes).toBeLessThan(WEB_SERVER_LIMITS.waitingBytes + 256_000)
    await server.close()
    await until('end of the connection', async () => server.waitingBytes === 0 || undefined)
  })

  test('do not count as late when it is us who do not read them to their end', async () => {
    const server = await heldBack(6, { patience: { headersTimeoutMs: 4_000 } })
    const socket = await dial(server.port)
    const over = allOf(socket)
    // Ten times as much as may wait, and little enough to be read in a moment.
    socket.write(first + large.repeat(100) + last)
    expect((await over).toString('latin1').match(/HTTP\/1\.1 \d+/g)).toEqual([
      'HTTP/1.1 206',
      ...Array.from({ length: 101 }, () => 'HTTP/1.1 200'),
    ])
  })

  test('must go on once we read again', async () => {
    const server = await heldBack(1, { patience: { headersTimeoutMs: 200 } })
    const socket = await dial(server.port)
    const over = allOf(socket)
    socket.write(first + large.repeat(100) + large.slice(0, 2_000))
    expect((await over).toString('latin1')).not.toContain('400')
    expect(server.connections).toBe(0)
  })

  // The last one: what it leaves takes long to collect, and a clock of the system runs in the others.
  test('cost the connection that has the most its place when all together wait for too much', async () => {
    const server = await heldBack(1_000_000)
    let ended = 0
    for (let number = 0; ended === 0 && number < 200; number++) {
      const socket = await dial(server.port, `127.0.0.${2 + (number % 8)}`)
      socket.once('close', () => ended++)
      const before = server.waitingBytes
      socket.write(first + small.repeat(3_000))
      await until('moment at which it waits', async () => ended > 0 || server.waitingBytes > before || undefined)
    }
    expect(ended).toBeGreaterThan(0)
    expect(server.waitingBytes).toBeLessThanOrEqual(WEB_SERVER_LIMITS.waitingBytesInAll)
    expect(server.connections).toBeGreaterThan(0)
  })
})
