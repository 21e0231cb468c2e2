import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { BATCH_BLOCKS, BlockBatch } from '../../src/wire/block-batch.ts'
import { OWN_EXTENSION_IDS } from '../../src/wire/extension-protocol.ts'
import { frame, words } from './support/frames.ts'
import { linkedPair, own, RawPeer, rawPair } from './support/loopback.ts'
import { Recorder } from './support/recorder.ts'

const blockBytes = 16_384

/** A full batch of blocks, each of one repeated byte. */
function batchOf(piece: number): BlockBatch {
  const batch = new BlockBatch()
  for (let block = 0; block < BATCH_BLOCKS; block++) {
    batch.add(piece, block * blockBytes, blockBytes)
    batch.bodies[block]?.fill(piece * 16 + block + 1)
  }
  return batch
}

test('every message of one side is the call of the other, in order', async () => {
  await using pair = await linkedPair()
  const { dialled, atAccepted } = pair
  const hostId = new Uint8Array(16).fill(7)
  dialled.keepAlive()
  dialled.extensionHandshake({ extensions: OWN_EXTENSION_IDS, client: 'distro test', metadataSizeBytes: 5 })
  dialled.bitfield(Uint8Array.of(0xf0))
  dialled.choke()
  dialled.unchoke()
  dialled.interested()
  dialled.notInterested()
  dialled.have(1)
  dialled.request(2, 0, blockBytes)
  dialled.cancel(2, 0, blockBytes)
  dialled.reject(2, 0, blockBytes)
  dialled.allowedFast(3)
  dialled.port(6881)
  dialled.metadata(OWN_EXTENSION_IDS.metadata, { kind: 'data', piece: 0, totalBytes: 5, bytes: Buffer.from('hello') })
  dialled.peerExchange(OWN_EXTENSION_IDS.peerExchange, { added: [{ host: '10.0.0.1', port: 1, isSeed: true }], dropped: [] })
  dialled.dontHave(OWN_EXTENSION_IDS.dontHave, 300_000)
  dialled.copy(OWN_EXTENSION_IDS.copy, { hostId, hostName: 'web-7' })
  dialled.copyHeard(OWN_EXTENSION_IDS.copyHeard, { hostId })
  const sums = new Uint8Array(128).fill(6)
  dialled.partQuestion(OWN_EXTENSION_IDS.parts, { piece: 300_000, blocks: [0, 4_095] })
  dialled.partSums(OWN_EXTENSION_IDS.partSums, { piece: 300_000, blocks: [0], sums })
  const request = { root: new Uint8Array(32).fill(9), baseLayer: 4, index: 512, length: 4, proofLayers: 3 }
  const hashes = new Uint8Array(6 * 32).fill(8)
  dialled.hashMessage({ kind: 'request', request })
  dialled.hashMessage({ kind: 'hashes', request, hashes })
  dialled.hashMessage({ kind: 'reject', request })
  await atAccepted.until(() => atAccepted.named('HashMessage').length === 3)
  expect(atAccepted.calls).toEqual([
    ['ExtensionHandshake', { extensions: OWN_EXTENSION_IDS, client: 'distro test', metadataSizeBytes: 5 }],
    ['Bitfield', Uint8Array.of(0xf0)],
    ['Choke'],
    ['Unchoke'],
    ['Interested'],
    ['NotInterested'],
    ['Have', 1],
    ['Request', 2, 0, blockBytes],
    ['Cancel', 2, 0, blockBytes],
    ['Reject', 2, 0, blockBytes],
    ['AllowedFast', 3],
    ['Port', 6881],
    ['Metadata', { kind: 'data', piece: 0, totalBytes: 5, bytes: new Uint8Array(Buffer.from('hello')) }],
    ['PeerExchange', { added: [{ host: '10.0.0.1', port: 1, isSeed: true }], dropped: [] }],
    ['DontHave', 300_000],
    ['Copy', { hostId, hostName: 'web-7' }],
    ['CopyHeard', { hostId }],
    ['PartQuestion', { piece: 300_000, blocks: [0, 4_095] }],
    ['PartSums', { piece: 300_000, blocks: [0], sums }],
    ['HashMessage', { kind: 'request', request }],
    ['HashMessage', { kind: 'hashes', request, hashes }],
    ['HashMessage', { kind: 'reject', request }],
  ])
})

test('have-all and have-none cross the wire', async () => {
  await using pair = await linkedPair()
  pair.dialled.haveAll()
  pair.accepted.haveNone()
  await pair.atAccepted.until(() => pair.atAccepted.named('HaveAll').length === 1)
  await pair.atDialled.until(() => pair.atDialled.named('HaveNone').length === 1)
})

test('the messages of a turn leave in one piece, and all bytes are counted on both sides', async () => {
  await using pair = await linkedPair()
  for (let block = 0; block < 100; block++) pair.dialled.request(0, block * blockBytes, blockBytes)
  expect(pair.dialled.queuedBytes).toBe(1_700)
  await pair.atAccepted.until(() => pair.atAccepted.named('Request').length === 100)
  await pair.atDialled.until(() => pair.atDialled.sentBytes > 0)
  expect(pair.dialled.queuedBytes).toBe(0)
  await pair.atAccepted.until(() => pair.atAccepted.receivedBytes === 1_700)
})

test('blocks arrive in shared memory behind the messages that were sent before them', async () => {
  await using pair = await linkedPair()
  const memory = new Uint8Array(new SharedArrayBuffer(4 * BATCH_BLOCKS * blockBytes))
  pair.accepted.setTorrent(4, memory)
  pair.atAccepted.place = (piece, begin) => piece * BATCH_BLOCKS * blockBytes + begin
  const settled: number[] = []
  for (let piece = 0; piece < 4; piece++) {
    pair.dialled.have(piece)
    pair.dialled.sendBlocks(batchOf(piece), () => settled.push(piece))
  }
  pair.dialled.choke()
  await pair.atAccepted.until(() => pair.atAccepted.named('Choke').length === 1)
  const order = pair.atAccepted.calls.filter(([name]) => name !== 'BlockEnd')
  expect(order.map(([name, piece]) => `${name} ${piece}`)).toEqual([
    ...[0, 1, 2, 3].flatMap((piece) => [`Have ${piece}`, ...Array<string>(BATCH_BLOCKS).fill(`BlockStart ${piece}`)]),
    'Choke undefined',
  ])
  const firstBytes = Array.from({ length: 64 }, (_, block) => memory[block * blockBytes])
  const lastBytes = Array.from({ length: 64 }, (_, block) => memory[(block + 1) * blockBytes - 1])
  expect(firstBytes).toEqual(Array.from({ length: 64 }, (_, block) => block + 1))
  expect(lastBytes).toEqual(firstBytes)
  await pair.atDialled.until(() => pair.dialled.queuedBytes === 0)
  expect(settled).toEqual([0, 1, 2, 3])
})

describe('a paused link', () => {
  test('takes no more from the network, and goes on where it stopped', async () => {
    await using pair = await linkedPair()
    pair.accepted.pauseReading()
    let settled = 0
    const sent = Array.from({ length: 100 }, () => batchOf(0))
    for (const batch of sent) pair.dialled.sendBlocks(batch, () => settled++)
    // The network between takes what fits into its own buffers and no more.
    await pair.atDialled.until(() => settled > 0)
    expect(pair.atAccepted.receivedBytes).toBe(0)
    expect(pair.dialled.queuedBytes).toBeGreaterThan(0)
    pair.accepted.resumeReading()
    await pair.atAccepted.until(() => pair.atAccepted.named('BlockEnd').length === 100 * BATCH_BLOCKS)
    await pair.atDialled.until(() => pair.dialled.queuedBytes === 0)
    expect(settled).toBe(100)
  })

  test('can be closed', async () => {
    await using pair = await linkedPair()
    pair.accepted.pauseReading()
    pair.accepted.close('enough')
    expect(await pair.atDialled.closed()).toMatch(/closed|reset/)
  })
})

describe('a link that nobody is attached to', () => {
  test('holds back what came with the handshake, and what follows', async () => {
    await using pair = await rawPair(Buffer.concat([frame(14), frame(1)]))
    const { link, peer } = pair
    peer.send(Buffer.concat([frame(2), frame(4, words(7))]))
    const recorder = new Recorder()
    link.attach(recorder)
    expect(recorder.calls).toEqual([])
    await recorder.until(() => recorder.calls.length === 4)
    expect(recorder.calls).toEqual([['HaveAll'], ['Unchoke'], ['Interested'], ['Have', 7]])
  })

  test('holds no more than one read of an eager peer', async () => {
    await using pair = await rawPair()
    const { link, peer } = pair
    const before = process.memoryUsage().arrayBuffers
    const flood = Buffer.alloc(64 << 20)
    peer.send(flood)
    // The flood stops by itself: the peer's own buffer stays full because nobody reads here.
    await new Promise<void>((resolve) => {
      let left = -1
      const look = (): void => {
        if (peer.socket.writableLength === left) resolve()
        else {
          left = peer.socket.writableLength
          setImmediate(() => setImmediate(look))
        }
      }
      look()
    })
    expect(process.memoryUsage().arrayBuffers - before - flood.length).toBeLessThan(4 << 20)
    const recorder = new Recorder()
    link.attach(recorder)
    await recorder.until(() => recorder.receivedBytes === flood.length)
  })

  test('that closed meanwhile says so when one is', async () => {
    await using pair = await rawPair()
    const { link, peer } = pair
    link.close('not needed')
    const recorder = new Recorder()
    link.attach(recorder)
    expect(recorder.calls).toEqual([])
    expect(await recorder.closed()).toBe('not needed')
    await peer.ended()
  })
})

describe('closing', () => {
  test('tells the handler before it returns, once, and the peer soon after', async () => {
    await using pair = await linkedPair()
    pair.dialled.close('we are done')
    expect(pair.atDialled.calls).toEqual([['Close', 'we are done']])
    pair.dialled.close('again')
    expect(await pair.atAccepted.closed()).toBe('the peer closed the connection')
    expect(pair.atDialled.calls.length).toBe(1)
    expect(pair.atAccepted.named('Close').length).toBe(1)
  })

  test('still delivers what was said in the same turn', async () => {
    await using pair = await linkedPair()
    pair.dialled.have(41)
    pair.dialled.close('bye')
    await pair.atAccepted.closed()
    expect(pair.atAccepted.named('Have')).toEqual([['Have', 41]])
  })

  test('settles the batches that are on their way, exactly once each', async () => {
    await using pair = await linkedPair()
    pair.accepted.pauseReading()
    let settled = 0
    for (let count = 0; count < 60; count++) pair.dialled.sendBlocks(batchOf(0), () => settled++)
    await pair.atDialled.until(() => settled > 0)
    expect(settled).toBeLessThan(60)
    pair.dialled.close('no more')
    expect(settled).toBe(60)
    pair.accepted.resumeReading()
    await pair.atAccepted.closed()
    expect(settled).toBe(60)
  })

  test('makes every later call do nothing, and settles later batches', async () => {
    await using pair = await linkedPair()
    pair.dialled.close('no more')
    const link = pair.dialled
    link.have(1)
    link.keepAlive()
    link.pauseReading()
    link.resumeReading()
    link.setTorrent(1, new Uint8Array(0))
    await new Promise<void>((resolve) => link.sendBlocks(batchOf(0), resolve))
    expect(pair.atDialled.calls.length).toBe(1)
    expect(link.queuedBytes).toBeLessThan(10)
  })

  test('from within a call stops the calls of the same chunk', async () => {
    await using pair = await linkedPair()
    pair.atAccepted.onCall = ([name]) => {
      if (name === 'Unchoke') pair.accepted.close('heard enough')
    }
    pair.dialled.unchoke()
    pair.dialled.interested()
    await pair.atAccepted.closed()
    await pair.atDialled.closed()
    expect(pair.atAccepted.calls).toEqual([['Unchoke'], ['Close', 'heard enough']])
  })
})

test('a peer that resets the connection ends the link once, with a reason', async () => {
  await using pair = await rawPair()
  const { link, peer } = pair
  const recorder = new Recorder()
  link.attach(recorder)
  peer.socket.resetAndDestroy()
  expect(await recorder.closed()).toBe('the peer reset the connection')
})

test('a peer that never reads cannot make small messages pile up', async () => {
  await using pair = await rawPair()
  const { link, peer } = pair
  peer.socket.pause()
  const recorder = new Recorder()
  link.attach(recorder)
  let most = 0
  const talk = (): void => {
    for (let turn = 0; turn < 20_000; turn++) link.have(turn)
    most = Math.max(most, link.queuedBytes)
    if (recorder.named('Close').length === 0) setImmediate(talk)
  }
  talk()
  expect(await recorder.closed()).toBe('the peer does not read')
  expect(most).toBeLessThan(3 << 20)
})

test('what breaks the protocol ends the link with the reason', async () => {
  await using pair = await rawPair()
  const { link, peer } = pair
  const recorder = new Recorder()
  link.attach(recorder)
  link.setTorrent(20, new Uint8Array(0))
  peer.send(frame(4, words(20)))
  expect(await recorder.closed()).toBe('the peer broke the protocol: piece 20 of 20')
  await peer.ended()
})

test('setting the torrent before attaching counts as well', async () => {
  await using pair = await rawPair(frame(4, words(5)))
  const { link } = pair
  link.setTorrent(5, new Uint8Array(0))
  const recorder = new Recorder()
  link.attach(recorder)
  expect(await recorder.closed()).toMatch(/piece 5 of 5/)
})

test('our half of the handshake and the first messages come in that order', async () => {
  await using pair = await rawPair()
  const { link, peer } = pair
  link.haveAll()
  while (peer.received.length < 73) await once(peer.socket, 'data')
  expect(peer.received).toEqual(Buffer.concat([RawPeer.handshake('a'), frame(14)]))
  expect(own('a').supportsDht).toBe(true)
})
