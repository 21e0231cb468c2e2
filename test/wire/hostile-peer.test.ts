import { expect, test } from 'vitest'
import type { PeerLink } from '../../src/wire/link.ts'
import { extended, frame, introduction, piece, prefix, words } from './support/frames.ts'
import { Host, RawPeer } from './support/loopback.ts'
import { Recorder } from './support/recorder.ts'

/**
 * Cases over real sockets: a host with a link to a hostile peer and one to an honest peer. Whatever the hostile one does, its own
 * link ends with a reason, and the honest one is served before and after.
 */
interface Stage extends AsyncDisposable {
  readonly hostile: RawPeer
  readonly hostileLink: PeerLink
  readonly atHostileLink: Recorder
  /** Sends a have to the honest peer and waits until it is there. */
  serveHonestPeer(): Promise<void>
}

async function stage(): Promise<Stage> {
  const [host, honest] = await Promise.all([Host.start('a'), Host.start('b')])
  const comingHonest = host.nextLink()
  const outcome = await honest.dial(host.port)
  const honestLink = await comingHonest
  honestLink.attach(new Recorder())
  const atHonest = new Recorder()
  if ('link' in outcome) outcome.link.attach(atHonest)
  const comingHostile = host.nextLink()
  const hostile = await RawPeer.connect(host.port)
  hostile.send(RawPeer.handshake())
  const hostileLink = await comingHostile
  const atHostileLink = new Recorder()
  hostileLink.attach(atHostileLink)
  hostileLink.setTorrent(20, new Uint8Array(new SharedArrayBuffer(1 << 16)))
  let served = 0
  return {
    hostile,
    hostileLink,
    atHostileLink,
    serveHonestPeer: async () => {
      honestLink.have(served++)
      await atHonest.until(() => atHonest.named('Have').length === served)
    },
    [Symbol.asyncDispose]: async () => {
      await hostile[Symbol.asyncDispose]()
      await host.transport.close()
      await honest.transport.close()
    },
  }
}

const thousandExtensions = new Map(Array.from({ length: 1_000 }, (_, index) => [`x${index}`, index % 256]))

test.each<[string, Buffer]>([
  ['C1: metadata_size is 2^31', introduction({ metadata_size: 2 ** 31 })],
  ['C3: metadata comes before the extended handshake', extended(1, 'd8:msg_typei0e5:piecei0ee')],
  ['C3: a metadata piece is -1', Buffer.concat([introduction(), extended(1, 'd8:msg_typei0e5:piecei-1ee')])],
  ['C3: a metadata piece is 99999', Buffer.concat([introduction(), extended(1, 'd8:msg_typei0e5:piecei99999ee')])],
  ['C3: a metadata message has no msg_type', Buffer.concat([introduction(), extended(1, 'd5:piecei0ee')])],
  ['C3: a metadata message is empty', Buffer.concat([introduction(), extended(1, '')])],
  ['C3: total_size lies', Buffer.concat([introduction(), extended(1, 'd8:msg_typei1e5:piecei0e10:total_sizei9eexxx')])],
  ['C4: an extended handshake is l-3:', extended(0, 'l-3:')],
  ['D1: a length prefix is 2^31 - 1', prefix(2 ** 31 - 1)],
  ['D1: a length prefix is 2^32 - 1', prefix(2 ** 32 - 1)],
  ['D2: a bitfield of 50 MB starts', Buffer.concat([prefix(50_000_001), Buffer.from([5]), Buffer.alloc(100_000)])],
  ['D2: a bitfield is short', frame(5, [0])],
  ['D2: a bitfield has spare bits set', frame(5, [0, 0, 0x0f])],
  ['D2: bitfields come without end', Buffer.concat(Array.from({ length: 4_098 }, () => frame(5, [0, 0, 0])))],
  ['D3: a have names piece 0xffffffff', frame(4, words(0xffff_ffff))],
  ['D4: a have has one byte', frame(4, [1])],
  ['D4: a request has five bytes', frame(6, [1, 2, 3, 4, 5])],
  ['D5: a request asks for nothing', frame(6, words(0, 0, 0))],
  ['D5: a request asks for 128 KiB and a byte', frame(6, words(0, 0, 131_073))],
  ['D5: a request names a piece that is not there', frame(6, words(20, 0, 1))],
  ['a hash request is cut short', frame(21, new Uint8Array(40))],
  ['a hash reject brings hashes', frame(23, new Uint8Array(48), new Uint8Array(64))],
  ['hashes of 100 MB start', Buffer.concat([prefix(100_000_049), Buffer.from([22]), Buffer.alloc(100_000)])],
  ['hashes say that they are 2^31', frame(22, new Uint8Array(32), words(0, 0, 2 ** 31, 0), new Uint8Array(64))],
  ['hashes say that they are three', frame(22, new Uint8Array(32), words(0, 0, 3, 0), new Uint8Array(96))],
  ['hashes are fewer than they say', frame(22, new Uint8Array(32), words(0, 0, 512, 4), new Uint8Array(64))],
  ['D15: a peer exchange has 200,000 entries', Buffer.concat([prefix(1_200_020), Buffer.from([20, 2]), Buffer.alloc(200_000)])],
  ['D17: m has 1,000 extensions', introduction({ m: thousandExtensions })],
  ['D17: an id is no integer', introduction({ m: new Map([['ut_pex', 'one']]) })],
  ['D17: unknown extended messages never stop', Buffer.concat(Array.from({ length: 600 }, () => extended(77, 'noise')))],
])('%s: its link ends and the honest peer is served', async (_title, bytes) => {
  await using on = await stage()
  await on.serveHonestPeer()
  on.hostile.send(bytes)
  expect(await on.atHostileLink.closed()).toMatch(/^the peer broke the protocol: /)
  await on.hostile.ended()
  await on.serveHonestPeer()
  expect(on.atHostileLink.named('Close').length).toBe(1)
})

test('D7: blocks that nobody asked for are thrown away, whatever their length', async () => {
  await using on = await stage()
  on.hostile.send(Buffer.concat([piece(1, 5, Buffer.alloc(16_384)), piece(2, 0, Buffer.alloc(131_072)), frame(1)]))
  await on.atHostileLink.until(() => on.atHostileLink.named('Unchoke').length === 1)
  expect(on.atHostileLink.named('BlockEnd')).toEqual([
    ['BlockEnd', 1, 5, 16_384],
    ['BlockEnd', 2, 0, 131_072],
  ])
  await on.serveHonestPeer()
})

test('T3: a stream of the longest blocks leaves the memory as it was', async () => {
  await using on = await stage()
  const block = piece(1, 0, Buffer.alloc(131_072))
  const before = process.memoryUsage().arrayBuffers
  const count = 400
  for (let sent = 0; sent < count; sent++) {
    on.hostile.send(block)
    await on.atHostileLink.until(() => on.atHostileLink.named('BlockEnd').length === sent + 1)
  }
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20 << 20)
  await on.serveHonestPeer()
})

test('D6: a link that is paused makes a flood of requests wait in the network', async () => {
  await using on = await stage()
  on.hostileLink.pauseReading()
  const requests = Buffer.concat(Array.from({ length: 300_000 }, () => frame(6, words(0, 0, 16_384))))
  on.hostile.send(requests)
  await on.serveHonestPeer()
  expect(on.atHostileLink.named('Request').length).toBeLessThan(100_000)
  on.hostileLink.close('too many requests')
  await on.hostile.ended()
  await on.serveHonestPeer()
})
