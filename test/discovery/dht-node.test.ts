import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { DhtNode } from '../../src/discovery/dht-node.ts'
import { loadDhtNodes } from '../../src/discovery/dht-state.ts'
import { asBytes } from '../../src/torrent/bencode.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { compactNode, compactPeer, fieldsOf, idOf, question, reply } from './support/krpc-sample.ts'
import { MovingClock } from './support/moving-clock.ts'
import { connected, startDht, startNetwork } from './support/start-dht.ts'
import { UdpPeer } from './support/udp-peer.ts'

describe('a DHT node', () => {
  test('finds through others what was announced', async () => {
    const [, ...nodes] = await startNetwork(6)
    await Promise.all(nodes.map(connected))
    const [announcer, seeker] = nodes
    const found = peersAt(seeker as DhtNode)
    expect(await announcer?.announce(idOf(7), 4_242)).toBeGreaterThan(0)
    await seeker?.lookUp(idOf(7))
    expect(await found).toEqual([{ host: '127.0.0.1', port: 4_242 }])
  })

  test('asks the nearest nodes again without walking to them', async () => {
    const [, ...nodes] = await startNetwork(6)
    await Promise.all(nodes.map(connected))
    const [announcer, seeker] = nodes as [DhtNode, DhtNode]
    expect(await seeker.ask(idOf(7))).toBe(0)
    await seeker.lookUp(idOf(7))
    await announcer.announce(idOf(7), 4_242)
    const found = peersAt(seeker)
    const sentBefore = seeker.stats.datagrams.sent
    expect(await seeker.ask(idOf(7))).toBeGreaterThan(0)
    expect(await found).toEqual([{ host: '127.0.0.1', port: 4_242 }])
    expect(seeker.stats.datagrams.sent - sentBefore).toBeLessThanOrEqual(8 + nodes.length)
  })

  test('learns at once of a peer that announces itself to it', async () => {
    const first = await startDht()
    const second = await startDht({ bootstrap: [first.address] })
    await connected(second)
    const found = peersAt(first)
    expect(await second.announce(idOf(7), 4_242)).toBe(1)
    expect(await found).toEqual([{ host: '127.0.0.1', port: 4_242 }])
  })

  test('reaches nobody when it is alone, and says so', async () => {
    const node = await startDht()
    expect(await node.lookUp(idOf(7))).toBe(0)
    expect(await node.announce(idOf(7), 1)).toBe(0)
  })

  test('joins a network whose first node comes later', async () => {
    const silent = await UdpPeer.open()
    const first = await startDht()
    const late = await startDht({ bootstrap: [silent.address, first.address] })
    await connected(late)
    expect(late.nodeCount).toBe(1)
  })

  test('resolves the names of where to start', async () => {
    const first = await startDht()
    const node = await startDht({ bootstrap: [{ host: 'localhost', port: first.address.port }] })
    await connected(node)
    expect(node.scope).toBe('host')
  })

  test('keeps a node that a peer told it of', async () => {
    const [one, other] = [await startDht(), await startDht()]
    one.addNode(other.address)
    await connected(one)
    expect(one.nodeCount).toBe(1)
  })

  test('starts from the nodes of its last run', async () => {
    const stateFile = join(await temporaryFolder(), 'dht.json')
    const [first, second] = [await startDht(), await startDht()]
    const node = new DhtNode()
    await node.start({ host: '127.0.0.1', port: 0, isPortFixed: false, bootstrap: [], stateFile })
    node.addNode(first.address)
    await connected(node)
    node.addNode(second.address)
    while (node.nodeCount < 2) await new Promise((resolve) => setImmediate(resolve))
    await node.stop()
    expect((await loadDhtNodes(stateFile, '')).map(({ port }) => port).toSorted()).toEqual(
      [first.address.port, second.address.port].toSorted(),
    )
    const again = await startDht({ stateFile })
    await connected(again)
    expect(again.nodeCount).toBeGreaterThan(0)
  })

  test('does not start from the nodes of another network', async () => {
    const stateFile = join(await temporaryFolder(), 'dht.json')
    const [first, elsewhere] = [await startDht(), await startDht()]
    const node = new DhtNode()
    await node.start({ host: '127.0.0.1', port: 0, isPortFixed: false, bootstrap: [first.address], stateFile })
    await connected(node)
    await node.stop()
    const again = await startDht({ stateFile, bootstrap: [elsewhere.address] })
    await connected(again)
    await again.lookUp(idOf(1))
    expect(again.nodeCount).toBe(1)
  })

  test('takes the next port when the wanted one is taken', async () => {
    const taken = await startDht()
    const node = await startDht({ port: taken.address.port })
    expect(node.address.port).not.toBe(taken.address.port)
  })

  test('does not start when the port that was asked for is taken', async () => {
    const taken = await startDht()
    const node = new DhtNode()
    await expect(node.start({ host: '127.0.0.1', port: taken.address.port, isPortFixed: true, bootstrap: [] })).rejects.toMatchObject({
      code: 'LISTEN_FAILED',
      message: `Cannot listen on UDP 127.0.0.1:${taken.address.port}: another program uses that port.`,
    })
    await node.stop()
  })

  test.each(['192.0.2.99', '::1'])('does not start on %s', async (host) => {
    const node = new DhtNode()
    await expect(node.start({ host, port: 0, isPortFixed: false, bootstrap: [] })).rejects.toMatchObject({ code: 'LISTEN_FAILED' })
  })

  test('stops in the middle of a look-up, and answers those who wait', async () => {
    const silent = await UdpPeer.open()
    const node = new DhtNode()
    await node.start({ host: '127.0.0.1', port: 0, isPortFixed: false, bootstrap: [silent.address] })
    const { bytes, from } = await silent.next()
    await silent.send(reply({ id: idOf(3) }, { t: asBytes(fieldsOf(bytes).get('t')) }), { host: from.address, port: from.port })
    await connected(node)
    const lookUp = node.lookUp(idOf(7))
    await silent.next()
    await node.stop()
    await lookUp
    const socket = createSocket('udp4')
    onTestFinished(() => new Promise<void>((resolve) => socket.close(() => resolve())))
    socket.bind(from.port, '127.0.0.1')
    await once(socket, 'listening')
  })

  test('leaves no timer behind, whenever it is stopped', async () => {
    const silent = await UdpPeer.open()
    const clock = new MovingClock()
    const node = new DhtNode(clock)
    await node.start({ host: '127.0.0.1', port: 0, isPortFixed: false, bootstrap: [silent.address] })
    await silent.next()
    expect(clock.pendingCount).toBeGreaterThan(0)
    await node.stop()
    await clock.move(0)
    expect(clock.pendingCount).toBe(0)
    await node.stop()
  })

  test('asks where to start again after 2 and 3 s more while nobody answers', async () => {
    const silent = await UdpPeer.open()
    const clock = new MovingClock()
    const node = new DhtNode(clock)
    onTestFinished(() => node.stop())
    await node.start({ host: '127.0.0.1', port: 0, isPortFixed: false, bootstrap: [silent.address] })
    for (const pauseMs of [2_000, 3_000, 5_000]) {
      await silent.next()
      // The question times out after 2 s, and then the pause begins.
      await clock.move(2_000)
      await clock.move(pauseMs)
    }
    await silent.next()
  })

  test('outlives 20,000 mutated datagrams', async () => {
    const node = await startDht()
    const peer = await UdpPeer.open()
    const samples = [
      ...['ping', 'find_node', 'get_peers', 'announce_peer', 'get', 'put'].map((method) => question(method)),
      question('put', { k: new Uint8Array(32), sig: new Uint8Array(64), seq: 1, salt: 'salt' }),
      reply({ nodes: compactNode(1, '127.0.0.1', 9), values: [compactPeer('127.0.0.1', 9)], token: 'token' }),
    ]
    const next = lehmer(20_261_122)
    const mutants = Array.from({ length: 20_000 }, () => {
      const bytes = Uint8Array.from(samples[next() % samples.length] ?? [])
      for (let change = next() % 5; change >= 0; change--) bytes[next() % bytes.length] = next() & 255
      return next() % 10 === 0 ? bytes.subarray(0, next() % bytes.length) : bytes
    })
    await peer.sendAll(mutants, node.address)
    // From another address, whose quota is untouched.
    const other = await UdpPeer.open('127.0.0.2')
    await other.send(question('ping', {}, { ro: 1 }), node.address)
    await other.next()
    expect(node.stats.datagrams.dropped.library).toBeUndefined()
    expect(node.stats.datagrams.received).toBeGreaterThan(10_000)
  })
})

/** The peers of the next event. */
function peersAt(node: DhtNode): Promise<unknown> {
  return new Promise((resolve) => {
    const release = node.on('peers', ({ addresses }) => {
      release()
      resolve(addresses)
    })
  })
}

/** The same numbers at each run. */
function lehmer(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state
  }
}
