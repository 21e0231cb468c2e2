import { expect, test } from 'vitest'
import { encodeCopyMessage } from '../../src/wire/copy-message.ts'
import { encodeExtensionHandshake } from '../../src/wire/extension-handshake.ts'
import { EXTENSION_HANDSHAKE_ID, maxExtendedBytes, OWN_EXTENSION_IDS, receiveExtended } from '../../src/wire/extension-protocol.ts'
import { encodeMetadataMessage } from '../../src/wire/metadata-message.ts'
import { encodePartQuestion, encodePartSums } from '../../src/wire/part-message.ts'
import { encodePeerExchange } from '../../src/wire/peer-exchange-message.ts'
import { words } from './support/frames.ts'
import { Recorder } from './support/recorder.ts'

const { metadata, peerExchange, dontHave, copy, copyHeard, parts, partSums } = OWN_EXTENSION_IDS

test('our ids are different numbers that a peer may use', () => {
  const ids = Object.values(OWN_EXTENSION_IDS)
  expect(new Set([EXTENSION_HANDSHAKE_ID, ...ids]).size).toBe(ids.length + 1)
  expect(ids.every((id) => id > 0 && id < 256)).toBe(true)
})

test('what the protocol allows fits into its limit', () => {
  const peers = Array.from({ length: 50 }, (_, index) => [
    { host: `10.0.0.${index}`, port: 6881, isSeed: true },
    { host: `2001:db8::${(index + 1).toString(16)}`, port: 6881, isSeed: false },
  ]).flat()
  const fullPiece = { kind: 'data', piece: 610 - 1, totalBytes: 10_000_000, bytes: new Uint8Array(16_384) } as const
  expect(encodePeerExchange({ added: peers, dropped: peers }).length).toBeLessThanOrEqual(maxExtendedBytes(peerExchange) as number)
  expect(encodeMetadataMessage(fullPiece).length).toBeLessThanOrEqual(maxExtendedBytes(metadata) as number)
  expect(maxExtendedBytes(dontHave)).toBe(4)
})

test('an id that we did not hand out has no limit, because it has no meaning', () => {
  for (const id of [8, 99, 255]) expect(maxExtendedBytes(id)).toBeUndefined()
  const recorder = new Recorder()
  expect(receiveExtended(99, Buffer.from('whatever'), 10, recorder)).toBeUndefined()
  expect(recorder.calls).toEqual([])
})

test('each message reaches its own call', () => {
  const recorder = new Recorder()
  const hostId = new Uint8Array(16).fill(7)
  const receive = (id: number, payload: Uint8Array): void => expect(receiveExtended(id, payload, 10, recorder)).toBeUndefined()
  receive(EXTENSION_HANDSHAKE_ID, encodeExtensionHandshake({ extensions: { metadata: 7 } }))
  receive(metadata, encodeMetadataMessage({ kind: 'reject', piece: 1 }))
  receive(peerExchange, encodePeerExchange({ added: [], dropped: [{ host: '10.0.0.1', port: 5 }] }))
  receive(dontHave, words(9))
  receive(copy, encodeCopyMessage({ hostId, hostName: 'web-7' }))
  receive(copyHeard, encodeCopyMessage({ hostId }))
  receive(parts, encodePartQuestion({ piece: 9, blocks: [1, 3] }))
  receive(partSums, encodePartSums({ piece: 9, blocks: [1, 3] }))
  expect(recorder.calls).toEqual([
    ['ExtensionHandshake', { extensions: { metadata: 7 } }],
    ['Metadata', { kind: 'reject', piece: 1 }],
    ['PeerExchange', { added: [], dropped: [{ host: '10.0.0.1', port: 5 }] }],
    ['DontHave', 9],
    ['Copy', { hostId, hostName: 'web-7' }],
    ['CopyHeard', { hostId }],
    ['PartQuestion', { piece: 9, blocks: [1, 3] }],
    ['PartSums', { piece: 9, blocks: [1, 3] }],
  ])
})

test('a metadata message of a kind that nobody knows is passed over in silence', () => {
  const recorder = new Recorder()
  expect(receiveExtended(metadata, Buffer.from('d8:msg_typei3ee'), 0, recorder)).toBeUndefined()
  expect(recorder.calls).toEqual([])
})

test.each([
  ['an extended handshake', EXTENSION_HANDSHAKE_ID, 'le', 'a bad extended handshake: not a dictionary'],
  ['a metadata message', metadata, 'de', 'a bad metadata message: no msg_type'],
  ['a peer exchange message', peerExchange, 'd5:addedi1ee', 'a bad peer exchange message: added is not a string'],
  ['a message about a copy', copy, 'de', 'a bad message about a copy: host is not 16 bytes'],
  ['an answer about a copy', copyHeard, 'le', 'a bad answer about a copy: not a dictionary'],
  ['a question for parts', parts, 'd6:blocks2:AB5:piecei10ee', 'a bad question for parts: piece is not 0 to 9'],
  ['an answer to it', partSums, 'de', 'bad sums of parts: piece is not 0 to 9'],
  ["a don't-have", dontHave, 'ab', "a don't-have message of 2 bytes instead of 4"],
])('the fault of %s says where it was', (_title, id, text, fault) => {
  const recorder = new Recorder()
  expect(receiveExtended(id, Buffer.from(text), 10, recorder)).toBe(fault)
  expect(recorder.calls).toEqual([])
})

test("a don't-have is checked against the pieces there are, or could be", () => {
  const recorder = new Recorder()
  expect(receiveExtended(dontHave, words(10), 10, recorder)).toBe("a don't-have for piece 10 of 10")
  expect(receiveExtended(dontHave, words(399_999), 0, recorder)).toBeUndefined()
  expect(receiveExtended(dontHave, words(400_000), 0, recorder)).toBe("a don't-have for piece 400000 of 400000")
})
