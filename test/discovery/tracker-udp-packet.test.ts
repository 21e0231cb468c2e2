import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  decodeUdpAnnounceReply,
  decodeUdpConnection,
  encodeUdpAnnounce,
  encodeUdpConnect,
  udpTransactionId,
} from '../../src/discovery/tracker-udp-packet.ts'
import { sampleAnnounce } from './support/sample-announce.ts'

describe('the packets of a UDP tracker', () => {
  test('ask for a connection as BEP 15 lays it out', () => {
    expect(Buffer.from(encodeUdpConnect(0x01020304)).toString('hex')).toBe('00000417271019800000000001020304')
  })

  test('announce as BEP 15 lays it out, with the path of BEP 41 behind', () => {
    const packet = Buffer.from(encodeUdpAnnounce(sampleAnnounce, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), 0xa0b0c0d0, '/announce'))
    expect(packet.subarray(0, 16).toString('hex')).toBe('010203040506070800000001a0b0c0d0')
    expect(packet.subarray(16, 36)).toEqual(Buffer.from(sampleAnnounce.infoHash))
    expect(packet.subarray(36, 56)).toEqual(Buffer.from(sampleAnnounce.peerId))
    expect([56, 64, 72].map((start) => packet.readBigUInt64BE(start))).toEqual([2n, 3_000_000_000n, 1n])
    expect([80, 84, 88, 92].map((start) => packet.readUInt32BE(start))).toEqual([2, 0, 0xfedcba98, 80])
    expect(packet.readUInt16BE(96)).toBe(6_881)
    expect(packet.subarray(98).toString('latin1')).toBe('\u0002\u0009/announce')
  })

  test.each([
    ['completed', 1],
    ['started', 2],
    ['stopped', 3],
    [undefined, 0],
  ] as const)('write the event %s as %s', (event, number) => {
    const packet = Buffer.from(encodeUdpAnnounce({ ...sampleAnnounce, event }, new Uint8Array(8), 1, ''))
    expect(packet.readUInt32BE(80)).toBe(number)
    expect(packet).toHaveLength(98)
  })

  test('split a long path', () => {
    const packet = Buffer.from(encodeUdpAnnounce(sampleAnnounce, new Uint8Array(8), 1, 'x'.repeat(300)))
    expect([packet[98], packet[99], packet[355], packet[356]]).toEqual([2, 255, 2, 45])
    expect(packet).toHaveLength(98 + 300 + 4)
  })

  test('carry peers of 6 bytes over IPv4 and of 18 over IPv6', () => {
    const head = Buffer.from('0000000100000001000007080000000000000000', 'hex')
    const ipv4 = Buffer.concat([head, Buffer.from('0a0000011ae1', 'hex')])
    expect(decodeUdpAnnounceReply(ipv4, 4)).toEqual({
      ok: true,
      value: { peers: [{ host: '10.0.0.1', port: 6_881 }], intervalMs: 1_800_000, minIntervalMs: undefined, warning: undefined },
    })
    const ipv6 = Buffer.concat([head, Buffer.from('20010db8000000000000000000000001', 'hex'), Buffer.from('1ae1', 'hex')])
    expect(decodeUdpAnnounceReply(ipv6, 16)).toMatchObject({ ok: true, value: { peers: [{ host: '2001:db8::1', port: 6_881 }] } })
    expect(decodeUdpAnnounceReply(ipv6, 4).ok).toBe(true)
    expect(decodeUdpAnnounceReply(ipv4, 16).ok).toBe(false)
  })

  test('quote an error', () => {
    const error = Buffer.concat([Buffer.from('0000000300000001', 'hex'), Buffer.from('not \u0007 here')])
    expect(decodeUdpConnection(error)).toEqual({ ok: false, fault: 'it says "not here"' })
    expect(decodeUdpAnnounceReply(error, 4)).toEqual({ ok: false, fault: 'it says "not here"' })
  })

  test.each([0, 4, 7, 8, 15, 19])('of %s bytes are too short', (length) => {
    const bytes = Buffer.alloc(length)
    if (length >= 8) bytes.writeUInt32BE(1, 0)
    expect(decodeUdpAnnounceReply(bytes, 4)).toMatchObject({ ok: false })
    expect(udpTransactionId(bytes)).toBe(length < 8 ? undefined : 0)
  })

  test('of the wrong kind are refused', () => {
    expect(decodeUdpConnection(Buffer.from('00000001000000010000000000000000', 'hex'))).toEqual({
      ok: false,
      fault: 'it answers something that was not asked',
    })
  })

  test('never throw, whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(3), (bytes, action) => {
        if (bytes.length >= 4) bytes.set([0, 0, 0, action])
        for (const read of [decodeUdpConnection(bytes), decodeUdpAnnounceReply(bytes, 4), decodeUdpAnnounceReply(bytes, 16)]) {
          expect(typeof read.ok).toBe('boolean')
        }
      }),
    )
  })
})
