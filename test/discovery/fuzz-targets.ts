import { expect } from 'vitest'
import { decodeCompactPeers } from '../../src/discovery/compact-peers.ts'
import { checkKrpc } from '../../src/discovery/krpc-guard.ts'
import { decodeLsdMessage, encodeLsdMessage } from '../../src/discovery/lsd-message.ts'
import { decodeTrackerHttpReply } from '../../src/discovery/tracker-http-reply.ts'
import { decodeUdpAnnounceReply, decodeUdpConnection } from '../../src/discovery/tracker-udp-packet.ts'
import { type Bencodable, encodeBencode } from '../../src/torrent/bencode.ts'
import type { FuzzTarget } from '../fuzz/fuzz-target.ts'

const id = new Uint8Array(20).fill(0x61)
const dictionary = (fields: Record<string, Bencodable>): ReadonlyMap<string, Bencodable> => new Map(Object.entries(fields))
const query = (q: string, a: Record<string, Bencodable>) => encodeBencode(dictionary({ a: dictionary({ id, ...a }), q, t: 'aa', y: 'q' }))
const reply = (r: Record<string, Bencodable>) => encodeBencode(dictionary({ r: dictionary({ id, ...r }), t: 'aa', y: 'r' }))
const udpReply = Buffer.concat([
  Buffer.from([0, 0, 0, 1, 1, 2, 3, 4, 0, 0, 7, 8, 0, 0, 0, 1, 0, 0, 0, 2]),
  Buffer.from([10, 0, 0, 1, 26, 225]),
])

/** The decoders of this floor. */
export const fuzzTargets: readonly FuzzTarget[] = [
  {
    name: 'DHT datagram',
    seeds: [
      query('ping', {}),
      query('get_peers', { info_hash: id }),
      query('announce_peer', { implied_port: 0, info_hash: id, port: 6_881, token: 'tok' }),
      reply({ nodes: new Uint8Array(52).fill(7), token: 'tok', values: [new Uint8Array(6).fill(9)] }),
    ],
    words: ['1:a', '1:q', '1:r', '1:t', '1:y', '2:id', '4:port', '5:token', '5:nodes', '6:values', 'i0e', 'le', 'de'],
    decode(bytes): void {
      const checked = checkKrpc(bytes)
      if (!checked.ok) return
      expect(checked.value.idStart + 20).toBeLessThanOrEqual(bytes.length)
      expect((checked.value.nodesEnd - checked.value.nodesStart) % 26).toBe(0)
    },
  },
  {
    name: 'LSD datagram',
    seeds: [encodeLsdMessage('239.192.152.143:6771', 6_881, [id], 'cookie')],
    words: ['Infohash: ', 'Port: ', 'Host: ', 'cookie: ', '\r\n', 'BT-SEARCH * HTTP/1.1\r\n'],
    decode(bytes): void {
      const decoded = decodeLsdMessage(bytes)
      if (decoded.ok) for (const infoHash of decoded.value.infoHashes) expect(infoHash).toMatch(/^[0-9a-f]{40}$/)
    },
  },
  {
    name: 'compact peers',
    seeds: [new Uint8Array(12).fill(3), new Uint8Array(36).fill(3)],
    decode(bytes): void {
      for (const addressBytes of [4, 16] as const) {
        const decoded = decodeCompactPeers(bytes, addressBytes, 50)
        if (decoded.ok) expect(decoded.value.length).toBeLessThanOrEqual(50)
      }
    },
  },
  {
    name: 'HTTP tracker reply',
    seeds: [
      encodeBencode(dictionary({ complete: 1, interval: 1_800, peers: new Uint8Array(12).fill(5), peers6: new Uint8Array(18).fill(5) })),
      encodeBencode(dictionary({ interval: 60, peers: [dictionary({ ip: '192.0.2.1', 'peer id': id, port: 6_881 })] })),
      encodeBencode(dictionary({ 'failure reason': 'no', 'warning message': 'x' })),
    ],
    words: ['5:peers', '8:interval', '12:min interval', '14:failure reason', 'i0e', 'i-1e'],
    decode(bytes): void {
      const decoded = decodeTrackerHttpReply(bytes)
      if (decoded.ok) expect(decoded.value.intervalMs).toBeGreaterThanOrEqual(60_000)
    },
  },
  {
    name: 'UDP tracker reply',
    seeds: [udpReply, Buffer.from([0, 0, 0, 0, 1, 2, 3, 4, 9, 9, 9, 9, 9, 9, 9, 9])],
    decode(bytes): void {
      const connection = decodeUdpConnection(bytes)
      if (connection.ok) expect(connection.value.length).toBe(8)
      for (const addressBytes of [4, 16] as const) {
        const decoded = decodeUdpAnnounceReply(bytes, addressBytes)
        if (decoded.ok) expect(decoded.value.peers.length).toBeLessThanOrEqual(200)
      }
    },
  },
]
