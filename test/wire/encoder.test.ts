import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MessageDecoder } from '../../src/wire/decoder.ts'
import { MessageEncoder } from '../../src/wire/encoder.ts'
import { MESSAGE_ID } from '../../src/wire/message-ids.ts'
import { frame, words } from './support/frames.ts'
import { type Call, Recorder } from './support/recorder.ts'

const word = fc.nat(399_999)
const length = fc.integer({ min: 1, max: 131_072 })

/** A way to write a message with the calls that its reader must hear. */
type Writing = readonly [write: (encoder: MessageEncoder) => void, heard: readonly Call[]]

function writing(write: (encoder: MessageEncoder) => void, ...heard: Call[]): Writing {
  return [write, heard]
}

const writings: fc.Arbitrary<Writing> = fc.oneof(
  fc.constant(writing((encoder) => encoder.keepAlive())),
  fc
    .constantFrom<[number, string]>([MESSAGE_ID.choke, 'Choke'], [MESSAGE_ID.unchoke, 'Unchoke'], [MESSAGE_ID.interested, 'Interested'])
    .map(([id, name]) => writing((encoder) => encoder.bare(id), [name])),
  fc
    .tuple(fc.constantFrom<[number, string]>([MESSAGE_ID.have, 'Have'], [MESSAGE_ID.allowedFast, 'AllowedFast']), word)
    .map(([[id, name], index]) => writing((encoder) => encoder.index(id, index), [name, index])),
  fc
    .tuple(
      fc.constantFrom<[number, string]>([MESSAGE_ID.request, 'Request'], [MESSAGE_ID.cancel, 'Cancel'], [MESSAGE_ID.reject, 'Reject']),
      word,
      fc.nat(0xffff_ffff),
      length,
    )
    .map(([[id, name], index, begin, bytes]) => writing((encoder) => encoder.block(id, index, begin, bytes), [name, index, begin, bytes])),
  fc.nat(65_535).map((port) => writing((encoder) => encoder.port(port), ['Port', port])),
)

test('what is written is what a decoder hears', () => {
  fc.assert(
    fc.property(fc.array(writings, { maxLength: 200 }), (sent) => {
      const encoder = new MessageEncoder()
      for (const [write] of sent) write(encoder)
      const recorder = new Recorder()
      const bytes = encoder.take()
      expect(new MessageDecoder(recorder, { supportsFast: true, supportsExtensions: true }).decode(bytes, 0, bytes.length)).toBeUndefined()
      expect(recorder.calls).toEqual(sent.flatMap(([, heard]) => heard))
    }),
  )
})

test('the bytes are those of the BEPs', () => {
  const encoder = new MessageEncoder()
  encoder.raw(Buffer.from('raw'))
  encoder.message(MESSAGE_ID.bitfield, Uint8Array.of(0xf0))
  encoder.extended(3, Uint8Array.of(1, 2))
  encoder.block(MESSAGE_ID.request, 1, 2, 3)
  encoder.keepAlive()
  expect(encoder.take()).toEqual(
    Buffer.concat([Buffer.from('raw'), frame(5, [0xf0]), frame(20, [3, 1, 2]), frame(6, words(1, 2, 3)), words(0)]),
  )
})

test('taking empties it, and an empty one gives no bytes', () => {
  const encoder = new MessageEncoder()
  expect(encoder.take().length).toBe(0)
  encoder.bare(MESSAGE_ID.choke)
  expect(encoder.gatheredBytes).toBe(5)
  expect(encoder.take()).toEqual(frame(0))
  expect(encoder.gatheredBytes).toBe(0)
})

test('bytes on their way are not touched by the messages that follow', () => {
  const encoder = new MessageEncoder()
  encoder.index(MESSAGE_ID.have, 1)
  const first = encoder.take()
  encoder.index(MESSAGE_ID.have, 2)
  const second = encoder.take()
  encoder.giveBack(first)
  encoder.index(MESSAGE_ID.have, 3)
  encoder.take()
  expect(second).toEqual(frame(4, words(2)))
})

test('memory that was given back serves again', () => {
  const encoder = new MessageEncoder()
  const seen = new Set<ArrayBufferLike>()
  for (let turn = 0; turn < 100; turn++) {
    encoder.index(MESSAGE_ID.have, turn)
    const bytes = encoder.take()
    seen.add(bytes.buffer)
    encoder.giveBack(bytes)
  }
  // Two, because the next messages gather while the last ones are on their way.
  expect(seen.size).toBe(2)
})

test('a buffer that grew large is not kept', () => {
  const encoder = new MessageEncoder()
  for (let turn = 0; turn < 20_000; turn++) encoder.index(MESSAGE_ID.have, turn)
  const large = encoder.take()
  expect(large.length).toBe(180_000)
  encoder.giveBack(large)
  encoder.bare(MESSAGE_ID.choke)
  expect(encoder.take().buffer.byteLength).toBeLessThan(1_024)
})
