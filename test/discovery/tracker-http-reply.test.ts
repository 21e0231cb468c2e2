import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeTrackerHttpReply } from '../../src/discovery/tracker-http-reply.ts'
import { type Bencodable, encodeBencode } from '../../src/torrent/bencode.ts'
import { compactPeer, dictionary, type Fields } from './support/krpc-sample.ts'

describe('the answer of an HTTP tracker', () => {
  test('has compact peers of both protocols', () => {
    const read = decode({
      interval: 1_800,
      'min interval': 900,
      peers: Uint8Array.of(...compactPeer('10.0.0.1', 6_881), ...compactPeer('10.0.0.2', 80)),
      peers6: Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x1a, 0xe1),
      'tracker id': 'mark',
    })
    expect(read).toEqual({
      ok: true,
      value: {
        peers: [
          { host: '10.0.0.1', port: 6_881 },
          { host: '10.0.0.2', port: 80 },
          { host: '2001:db8::1', port: 6_881 },
        ],
        intervalMs: 1_800_000,
        minIntervalMs: 900_000,
        warning: undefined,
        trackerId: new Uint8Array(Buffer.from('mark')),
      },
    })
  })

  test('has peers as dictionaries, of which names and impossible ports are left out', () => {
    const peers = [
      peer('10.0.0.1', 6_881),
      peer('2001:0db8:0::1', 1),
      peer('name.example', 1),
      peer('10.0.0.2', 0),
      peer('10.0.0.2', 65_536),
      peer('10.0.0.2', 'x'),
      peer(7, 7),
      'a string',
      new Map(),
    ]
    expect(decode({ peers })).toMatchObject({
      ok: true,
      value: {
        peers: [
          { host: '10.0.0.1', port: 6_881 },
          { host: '2001:db8::1', port: 1 },
        ],
      },
    })
  })

  test('is read with its keys in any order', () => {
    expect(decodeTrackerHttpReply(Buffer.from('d5:peers0:8:intervali60ee'))).toMatchObject({ ok: true, value: { intervalMs: 60_000 } })
  })

  test('has no more than 200 peers', () => {
    const many = Array.from({ length: 500 }, (_, index) => compactPeer('10.0.0.1', index + 1))
    expect(peersIn({ peers: Buffer.concat(many) })).toBe(200)
    expect(peersIn({ peers: many.map((_, index) => peer('10.0.0.1', index + 1)) })).toBe(200)
    expect(peersIn({ peers: Buffer.concat(many), peers6: new Uint8Array(18 * 100).fill(1) })).toBe(200)
  })

  test('is a failure with the words of the tracker, made printable', () => {
    const reason = 'no \u001b[31mred\u0007 \u202egnals\n'
    expect(decode({ 'failure reason': reason })).toEqual({ ok: false, fault: 'it says "no [31mred gnals"' })
    expect(decode({ 'failure reason': 'x'.repeat(5_000) })).toEqual({ ok: false, fault: `it says "${'x'.repeat(200)}"` })
  })

  test('may carry a warning', () => {
    expect(decode({ 'warning message': 'slow down' })).toMatchObject({ ok: true, value: { warning: 'slow down', peers: [] } })
  })

  test.each([
    [undefined, 1_800_000],
    [0, 1_800_000],
    [-5, 1_800_000],
    [1, 60_000],
    [600, 600_000],
    [1_000_000, 7_200_000],
  ])('with the interval %s is asked again after %s ms', (interval, intervalMs) => {
    expect(decode({ interval })).toMatchObject({ ok: true, value: { intervalMs } })
  })

  test.each([
    ['HTML', Buffer.from('<html>not here</html>')],
    ['nothing', new Uint8Array()],
    ['a list', encodeBencode([1])],
    ['peers of 5 bytes', encodeBencode(dictionary({ peers: new Uint8Array(5) }))],
    ['peers that are a number', encodeBencode(dictionary({ peers: 5 }))],
    ['peers6 that are a list', encodeBencode(dictionary({ peers6: [] }))],
    ['a key twice', Buffer.from('d5:peers0:5:peers0:e')],
    ['more than 1 MiB', encodeBencode(dictionary({ peers: new Uint8Array(6 * 200_000) }))],
    ['deep nesting', Buffer.from(`d1:x${'l'.repeat(50)}${'e'.repeat(50)}e`)],
  ])('is refused if it is or has %s', (_, bytes) => {
    expect(decodeTrackerHttpReply(bytes).ok).toBe(false)
  })

  test('never throws, whatever it is', () => {
    const sound = encodeBencode(
      dictionary({ interval: 1, peers: compactPeer('10.0.0.1', 1), peers6: new Uint8Array(18), 'tracker id': 'x' }),
    )
    const mutated = fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 4 }).map((changes) => {
      const bytes = Uint8Array.from(sound)
      for (const [place, value] of changes) bytes[place % bytes.length] = value
      return bytes
    })
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array()), (bytes) => {
        const read = decodeTrackerHttpReply(bytes)
        if (read.ok) expect(read.value.peers.every(({ port }) => port > 0 && port <= 65_535)).toBe(true)
      }),
      { numRuns: 1_000 },
    )
  })
})

function decode(fields: Fields): ReturnType<typeof decodeTrackerHttpReply> {
  return decodeTrackerHttpReply(encodeBencode(dictionary(fields)))
}

function peersIn(fields: Fields): number | undefined {
  const read = decode(fields)
  return read.ok ? read.value.peers.length : undefined
}

function peer(ip: Bencodable, port: Bencodable): Bencodable {
  return dictionary({ ip, port })
}
