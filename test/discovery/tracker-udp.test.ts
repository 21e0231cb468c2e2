import { describe, expect, test } from 'vitest'
import type { PeerAddress } from '../../src/base/address.ts'
import { systemClock } from '../../src/base/system-clock.ts'
import { systemRandom } from '../../src/base/system-random.ts'
import { TrackerUdp } from '../../src/discovery/tracker-udp.ts'
import { MovingClock } from './support/moving-clock.ts'
import { sampleAnnounce } from './support/sample-announce.ts'
import { type Received, UdpPeer } from './support/udp-peer.ts'

const never = new AbortController().signal
const connectionId = Buffer.from('c0ffee00c0ffee00', 'hex')

describe('a UDP tracker', () => {
  test.each(['127.0.0.1', '::1'])('at %s answers with peers', async (host) => {
    const server = await UdpPeer.open(host)
    const outcome = trackerAt(server.address).announce(sampleAnnounce, never)
    await answerConnect(server)
    const asked = await server.next()
    expect(Buffer.from(asked.bytes.subarray(0, 8))).toEqual(connectionId)
    const peer = host === '::1' ? '20010db80000000000000000000000011ae1' : '0a0000011ae1'
    await reply(server, asked, announceReply(asked, peer))
    expect(await outcome).toMatchObject({ ok: true, value: { peers: [{ port: 6_881 }], intervalMs: 900_000 } })
  })

  test('takes no answer with another transaction id', async () => {
    const server = await UdpPeer.open()
    const outcome = trackerAt(server.address).announce(sampleAnnounce, never)
    const connect = await server.next()
    const wrong = connectReply(connect)
    wrong.writeUInt32BE((wrong.readUInt32BE(4) ^ 1) >>> 0, 4)
    wrong.fill(0xff, 8)
    await reply(server, connect, wrong)
    await reply(server, connect, new Uint8Array(3))
    await reply(server, connect, connectReply(connect))
    const asked = await server.next()
    expect(Buffer.from(asked.bytes.subarray(0, 8))).toEqual(connectionId)
    await reply(server, asked, announceReply(asked, ''))
    expect((await outcome).ok).toBe(true)
  })

  test('takes no answer from another address', async () => {
    const [server, forger] = [await UdpPeer.open(), await UdpPeer.open()]
    const outcome = trackerAt(server.address).announce(sampleAnnounce, never)
    const connect = await server.next()
    const forged = connectReply(connect)
    forged.fill(0xff, 8)
    await reply(forger, connect, forged)
    await reply(server, connect, connectReply(connect))
    const asked = await server.next()
    expect(Buffer.from(asked.bytes.subarray(0, 8))).toEqual(connectionId)
    await reply(server, asked, announceReply(asked, ''))
    expect((await outcome).ok).toBe(true)
  })

  test('keeps a connection for a minute', async () => {
    const clock = new MovingClock()
    const server = await UdpPeer.open()
    const tracker = trackerAt(server.address, clock)
    const first = tracker.announce(sampleAnnounce, never)
    const connect = await nextWhileMoving(server, clock)
    await reply(server, connect, connectReply(connect))
    const asked = await nextWhileMoving(server, clock)
    await reply(server, asked, announceReply(asked, ''))
    await first
    await clock.move(50_000)
    const second = tracker.announce(sampleAnnounce, never)
    const again = await nextWhileMoving(server, clock)
    expect(Buffer.from(again.bytes.subarray(0, 8))).toEqual(connectionId)
    await reply(server, again, announceReply(again, ''))
    await second
    await clock.move(10_000)
    const leaving = new AbortController()
    const third = tracker.announce(sampleAnnounce, leaving.signal)
    expect((await nextWhileMoving(server, clock)).bytes).toHaveLength(16)
    leaving.abort()
    await third
  })

  test('is asked again after 15 and 45 s and given up after 105 s', async () => {
    const clock = new MovingClock()
    const server = await UdpPeer.open()
    const outcome = trackerAt(server.address, clock).announce(sampleAnnounce, never)
    const first = await nextWhileMoving(server, clock)
    await clock.move(15_000)
    const second = await server.next()
    await clock.move(30_000)
    const third = await server.next()
    expect(second.bytes).toEqual(first.bytes)
    expect(third.bytes).toEqual(first.bytes)
    await clock.move(60_000)
    expect(await outcome).toEqual({ ok: false, fault: 'it gave no answer' })
    expect(clock.pendingCount).toBe(0)
  })

  test('that refuses is quoted, and connected to anew the next time', async () => {
    const server = await UdpPeer.open()
    const tracker = trackerAt(server.address)
    const outcome = tracker.announce(sampleAnnounce, never)
    await answerConnect(server)
    const asked = await server.next()
    const refusal = Buffer.concat([Buffer.alloc(8), Buffer.from('unregistered')])
    refusal.writeUInt32BE(3, 0)
    refusal.set(asked.bytes.subarray(12, 16), 4)
    await reply(server, asked, refusal)
    expect(await outcome).toEqual({ ok: false, fault: 'it says "unregistered"' })
    const leaving = new AbortController()
    const again = tracker.announce(sampleAnnounce, leaving.signal)
    expect((await server.next()).bytes).toHaveLength(16)
    leaving.abort()
    await again
  })

  test('where nothing listens is given up at once', async () => {
    const { port } = (await UdpPeer.open()).address
    const tracker = trackerAt({ host: '127.0.0.3', port })
    expect(await tracker.announce(sampleAnnounce, never)).toEqual({ ok: false, fault: 'nothing listens there' })
  })

  test('whose name is unknown is given up at once', async () => {
    const tracker = new TrackerUdp(new URL('udp://tracker.invalid:80'), systemClock, systemRandom)
    expect(await tracker.announce(sampleAnnounce, never)).toEqual({ ok: false, fault: 'its name was not found' })
  })

  test('that is silent does not hold up the end', async () => {
    const server = await UdpPeer.open()
    const leaving = new AbortController()
    const outcome = trackerAt(server.address).announce(sampleAnnounce, leaving.signal)
    await server.next()
    leaving.abort()
    expect(await outcome).toEqual({ ok: false, fault: 'we left before it answered' })
    expect(await trackerAt(server.address).announce(sampleAnnounce, AbortSignal.abort())).toMatchObject({ ok: false })
  })
})

function trackerAt({ host, port }: PeerAddress, clock = systemClock): TrackerUdp {
  return new TrackerUdp(new URL(`udp://${host.includes(':') ? `[${host}]` : host}:${port}/announce`), clock, systemRandom)
}

async function answerConnect(server: UdpPeer): Promise<void> {
  const connect = await server.next()
  expect(connect.bytes).toHaveLength(16)
  await reply(server, connect, connectReply(connect))
}

function connectReply({ bytes }: Received): Buffer {
  return Buffer.concat([Buffer.alloc(4), bytes.subarray(12, 16), connectionId])
}

function announceReply({ bytes }: Received, peers: string): Uint8Array {
  const head = Buffer.alloc(20)
  head.writeUInt32BE(1, 0)
  head.set(bytes.subarray(12, 16), 4)
  head.writeUInt32BE(900, 8)
  return Buffer.concat([head, Buffer.from(peers, 'hex')])
}

function reply(server: UdpPeer, { from }: Received, bytes: Uint8Array): Promise<void> {
  return server.send(bytes, { host: from.address, port: from.port })
}

/** The next datagram, when a timer of no length stands before it. */
async function nextWhileMoving(server: UdpPeer, clock: MovingClock): Promise<Received> {
  while (server.pendingCount === 0) {
    await clock.move(0)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return server.next()
}
