import { expect } from 'vitest'
import { isHostName } from '../../src/base/host-name.ts'
import { isZoneName } from '../../src/base/zone-name.ts'
import { decodeCopyMessage, encodeCopyMessage } from '../../src/wire/copy-message.ts'
import { MessageDecoder } from '../../src/wire/decoder.ts'
import { decodeExtensionHandshake, encodeExtensionHandshake } from '../../src/wire/extension-handshake.ts'
import { decodeHandshake, encodeHandshake } from '../../src/wire/handshake.ts'
import { decodeMetadataMessage, encodeMetadataMessage } from '../../src/wire/metadata-message.ts'
import { decodePartQuestion, decodePartSums, encodePartQuestion, encodePartSums } from '../../src/wire/part-message.ts'
import { decodePeerExchange, encodePeerExchange } from '../../src/wire/peer-exchange-message.ts'
import type { FuzzTarget } from '../fuzz/fuzz-target.ts'
import { extended, frame, introduction, piece, words } from './support/frames.ts'
import { Recorder } from './support/recorder.ts'

const PIECES = 20
const handshake = {
  extensions: { metadata: 1, peerExchange: 2, copy: 4, copyHeard: 5, parts: 6, partSums: 7 },
  client: 'distro',
  listenPort: 6_881,
  metadataSizeBytes: 20_000,
  zone: 'rack-7',
}
const exchange = {
  added: [
    { host: '192.0.2.1', port: 1, isSeed: true },
    { host: '2001:db8::1', port: 2, isSeed: false },
  ],
  dropped: [{ host: '192.0.2.2', port: 3 }],
}
const stream = Buffer.concat([
  introduction({ m: new Map([['ut_pex', 2]]), v: 'x', p: 1, metadata_size: 20_000 }),
  frame(5, [0xff, 0xff, 0xf0]),
  frame(1),
  frame(6, words(1, 0, 16_384)),
  piece(2, 16_384, new Uint8Array(300)),
  frame(4, words(3)),
  extended(1, 'd8:msg_typei0e5:piecei0ee'),
  frame(16, words(1, 0, 16_384)),
  frame(21, new Uint8Array(32), words(0, 0, 2, 1)),
  frame(22, new Uint8Array(32), words(0, 0, 2, 1), new Uint8Array(96)),
])

/** The decoders of this floor. */
export const fuzzTargets: readonly FuzzTarget[] = [
  {
    name: 'peer stream',
    seeds: [stream, Buffer.concat([frame(14), stream.subarray(40)]), Buffer.concat([frame(15), frame(17, words(4)), frame(9, [26, 225])])],
    decode(bytes): void {
      const recorder = new Recorder()
      recorder.place = () => 0
      const decoder = new MessageDecoder(recorder, { supportsFast: true, supportsExtensions: true })
      decoder.setTorrent(PIECES, new Uint8Array(16_384))
      const cut = bytes.length >> 1
      const chunk = Buffer.from(bytes)
      if (decoder.decode(chunk, 0, cut) === undefined) decoder.decode(chunk, cut, chunk.length)
      for (const [name, index] of recorder.calls) if (name === 'Have' || name === 'Request') expect(index).toBeLessThan(PIECES)
    },
  },
  {
    name: 'handshake',
    seeds: [encodeHandshake({ infoHash: new Uint8Array(20).fill(1), peerId: new Uint8Array(20).fill(2), supportsDht: true })],
    decode(bytes): void {
      const decoded = decodeHandshake(bytes)
      if (decoded.ok) expect(decoded.value.infoHash.length + decoded.value.peerId.length).toBe(40)
    },
  },
  {
    name: 'extended handshake',
    seeds: [encodeExtensionHandshake(handshake)],
    words: ['1:m', '1:p', '4:reqq', '13:metadata_size', '6:yourip', '11:distro_zone', 'i0e', 'i-1e', 'de'],
    decode(bytes): void {
      const decoded = decodeExtensionHandshake(bytes)
      if (decoded.ok) expect(decoded.value.client?.length ?? 0).toBeLessThanOrEqual(64)
      if (decoded.ok && decoded.value.zone !== undefined) expect(isZoneName(decoded.value.zone)).toBe(true)
    },
  },
  {
    name: 'metadata message',
    seeds: [
      encodeMetadataMessage({ kind: 'request', piece: 3 }),
      encodeMetadataMessage({ kind: 'data', piece: 0, totalBytes: 40, bytes: new Uint8Array(40) }),
    ],
    words: ['8:msg_type', '5:piece', '10:total_size', 'i0e', 'i1e', 'i2e'],
    decode(bytes): void {
      const decoded = decodeMetadataMessage(bytes)
      if (decoded.ok && decoded.value.kind === 'data') expect(decoded.value.bytes.length).toBeLessThanOrEqual(16_384)
    },
  },
  {
    name: 'message about a copy',
    seeds: [encodeCopyMessage({ hostId: new Uint8Array(16).fill(3), hostName: 'web-7' })],
    words: ['4:host', '4:name', '16:', '0:', 'i0e'],
    decode(bytes): void {
      const decoded = decodeCopyMessage(bytes)
      if (decoded.ok) expect(decoded.value.hostId).toHaveLength(16)
      if (decoded.ok && decoded.value.hostName !== undefined) expect(isHostName(decoded.value.hostName)).toBe(true)
    },
  },
  {
    name: 'message about parts',
    seeds: [
      encodePartQuestion({ piece: 3, blocks: [0, 1, 300] }),
      encodePartSums({ piece: 3, blocks: [0, 7], sums: new Uint8Array(256).fill(5) }),
    ],
    words: ['6:blocks', '5:piece', '4:sums', '2:', '4:', '0:', 'i-1e'],
    decode(bytes): void {
      for (const decode of [decodePartQuestion, decodePartSums]) {
        const decoded = decode(bytes, PIECES)
        if (!decoded.ok) continue
        expect(decoded.value.piece).toBeLessThan(PIECES)
        expect(decoded.value.blocks.length).toBeLessThanOrEqual(256)
      }
    },
  },
  {
    name: 'peer exchange',
    seeds: [encodePeerExchange(exchange)],
    words: ['5:added', '6:added6', '7:added.f', '7:dropped', '0:'],
    decode(bytes): void {
      const decoded = decodePeerExchange(bytes)
      if (decoded.ok) for (const { port } of decoded.value.added) expect(port).toBeGreaterThan(0)
    },
  },
]
