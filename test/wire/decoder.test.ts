import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MessageDecoder } from '../../src/wire/decoder.ts'
import { MAX_UNKNOWN_MESSAGES } from '../../src/wire/wire-limits.ts'
import { extended, frame, introduction, piece, prefix, words } from './support/frames.ts'
import { type Call, Recorder } from './support/recorder.ts'

const pieceCount = 20
const fast = { supportsFast: true, supportsExtensions: true }

interface Heard {
  readonly calls: readonly Call[]
  readonly fault: string | undefined
}

/** What a decoder that knows a torrent of 20 pieces makes of `bytes`, in chunks that end at `cuts`. */
function hear(bytes: Uint8Array, cuts: readonly number[] = [], peer = fast, knowsTorrent = true): Heard {
  const recorder = new Recorder()
  const decoder = new MessageDecoder(recorder, peer)
  if (knowsTorrent) decoder.setTorrent(pieceCount, new Uint8Array(0))
  return { fault: feed(decoder, bytes, cuts), calls: recorder.calls }
}

/** Feeds chunks out of one receive buffer that is overwritten after each, as the real one is. */
function feed(decoder: MessageDecoder, bytes: Uint8Array, cuts: readonly number[]): string | undefined {
  const shared = Buffer.alloc(bytes.length)
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((left, right) => left - right)
  let start = 0
  for (const end of [...ends, bytes.length]) {
    shared.set(bytes.subarray(start, end))
    const fault = decoder.decode(shared, 0, end - start)
    if (fault !== undefined) return fault
    shared.fill(0xee)
    start = end
  }
  return undefined
}

const index = fc.nat(pieceCount - 1)
const word = fc.nat(0xffff_ffff)
const length = fc.integer({ min: 1, max: 131_072 })
const root = fc.uint8Array({ minLength: 32, maxLength: 32 })
const blockMessage = (id: number, name: string): fc.Arbitrary<Sent> =>
  fc.tuple(index, word, length).map(([at, begin, bytes]) => sent(frame(id, words(at, begin, bytes)), [name, at, begin, bytes]))
const bareMessage = (id: number, name: string): fc.Arbitrary<Sent> => fc.constant(sent(frame(id), [name]))
const indexMessage = (id: number, name: string): fc.Arbitrary<Sent> => index.map((at) => sent(frame(id, words(at)), [name, at]))

/** A message with the calls that it must lead to. */
type Sent = readonly [bytes: Buffer, calls: readonly Call[]]

function sent(bytes: Buffer, ...calls: Call[]): Sent {
  return [bytes, calls]
}

/** Any good message. */
const messages: fc.Arbitrary<Sent> = fc.oneof(
  fc.constant(sent(prefix(0))),
  bareMessage(0, 'Choke'),
  bareMessage(1, 'Unchoke'),
  bareMessage(2, 'Interested'),
  bareMessage(3, 'NotInterested'),
  indexMessage(4, 'Have'),
  indexMessage(13, 'Suggest'),
  indexMessage(17, 'AllowedFast'),
  blockMessage(6, 'Request'),
  blockMessage(8, 'Cancel'),
  blockMessage(16, 'Reject'),
  fc.nat(65_535).map((port) => sent(frame(9, [port >> 8, port & 255]), ['Port', port])),
  fc
    .tuple(index, word, fc.uint8Array({ minLength: 1, maxLength: 100 }))
    .map(([at, begin, bytes]) =>
      sent(piece(at, begin, bytes), ['BlockStart', at, begin, bytes.length], ['BlockEnd', at, begin, bytes.length]),
    ),
  index.map((at) => sent(extended(3, words(at)), ['DontHave', at])),
  fc.nat(600).map((at) => sent(extended(1, `d8:msg_typei0e5:piecei${at}ee`), ['Metadata', { kind: 'request', piece: at }])),
  fc.constant(sent(extended(2, 'de'), ['PeerExchange', { added: [], dropped: [] }])),
  fc
    .tuple(fc.constantFrom([21, 'request'] as const, [23, 'reject'] as const), root, word, word, word, word)
    .map(([[id, kind], bytes, baseLayer, at, count, proofLayers]) =>
      sent(frame(id, bytes, words(baseLayer, at, count, proofLayers)), [
        'HashMessage',
        { kind, request: { root: bytes, baseLayer, index: at, length: count, proofLayers } },
      ]),
    ),
  fc.tuple(root, fc.nat(3), fc.nat(4), fc.nat(32)).map(([bytes, levels, baseLayer, proofLayers]) => {
    const count = 2 ** levels
    const hashes = new Uint8Array((count + Math.max(0, proofLayers - levels + 1)) * 32).fill(levels + 1)
    const request = { root: bytes, baseLayer, index: 3 * count, length: count, proofLayers }
    return sent(frame(22, bytes, words(baseLayer, 3 * count, count, proofLayers), hashes), [
      'HashMessage',
      { kind: 'hashes', request, hashes },
    ])
  }),
  fc.tuple(fc.integer({ min: 24, max: 255 }), fc.uint8Array({ maxLength: 50 })).map(([id, bytes]) => sent(frame(id, bytes))),
  fc.uint8Array({ maxLength: 50 }).map((bytes) => sent(extended(200, bytes))),
)

test('every message is heard once and in order, however the stream is cut', () => {
  fc.assert(
    fc.property(fc.array(messages, { maxLength: 30 }), fc.array(fc.nat(), { maxLength: 40 }), (stream, cuts) => {
      const bytes = Buffer.concat([introduction(), frame(14), ...stream.map(([bytes]) => bytes)])
      const expected = [['ExtensionHandshake', { extensions: {} }], ['HaveAll'], ...stream.flatMap(([, calls]) => calls)]
      expect(hear(bytes, cuts)).toEqual({ fault: undefined, calls: expected })
    }),
    { numRuns: 300 },
  )
})

test('a stream that comes byte by byte is heard as one that comes at once', () => {
  const field = Buffer.from([0xff, 0x0f, 0xf0])
  const stream = Buffer.concat([
    introduction({ v: 'x' }),
    frame(5, field),
    frame(1),
    piece(3, 16_384, Buffer.from('hello')),
    frame(6, words(0, 0, 1)),
    frame(77, Buffer.alloc(40)),
    extended(2, 'de'),
  ])
  const cuts = Array.from(stream.keys())
  expect(hear(stream, cuts)).toEqual(hear(stream))
  expect(hear(stream).calls.length).toBe(7)
})

test('the bytes of a block go to their place and nowhere else, however they are cut', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 16_384 }),
      fc.nat(100),
      fc.array(fc.nat(), { maxLength: 8 }),
      fc.boolean(),
      (payload, destination, cuts, isShared) => {
        const size = destination + payload.length + 7
        // Memory that starts in the middle of its buffer, as a view of a larger one does.
        const memory = new Uint8Array(isShared ? new SharedArrayBuffer(size + 3) : new ArrayBuffer(size + 3), 3)
        const recorder = new Recorder()
        recorder.place = () => destination
        const decoder = new MessageDecoder(recorder, fast)
        decoder.setTorrent(pieceCount, memory)
        expect(feed(decoder, Buffer.concat([frame(1), piece(1, 0, payload), frame(0)]), cuts)).toBeUndefined()
        const expected = Buffer.alloc(size)
        expected.set(payload, destination)
        expect(Buffer.compare(Buffer.from(memory), expected)).toBe(0)
        expect(recorder.calls.map(([name]) => name)).toEqual(['Unchoke', 'BlockStart', 'BlockEnd', 'Choke'])
      },
    ),
    { numRuns: 100 },
  )
})

describe('a block is thrown away and still announced when', () => {
  const payload = Buffer.alloc(16_384, 7)

  function decodeBlock(place: number, bytes: Buffer, setUp: (decoder: MessageDecoder, memory: Uint8Array) => void): [Recorder, Uint8Array] {
    const memory = new Uint8Array(new SharedArrayBuffer(200_000))
    const recorder = new Recorder()
    recorder.place = () => place
    const decoder = new MessageDecoder(recorder, fast)
    setUp(decoder, memory)
    expect(decoder.decode(bytes, 0, bytes.length)).toBeUndefined()
    return [recorder, memory]
  }

  test.each<[string, number, Buffer]>([
    ['the handler does not want it', -1, payload],
    ['it would not fit into the memory', 200_000 - 16_383, payload],
    ['it is longer than a block can be that we ask for', 0, Buffer.alloc(16_385, 7)],
    ['it has the longest length of all', 0, Buffer.alloc(131_072, 7)],
  ])('%s', (_title, place, bytes) => {
    const [recorder, memory] = decodeBlock(place, piece(2, 0, bytes), (decoder, memory) => decoder.setTorrent(pieceCount, memory))
    expect(recorder.calls).toEqual([
      ['BlockStart', 2, 0, bytes.length],
      ['BlockEnd', 2, 0, bytes.length],
    ])
    expect(memory.every((byte) => byte === 0)).toBe(true)
  })

  test('the torrent is not known yet', () => {
    const [recorder] = decodeBlock(0, piece(2, 0, payload), () => {})
    expect(recorder.named('BlockEnd')).toEqual([['BlockEnd', 2, 0, 16_384]])
  })

  test('the torrent changes under way', () => {
    const other = new Uint8Array(new SharedArrayBuffer(200_000))
    const [, memory] = decodeBlock(0, piece(2, 0, payload).subarray(0, 100), (decoder, memory) => {
      decoder.setTorrent(pieceCount, memory)
    })
    expect(memory[86]).toBe(7)
    const recorder = new Recorder()
    recorder.place = () => 0
    const decoder = new MessageDecoder(recorder, fast)
    decoder.setTorrent(pieceCount, memory.fill(0))
    const bytes = piece(2, 0, payload)
    decoder.decode(bytes, 0, 13)
    decoder.setTorrent(pieceCount, other)
    decoder.decode(bytes, 13, bytes.length)
    expect([...other, ...memory].every((byte) => byte === 0)).toBe(true)
  })
})

describe('a link ends when', () => {
  const field = Buffer.from([0xff, 0xff, 0xf0])
  test.each<[string, Buffer, RegExp]>([
    ['a length prefix is 2^31 - 1 (D1)', prefix(2 ** 31 - 1), /2147483647 bytes/],
    ['a length prefix is 2^32 - 1 (D1)', prefix(2 ** 32 - 1), /4294967295 bytes/],
    ['a length prefix is one more than the longest message (D1)', prefix(131_082), /131082 bytes/],
    ['a bitfield has 50 MB (D2)', Buffer.concat([prefix(50_000_001), Buffer.from([5])]), /50000001 bytes/],
    ['a bitfield is short (D2)', frame(5, [0, 0]), /bitfield of 2 bytes instead of 3/],
    ['a bitfield is long (D2)', frame(5, [0, 0, 0, 0]), /bitfield of 4 bytes instead of 3/],
    ['a bitfield is empty (D2)', frame(5), /bitfield of 0 bytes/],
    ['a bitfield has spare bits set (D2)', frame(5, [0, 0, 1]), /beyond the last piece/],
    ['bitfields come without end (D2)', Buffer.concat(Array.from({ length: 4_098 }, () => frame(5, field))), /more than 4096 bitfields/],
    ['have-all follows a bitfield', Buffer.concat([frame(5, field), frame(14)]), /have-all that is not the first/],
    ['have-none follows have-all', Buffer.concat([frame(14), frame(15)]), /have-none that is not the first/],
    ['a have names the piece behind the last (D3)', frame(4, words(20)), /piece 20 of 20/],
    ['a have names piece 0xffffffff (D3)', frame(4, words(0xffff_ffff)), /piece 4294967295/],
    ['a have has one byte (D4)', frame(4, [0]), /message 4 with 2 bytes instead of 5/],
    ['a have has eight bytes', frame(4, words(0, 0)), /message 4/],
    ['a request has five bytes (D4)', frame(6, [0, 0, 0, 0, 0]), /message 6 with 6 bytes instead of 13/],
    ['a cancel has no payload (D4)', frame(8), /message 8/],
    ['a choke has a payload', frame(0, [0]), /message 0/],
    ['a port has one byte', frame(9, [1]), /message 9/],
    ['a reject is cut short', frame(16, words(0, 0)), /message 16/],
    ['have-all has a payload', frame(14, [1]), /message 14/],
    ['a piece message has no block', frame(7, words(0, 0)), /piece message of 9 bytes/],
    ['a piece message has half a header (D4)', frame(7, words(0)), /piece message of 5 bytes/],
    ['a request names a piece that is not there (D5)', frame(6, words(20, 0, 16_384)), /piece 20 of 20/],
    ['a request asks for nothing (D5)', frame(6, words(0, 0, 0)), /block of 0 bytes/],
    ['a request asks for 128 KiB and a byte (D5)', frame(6, words(0, 0, 131_073)), /block of 131073 bytes/],
    ['a block belongs to a piece that is not there (D7)', piece(20, 0, Buffer.alloc(5)), /piece 20 of 20/],
    ['a suggest names a piece that is not there', frame(13, words(21)), /piece 21/],
    ['an extended message has no id', frame(20), /without its id/],
    ['metadata comes before the extended handshake (C3)', extended(1, 'd8:msg_typei0e5:piecei0ee'), /before the extended handshake/],
    ['the extended handshake is empty (C3)', extended(0, ''), /bad extended handshake/],
    ['a metadata message is empty (C3)', Buffer.concat([introduction(), extended(1, '')]), /bad metadata message/],
    ['metadata_size is -1 (C1)', introduction({ metadata_size: -1 }), /metadata_size/],
    ['metadata_size is a string (C1)', introduction({ metadata_size: '9' }), /metadata_size/],
    ['metadata_size is 10,000,001 (C1)', introduction({ metadata_size: 10_000_001 }), /metadata_size/],
    ['an extended handshake is l-3: (C4)', extended(0, 'l-3:'), /bad extended handshake/],
    ['a metadata message is l-3: (C4)', Buffer.concat([introduction(), extended(1, 'l-3:')]), /bad metadata message/],
    ['a peer exchange message is l-3: (C4)', Buffer.concat([introduction(), extended(2, 'l-3:')]), /bad peer exchange/],
    ["a don't-have has three bytes", Buffer.concat([introduction(), extended(3, 'abc')]), /don't-have message of 3/],
    ["a don't-have names no piece", Buffer.concat([introduction(), extended(3, words(20))]), /don't-have for piece 20/],
    ["a don't-have is long", Buffer.concat([introduction(), extended(3, 'abcde')]), /extended message of 5 bytes/],
    ['a hash request is short', frame(21, new Uint8Array(47)), /message 21 with 47 bytes/],
    ['a hash request is long', frame(21, new Uint8Array(49)), /message 21 with 49 bytes/],
    ['a hash reject brings hashes', frame(23, new Uint8Array(80)), /message 23 with 80 bytes/],
    ['hashes are none', frame(22, new Uint8Array(48)), /message 22 with 48 bytes/],
    ['a hash is cut short', frame(22, new Uint8Array(79)), /message 22 with 79 bytes/],
    ['hashes are of length 0', hashes(0, 0, 1), /0 hashes from one layer/],
    ['hashes are three', hashes(3, 0, 3), /3 hashes from one layer/],
    ['hashes are said to be 2^31', hashes(2 ** 31, 0, 2), /2147483648 hashes/],
    ['hashes are said to be 16384', hashes(16_384, 0, 2), /16384 hashes/],
    ['hashes are fewer than said', hashes(4, 0, 3), /3 hashes instead of 4/],
    ['hashes are more than said', hashes(4, 2, 6), /6 hashes instead of 5/],
    ['hashes have more proof layers than a tree has', hashes(2, 33, 35), /33 proof layers/],
    ['hashes are said to have 2^32 - 1 proof layers', hashes(2, 2 ** 32 - 1, 3), /4294967295 proof layers/],
    ['an extended handshake is above 16 KiB', extended(0, Buffer.alloc(16_385)), /16385 bytes/],
    ['a metadata message is above a piece and its dictionary', extended(1, Buffer.alloc(17_000)), /17000 bytes/],
    ['a peer exchange message has 1,500 entries (D15)', extended(2, Buffer.alloc(9_000)), /9000 bytes/],
    ['an extended handshake names 1,000 extensions (D17)', introduction({ m: manyExtensions(1_000) }), /bytes|entries/],
  ])('%s', (_title, bytes, reason) => {
    const whole = hear(bytes)
    expect(whole.fault).toMatch(reason)
    expect(hear(bytes, Array.from(bytes.subarray(0, 2_000).keys())).fault).toBe(whole.fault)
  })

  test.each([13, 14, 15, 16, 17])('message %i of the fast extension comes from a peer without it', (id) => {
    const payload = id === 16 ? words(0, 0, 1) : id === 14 || id === 15 ? [] : words(0)
    expect(hear(frame(id, payload), [], { ...fast, supportsFast: false }).fault).toMatch(/did not offer/)
    expect(hear(frame(id, payload)).fault).toBeUndefined()
  })

  test('messages of unknown kinds go on for ever (D17)', () => {
    const strange = [frame(99, Buffer.alloc(10)), extended(99, 'whatever')]
    const flood = (count: number): Buffer => Buffer.concat(Array.from({ length: count }, (_, turn) => strange[turn % 2] as Buffer))
    expect(hear(flood(MAX_UNKNOWN_MESSAGES)).fault).toBeUndefined()
    expect(hear(flood(MAX_UNKNOWN_MESSAGES + 1)).fault).toMatch(/unknown kinds/)
  })

  test('it is told once, at the prefix, before any of the bytes that were announced', () => {
    const recorder = new Recorder()
    const decoder = new MessageDecoder(recorder, fast)
    expect(decoder.decode(prefix(2 ** 32 - 1), 0, 4)).toMatch(/4294967295/)
  })
})

/** A message with `count` hashes that says that they are `length` of a layer and the proof of so many more. */
function hashes(length: number, proofLayers: number, count: number): Buffer {
  return frame(22, new Uint8Array(32), words(0, 0, length, proofLayers), new Uint8Array(count * 32))
}

function manyExtensions(count: number): Map<string, number> {
  return new Map(Array.from({ length: count }, (_, at) => [`extension${at}`, at % 256]))
}

describe('a bitfield', () => {
  const field = Buffer.from([0x80, 0x00, 0x10])

  test('may follow what peers in use send before it', () => {
    const before = [prefix(0), introduction(), frame(9, [26, 225]), frame(0), frame(2), frame(200, [1, 2, 3])]
    expect(hear(Buffer.concat([...before, frame(5, field)]))).toMatchObject({ fault: undefined })
  })

  test('is bounded by the largest torrent while ours is not known', () => {
    const ofBytes = (bytes: number): Heard => hear(frame(5, Buffer.alloc(bytes)), [7], fast, false)
    expect(ofBytes(50_000).fault).toBeUndefined()
    expect(ofBytes(50_000).calls).toEqual([['Bitfield', new Uint8Array(50_000)]])
    expect(ofBytes(50_001).fault).toMatch(/bitfield of 50001 bytes/)
    expect(ofBytes(0).fault).toMatch(/bitfield of 0 bytes/)
  })

  test('of a whole number of bytes has no spare bits to check', () => {
    const recorder = new Recorder()
    const decoder = new MessageDecoder(recorder, fast)
    decoder.setTorrent(8, new Uint8Array(0))
    const bytes = frame(5, [0xff])
    expect(decoder.decode(bytes, 0, bytes.length)).toBeUndefined()
  })
})

test('piece indexes are bounded by the largest torrent while ours is not known', () => {
  expect(hear(frame(4, words(399_999)), [], fast, false)).toEqual({ fault: undefined, calls: [['Have', 399_999]] })
  expect(hear(frame(4, words(400_000)), [], fast, false).fault).toMatch(/piece 400000/)
})

test('extended messages of a peer that did not offer them are skipped', () => {
  const bytes = Buffer.concat([extended(0, 'l-3:'), frame(1)])
  expect(hear(bytes, [], { supportsFast: true, supportsExtensions: false })).toEqual({ fault: undefined, calls: [['Unchoke']] })
})

test('nothing more is heard once the decoder is stopped, in the middle of a chunk', () => {
  const recorder = new Recorder()
  const decoder = new MessageDecoder(recorder, fast)
  recorder.onCall = ([name]) => {
    if (name === 'Unchoke') decoder.stop()
  }
  const bytes = Buffer.concat([frame(0), frame(1), frame(2), prefix(2 ** 31)])
  expect(decoder.decode(bytes, 0, bytes.length)).toBeUndefined()
  expect(recorder.calls).toEqual([['Choke'], ['Unchoke']])
  expect(decoder.decode(bytes, 0, bytes.length)).toBeUndefined()
  expect(recorder.calls.length).toBe(2)
})

test('only the bytes between start and end are looked at', () => {
  const recorder = new Recorder()
  const decoder = new MessageDecoder(recorder, fast)
  const bytes = Buffer.concat([Buffer.alloc(9, 0xff), frame(1), Buffer.alloc(30, 0xff)])
  expect(decoder.decode(bytes, 9, 14)).toBeUndefined()
  expect(recorder.calls).toEqual([['Unchoke']])
})

test('random bytes never make the decoder throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.array(fc.nat(), { maxLength: 5 }), (bytes, cuts) => {
      hear(bytes, cuts)
      // Behind a plausible prefix they get further in.
      hear(Buffer.concat([words(bytes.length), bytes]), cuts)
      hear(Buffer.concat([introduction(), words(bytes.length + 2), Buffer.from([20, bytes.length % 4]), bytes]), cuts)
    }),
    { numRuns: 1_000 },
  )
})

test('good streams with some bytes changed never make the decoder throw', () => {
  const change = fc.tuple(fc.nat(), fc.nat(255))
  fc.assert(
    fc.property(fc.array(messages, { maxLength: 10 }), fc.array(change, { maxLength: 5 }), (stream, changes) => {
      const bytes = Buffer.concat([introduction(), ...stream.map(([bytes]) => bytes)])
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte
      hear(bytes, [bytes.length >> 1])
    }),
    { numRuns: 1_000 },
  )
})

test('a stream of skipped and thrown-away bytes leaves no memory behind', () => {
  const recorder = new Recorder()
  const decoder = new MessageDecoder(recorder, fast)
  decoder.setTorrent(pieceCount, new Uint8Array(0))
  const chunk = Buffer.alloc(1 << 16)
  const before = process.memoryUsage().arrayBuffers
  for (let turn = 0; turn < 256; turn++) {
    const head = Buffer.concat([words(9 + 131_072), Buffer.from([7]), words(1, 0)])
    expect(decoder.decode(head, 0, head.length)).toBeUndefined()
    for (let left = 131_072; left > 0; left -= chunk.length) expect(decoder.decode(chunk, 0, Math.min(left, chunk.length))).toBeUndefined()
    recorder.calls.length = 0
  }
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 << 20)
})
