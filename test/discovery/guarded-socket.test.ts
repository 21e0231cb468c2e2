import { describe, expect, test } from 'vitest'
import type { DhtNode } from '../../src/discovery/dht-node.ts'
import { asBytes, asDictionary, asInteger, asList, asText, type BencodeDictionary } from '../../src/torrent/bencode.ts'
import { compactNode, compactPeer, fieldsOf, idOf, question, reply } from './support/krpc-sample.ts'
import { startDht } from './support/start-dht.ts'
import { UdpPeer } from './support/udp-peer.ts'

describe('a guarded DHT node', () => {
  test('answers a ping', async () => {
    const node = await startDht()
    const peer = await UdpPeer.open()
    const answer = await askedFor(peer, node, question('ping'))
    expect(asBytes(answer.get('t'))).toEqual(Uint8Array.from(Buffer.from('aa')))
    expect(asBytes(asDictionary(answer.get('r'))?.get('id'))).toHaveLength(20)
  })

  test('answers with peers that were announced to it, to whoever holds a token', async () => {
    const node = await startDht()
    const peer = await UdpPeer.open()
    const token = await tokenOf(peer, node)
    await askedFor(peer, node, question('announce_peer', { token, port: 7777 }))
    const result = asDictionary((await askedFor(peer, node, question('get_peers'))).get('r'))
    expect(asList(result?.get('values'))).toEqual([compactPeer('127.0.0.1', 7777)])
  })

  test('refuses an announce with a token that is not its own', async () => {
    const node = await startDht()
    const peer = await UdpPeer.open()
    const answer = await askedFor(peer, node, question('announce_peer', { token: new Uint8Array(20), port: 7777 }))
    expect(asInteger(asList(answer.get('e'))?.[0])).toBe(203)
  })

  test('answers with at most ten times what was asked, even after 3,000 announces from one address', async () => {
    const node = await startDht()
    const peer = await UdpPeer.open()
    const token = await tokenOf(peer, node)
    const ports = Array.from({ length: 3_000 }, (_, index) => index + 1)
    await peer.sendAll(
      ports.map((port) => question('announce_peer', { token, port })),
      node.address,
    )
    await untilDropped(node, 'announce quota')
    const other = await UdpPeer.open('127.0.0.2')
    const asked = question('get_peers', {}, { ro: 1 })
    await other.send(asked, node.address)
    const { bytes } = await other.next()
    const values = asList(asDictionary(fieldsOf(bytes).get('r'))?.get('values')) ?? []
    expect(values).toHaveLength(25)
    expect(bytes.length).toBeLessThanOrEqual(900)
    expect(bytes.length).toBeLessThanOrEqual(10 * asked.length)
  })

  test('drops what it was not asked for, with a reason for each', async () => {
    const node = await startDht()
    const peer = await UdpPeer.open()
    await peer.send(Buffer.from('hello, this is not bencode'), node.address)
    await peer.send(question('ping', { id: new Uint8Array(19) }), node.address)
    await peer.send(reply({}, { t: Uint8Array.of(0, 1) }), node.address)
    await peer.send(reply({}, { t: Uint8Array.of(0, 0, 0, 1) }), node.address)
    await askedFor(peer, node, question('ping'))
    expect(node.stats.datagrams.dropped).toMatchObject({ bencode: 1, id: 1, unasked: 2 })
  })

  test('hears 300 questions at once from one address, and then no more until time has passed', async () => {
    const node = await startDht()
    const peer = await UdpPeer.open()
    await peer.sendAll(new Array(2_000).fill(question('ping')), node.address)
    await untilDropped(node, 'rate')
    const other = await UdpPeer.open('127.0.0.2')
    await askedFor(other, node, question('ping'))
  })

  test('asks with a random id, and takes only the answer that bears it', async () => {
    const node = await startDht()
    const peer = await UdpPeer.open()
    const forger = await UdpPeer.open()
    node.addNode(peer.address)
    const { bytes } = await peer.next()
    const asked = fieldsOf(bytes)
    const transaction = asBytes(asked.get('t')) ?? new Uint8Array()
    expect(transaction).toHaveLength(4)
    await forger.send(reply({ id: idOf(9) }, { t: transaction }), node.address)
    await peer.send(reply({ id: idOf(9) }, { t: Uint8Array.from(transaction, (byte) => byte ^ 1) }), node.address)
    await askedFor(forger, node, question('ping'))
    expect(node.nodeCount).toBe(0)
    await peer.send(reply({ id: idOf(9) }, { t: transaction }), node.address)
    await peer.send(reply({ id: idOf(9) }, { t: transaction }), node.address)
    await askedFor(forger, node, question('ping'))
    expect(node.nodeCount).toBe(1)
    expect(node.stats.datagrams.dropped.unasked).toBe(3)
  })

  test('puts who asks to the test before it counts as a node', async () => {
    const node = await startDht()
    const peer = await UdpPeer.open()
    await peer.send(question('find_node'), node.address)
    const answers = [fieldsOf((await peer.next()).bytes), fieldsOf((await peer.next()).bytes)]
    const tested = answers.find((fields) => fields.has('q'))
    expect(asText(tested?.get('q'))).toBe('ping')
    expect(node.nodeCount).toBe(0)
    await peer.send(reply({ id: idOf(1) }, { t: asBytes(tested?.get('t')) }), node.address)
    await askedFor(peer, node, question('ping'))
    expect(node.nodeCount).toBe(1)
  })

  test('does not test who says that it is read-only', async () => {
    const node = await startDht()
    const peer = await UdpPeer.open()
    await askedFor(peer, node, question('find_node', {}, { ro: 1 }))
    await askedFor(peer, node, question('ping', {}, { ro: 1 }))
    expect(peer.pendingCount).toBe(0)
    expect(node.stats.datagrams.sent).toBe(2)
  })

  test('answers nobody and says so in its questions when it is read-only', async () => {
    const peer = await UdpPeer.open()
    const node = await startDht({ isReadOnly: true, bootstrap: [peer.address] })
    const asked = fieldsOf((await peer.next()).bytes)
    expect(asInteger(asked.get('ro'))).toBe(1)
    await peer.send(question('ping'), node.address)
    await untilDropped(node, 'read-only')
    expect(peer.pendingCount).toBe(0)
  })

  test('believes no nodes at addresses that cannot be', async () => {
    const peer = await UdpPeer.open()
    const node = await startDht({ bootstrap: [peer.address] })
    const transaction = asBytes(fieldsOf((await peer.next()).bytes).get('t')) ?? new Uint8Array()
    const own = node.address
    const nodes = Buffer.concat([
      compactNode(3, '0.0.0.0', 1),
      compactNode(4, '224.0.0.1', 1),
      compactNode(5, '10.0.0.1', 0),
      compactNode(6, own.host, own.port),
      compactNode(7, '127.0.0.3', 9),
    ])
    await peer.send(reply({ id: idOf(2), nodes }, { t: transaction }), node.address)
    // The look-up that follows asks whom the node believes in: the peer itself and the one sound address.
    await peer.next()
    expect(node.nodeCount).toBe(2)
  })
})

async function askedFor(peer: UdpPeer, node: DhtNode, asked: Uint8Array): Promise<BencodeDictionary> {
  await peer.send(asked, node.address)
  for (;;) {
    const answer = fieldsOf((await peer.next()).bytes)
    if (asText(answer.get('y')) !== 'q') return answer
  }
}

async function tokenOf(peer: UdpPeer, node: DhtNode): Promise<Uint8Array> {
  const token = asBytes(asDictionary((await askedFor(peer, node, question('get_peers'))).get('r'))?.get('token'))
  return token ?? new Uint8Array()
}

/** The counters move as datagrams arrive, which the event loop sees to while this yields to it. */
async function untilDropped(node: DhtNode, reason: string): Promise<void> {
  while (node.stats.datagrams.dropped[reason] === undefined) await new Promise((resolve) => setImmediate(resolve))
}
