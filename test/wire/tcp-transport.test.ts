import { once } from 'node:events'
import { createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { describe, expect, test } from 'vitest'
import { DistroError } from '../../src/base/errors.ts'
import { systemClock } from '../../src/base/system-clock.ts'
import type { DialOutcome, PeerLink } from '../../src/wire/link.ts'
import { TcpTransport } from '../../src/wire/tcp-transport.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { Host, infoHash, linkedPair, own, RawPeer } from './support/loopback.ts'
import { plainServer } from './support/plain-server.ts'
import { Recorder } from './support/recorder.ts'

const hasIpv6 = Object.values(networkInterfaces()).some((addresses) => addresses?.some((address) => address.address === '::1'))

describe('two hosts', () => {
  test('know each other after the handshakes', async () => {
    await using pair = await linkedPair()
    expect(pair.dialled.direction).toBe('outgoing')
    expect(pair.accepted.direction).toBe('incoming')
    expect(pair.dialled.peer).toEqual({ ...own('b'), supportsFast: true, supportsExtensions: true, supportsV2: false })
    expect(pair.accepted.peer).toEqual({ ...own('a'), supportsFast: true, supportsExtensions: true, supportsV2: false })
    expect(pair.accepted.address.host).toBe('127.0.0.1')
  })

  test.runIf(hasIpv6)('meet over IPv6', async () => {
    await using one = await Host.start('a')
    await using other = await Host.start('b', { host: '::1' })
    const [link, outcome] = await Promise.all([other.nextLink(), one.dial(other.port, own('a'), '::1')])
    expect('link' in outcome).toBe(true)
    expect(link.address.host).toBe('::1')
  })

  test('meet over IPv4 at a listener of both families, and IPv4 addresses look like IPv4', async () => {
    await using one = await Host.start('a')
    await using other = await Host.start('b', { host: undefined })
    const [link, outcome] = await Promise.all([other.nextLink(), one.dial(other.port)])
    expect('link' in outcome).toBe(true)
    expect(link.address.host).toBe('127.0.0.1')
  })
})

describe('dialling', () => {
  test('fails where nobody listens', async () => {
    await using host = await Host.start('a')
    const { port } = await closedPort()
    expect(await host.dial(port)).toEqual({ failure: 'the connection was refused', spokeBitTorrent: false })
  })

  test('never calls back before it returns, nor once it is cancelled', async () => {
    await using host = await Host.start('a')
    const { port } = await closedPort()
    let calls = 0
    const dials = Array.from({ length: 5 }, () => host.transport.dial({ host: '127.0.0.1', port }, own('a'), () => calls++))
    expect(calls).toBe(0)
    for (const dial of dials.slice(1)) dial.cancel()
    await host.dial(port)
    await host.transport.close()
    expect(calls).toBe(1)
  })

  test('that is cancelled leaves a link alone that it led to', async () => {
    await using one = await Host.start('a')
    await using other = await Host.start('b')
    const accepted = other.nextLink()
    let dial: { cancel(): void } | undefined
    const link = await new Promise<PeerLink>((resolve) => {
      dial = one.transport.dial({ host: '127.0.0.1', port: other.port }, own('a'), (outcome) => {
        if ('link' in outcome) resolve(outcome.link)
      })
    })
    dial?.cancel()
    const recorder = new Recorder()
    ;(await accepted).attach(recorder)
    link.have(3)
    await recorder.until(() => recorder.named('Have').length === 1)
  })

  test('gives up when a machine has not answered for 8 s', async () => {
    const clock = new ManualClock()
    await using other = await Host.start('b')
    await using transport = new TcpTransport({ clock })
    const outcomes: DialOutcome[] = []
    transport.dial({ host: '127.0.0.1', port: other.port }, own('a'), (outcome) => outcomes.push(outcome))
    // No turn of the event loop passes, so that the answer cannot be noticed.
    clock.advance(7_999)
    expect(outcomes).toEqual([])
    clock.advance(1)
    expect(outcomes).toEqual([{ failure: 'no answer within 8 s', spokeBitTorrent: false }])
    expect(clock.pendingCount).toBe(0)
    await transport.close()
    expect(outcomes.length).toBe(1)
  })

  test('gives up 10 s after a peer that says nothing has connected', async () => {
    const clock = new ManualClock()
    let isConnected = false
    await using server = await plainServer((socket) =>
      socket.once('data', () => {
        isConnected = true
      }),
    )
    await using transport = new TcpTransport({ clock })
    const outcome = new Promise((resolve) => transport.dial({ host: '127.0.0.1', port: server.port }, own('a'), resolve))
    await until(() => isConnected)
    clock.advance(10_000)
    expect(await outcome).toEqual({ failure: 'no handshake within 10 s', spokeBitTorrent: false })
    expect(clock.pendingCount).toBe(0)
  })

  test.each<[string, () => Buffer, DialOutcome]>([
    [
      'another protocol',
      () => Buffer.from('HTTP/1.1 400 Bad Request\r\n'),
      { failure: 'the peer does not speak BitTorrent', spokeBitTorrent: false },
    ],
    [
      'another torrent',
      () => Buffer.from(RawPeer.handshake().fill(0x77, 28, 48)),
      { failure: 'the peer wants another torrent', spokeBitTorrent: true, isTurnedAway: true },
    ],
    ['our own peer id', () => RawPeer.handshake('a'), { failure: 'connected to itself', spokeBitTorrent: true, isSelf: true }],
  ])('fails when the answer is %s (D12)', async (_title, answer, outcome) => {
    await using server = await plainServer((socket) => socket.write(answer()))
    await using host = await Host.start('a')
    expect(await host.dial(server.port)).toEqual(outcome)
  })

  test('fails when the peer hangs up in the middle of its handshake', async () => {
    await using server = await plainServer((socket) => socket.end(RawPeer.handshake().subarray(0, 40)))
    await using host = await Host.start('a')
    expect(await host.dial(server.port)).toMatchObject({ failure: 'the peer closed the connection' })
  })

  test('ourselves is noticed at both ends', async () => {
    await using host = await Host.start('a')
    expect(await host.dial(host.port)).toMatchObject({ failure: expect.stringMatching(/itself|closed|reset/) })
    expect(host.links).toEqual([])
  })

  test('starts from the address that we are bound to', async () => {
    await using other = await Host.start('b')
    await using transport = new TcpTransport({ clock: systemClock, localAddress: '127.0.0.9' })
    const coming = other.nextLink()
    transport.dial({ host: '127.0.0.1', port: other.port }, own('a'), () => {})
    expect((await coming).address.host).toBe('127.0.0.9')
    const outcome = await new Promise((resolve) => transport.dial({ host: '::1', port: other.port }, own('a'), resolve))
    expect(outcome).toEqual({ failure: '127.0.0.9 cannot reach an IPv6 address', spokeBitTorrent: false })
  })
})

/** A port of loopback on which nobody listens any more. */
async function closedPort(): Promise<{ port: number }> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return { port }
}

describe('listening', () => {
  test('on a port in use fails with a hint', async () => {
    await using host = await Host.start('a')
    await using transport = new TcpTransport({ clock: systemClock })
    const error = await transport
      .listen({ host: '127.0.0.1', port: host.port, accepts: () => undefined, onLink: () => {} })
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(DistroError)
    expect(error).toMatchObject({ code: 'LISTEN_FAILED', message: expect.stringContaining(`port ${host.port} of 127.0.0.1`) })
    expect((error as DistroError).hint).toMatch(/another port/)
  })

  test('on an address that is not ours fails with a hint', async () => {
    await using transport = new TcpTransport({ clock: systemClock })
    const listening = transport.listen({ host: '192.0.2.7', port: 0, accepts: () => undefined, onLink: () => {} })
    await expect(listening).rejects.toMatchObject({ code: 'LISTEN_FAILED', hint: expect.stringMatching(/address of this machine/) })
  })

  test('on port 0 finds a free one, and gives it back when closed while links live on', async () => {
    await using one = await Host.start('a')
    await using transport = new TcpTransport({ clock: systemClock })
    const links: PeerLink[] = []
    const bound = await transport.listen({ host: '127.0.0.1', port: 0, accepts: () => own('b'), onLink: (link) => links.push(link) })
    expect(bound.port).toBeGreaterThan(0)
    expect(bound.address).toBe('127.0.0.1')
    const outcome = await one.dial(bound.port)
    const [link] = links as [PeerLink]
    bound.close()
    const again = await transport.listen({ host: '127.0.0.1', port: bound.port, accepts: () => undefined, onLink: () => {} })
    expect(again.port).toBe(bound.port)
    const recorder = new Recorder()
    link.attach(recorder)
    if ('link' in outcome) outcome.link.have(1)
    await recorder.until(() => recorder.named('Have').length === 1)
  })
})

/** What this process has open, as Node calls it. */
function tcpHandles(): string[] {
  return process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP'))
}

describe('a transport that is closed', () => {
  test('has ended its links and lets go of every socket', async () => {
    const [one, other] = await Promise.all([Host.start('a'), Host.start('b')])
    const [accepted] = await Promise.all([other.nextLink(), one.dial(other.port)])
    const recorder = new Recorder()
    accepted.attach(recorder)
    await using silent = await RawPeer.connect(other.port)
    await other.transport.close()
    expect(recorder.calls).toEqual([['Close', 'we are shutting down']])
    await silent.ended()
    await one.transport.close()
    // A handle leaves this list some turns after its port is free.
    await until(() => tcpHandles().length === 0)
  })

  test('dials no more', async () => {
    const host = await Host.start('a')
    await host.transport.close()
    expect(await host.dial(1)).toEqual({ failure: 'we are shutting down', spokeBitTorrent: false })
    const dial = host.transport.dial({ host: '127.0.0.1', port: 1 }, own('a'), () => expect.unreachable())
    dial.cancel()
    await host.transport.close()
  })
})

describe('an incoming connection', () => {
  test.each<[string, Buffer]>([
    ['speaks another protocol (D12)', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['starts an encrypted handshake (D16)', Buffer.alloc(96, 0xa5)],
    ['asks for a torrent that we do not serve (D12)', Buffer.from(RawPeer.handshake().fill(0x77, 28, 48))],
  ])('is closed when it %s', async (_title, bytes) => {
    await using host = await Host.start('a')
    await using peer = await RawPeer.connect(host.port)
    peer.send(bytes)
    await peer.ended()
    expect(peer.received.length).toBe(0)
    expect(host.links).toEqual([])
  })

  test('is told our peer id before it is closed when it has the same one, so that the dialling side knows itself (D12)', async () => {
    await using host = await Host.start('a')
    await using peer = await RawPeer.connect(host.port)
    peer.send(RawPeer.handshake('a'))
    await peer.ended()
    expect(peer.received.length).toBe(68)
    expect(host.links).toEqual([])
  })

  test('is closed at its first wrong byte', async () => {
    await using host = await Host.start('a')
    await using peer = await RawPeer.connect(host.port)
    peer.send(Buffer.from('\x13Bix'))
    await peer.ended()
  })

  test('is welcome with all reserved bits set, or with the claim to speak v2 (D12)', async () => {
    await using host = await Host.start('a')
    for (const [letter, reserved] of Object.entries({ r: 'ffffffffffffffff', s: '0000000000000010' })) {
      const coming = host.nextLink()
      const bytes = RawPeer.handshake(letter)
      bytes.set(Buffer.from(reserved, 'hex'), 20)
      await using peer = await RawPeer.connect(host.port)
      peer.send(bytes)
      expect((await coming).peer.supportsFast).toBe(letter === 'r')
    }
  })

  test('that drips one byte a second is closed 10 s after it came (D12)', async () => {
    const clock = new ManualClock()
    await using host = await Host.start('a', {}, clock)
    await using peer = await RawPeer.connect(host.port)
    await until(() => clock.pendingCount === 1)
    const handshake = RawPeer.handshake()
    for (let second = 0; second < 10; second++) {
      peer.send(handshake.subarray(second, second + 1))
      expect(peer.socket.destroyed).toBe(false)
      clock.advance(1_000)
    }
    await peer.ended()
    expect(clock.pendingCount).toBe(0)
    expect(host.links).toEqual([])
  })

  test('may bring its handshake in 68 pieces', async () => {
    await using host = await Host.start('a')
    const coming = host.nextLink()
    await using peer = await RawPeer.connect(host.port)
    for (const byte of RawPeer.handshake()) {
      peer.send(Uint8Array.of(byte))
      await new Promise(setImmediate)
    }
    expect((await coming).peer.peerId).toEqual(own('r').peerId)
  })
})

/** Resolves once `isThere` holds, looking again after each turn of the event loop. */
async function until(isThere: () => boolean): Promise<void> {
  while (!isThere()) await new Promise(setImmediate)
}

describe('a crowd at the door', () => {
  test('of 300 silent connections keeps at most as many as allowed, and an honest peer gets in (D13)', async () => {
    await using host = await Host.start('a', { maxWithoutHandshake: 20 })
    const silent = await Promise.all(Array.from({ length: 300 }, () => RawPeer.connect(host.port)))
    const coming = host.nextLink()
    await using honest = await Host.start('b')
    const [link, outcome] = await Promise.all([coming, honest.dial(host.port)])
    expect('link' in outcome).toBe(true)
    expect(link.peer.peerId).toEqual(own('b').peerId)
    await until(() => silent.filter((peer) => !peer.socket.destroyed).length <= 20)
    for (const peer of silent) await peer[Symbol.asyncDispose]()
  })

  test('that shakes hands from one address gets as many links as the address may have (D13, D14)', async () => {
    await using host = await Host.start('a', { maxPerAddress: 70 })
    const peers: RawPeer[] = []
    for (let count = 0; count < 100; count++) {
      const peer = await RawPeer.connect(host.port)
      peer.send(RawPeer.handshake())
      peers.push(peer)
    }
    await until(() => host.links.length === 70 && peers.filter((peer) => !peer.socket.destroyed).length === 70)
    // A place is free again once a link has ended.
    host.links[0]?.close('make room')
    await until(() => peers.filter((peer) => !peer.socket.destroyed).length === 69)
    const coming = host.nextLink()
    const late = await RawPeer.connect(host.port)
    late.send(RawPeer.handshake())
    await coming
    for (const peer of [...peers, late]) await peer[Symbol.asyncDispose]()
  })
})

test('the info-hash that is asked for reaches the caller', async () => {
  const asked: Uint8Array[] = []
  await using host = await Host.start('a', {
    accepts: (hash) => {
      asked.push(hash)
      return own('a')
    },
  })
  const coming = host.nextLink()
  await using peer = await RawPeer.connect(host.port)
  peer.send(RawPeer.handshake())
  await coming
  expect(asked).toEqual([infoHash])
})
