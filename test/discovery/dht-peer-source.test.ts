import { describe, expect, onTestFinished, test } from 'vitest'
import { toHex } from '../../src/base/bytes.ts'
import { Events } from '../../src/base/events.ts'
import type { DhtNode, DhtNodeEvents } from '../../src/discovery/dht-node.ts'
import { DhtPeerSource, type DhtPeerSourceOptions } from '../../src/discovery/dht-peer-source.ts'
import type { TransferState } from '../../src/discovery/peer-source.ts'
import { idOf } from './support/krpc-sample.ts'
import { MovingClock } from './support/moving-clock.ts'
import { RecordingListener } from './support/recording-listener.ts'
import { connected, startNetwork } from './support/start-dht.ts'

describe('peers from the DHT', () => {
  test('a fetch that waits finds a seed that announces later, and the seed finds it, on a DHT of 20 nodes', async () => {
    const nodes = await startNetwork(20)
    await Promise.all(nodes.map(connected))
    const fetch = await startSource(nodes[3] as DhtNode, 1_111)
    await fetch.until(({ announced }) => announced === 1)
    const seed = await startSource(nodes[11] as DhtNode, 2_222)
    await seed.until(({ announced }) => announced === 1)
    await Promise.all([
      fetch.until(({ peers }) => peers.includes('127.0.0.1:2222')),
      seed.until(({ peers }) => peers.includes('127.0.0.1:1111')),
    ])
  })

  test('a transfer without peers announces at 0, 2, 5, 10, 20 and 40 s, and asks the nearest nodes in between', async () => {
    const { clock, calls, source, listener } = fakeNetwork()
    await source.start(listener)
    await clock.move(60_000)
    const announced = calls.filter(([what]) => what === 'announce').map(([, atMs]) => atMs)
    expect(announced).toEqual([0, 2_000, 5_000, 10_000, 20_000, 40_000])
    const asked = calls.filter(([what]) => what === 'ask').map(([, atMs]) => atMs)
    expect(asked.length).toBeGreaterThanOrEqual(17)
    expect(asked.length).toBeLessThanOrEqual(24)
    expect(
      Math.max(...[0, ...announced, ...asked, 60_000].toSorted(byValue).map((atMs, index, all) => (all[index + 1] ?? atMs) - atMs)),
    ).toBe(2_500)
  })

  test('a transfer that stays without peers asks every 20 s after the first minutes', async () => {
    const { clock, calls, source, listener } = fakeNetwork()
    await source.start(listener)
    await clock.move(5 * 60_000)
    calls.length = 0
    await clock.move(60_000)
    expect(calls.length).toBeGreaterThanOrEqual(3)
    expect(calls.length).toBeLessThanOrEqual(4)
  })

  test('a transfer with peers looks up every 5 minutes and announces every 15', async () => {
    const { clock, calls, source, listener } = fakeNetwork()
    await source.start(listener)
    source.update(withPeers)
    await clock.move(60 * 60_000)
    expect(calls.filter(([what]) => what === 'announce')).toHaveLength(5)
    expect(calls.filter(([what]) => what === 'lookUp').length).toBeGreaterThanOrEqual(7)
    expect(calls.filter(([what]) => what === 'ask')).toHaveLength(0)
  })

  test('a transfer that loses its peers begins anew', async () => {
    const { clock, calls, source, listener } = fakeNetwork()
    await source.start(listener)
    source.update(withPeers)
    await clock.move(6 * 60_000)
    calls.length = 0
    source.update({ ...withPeers, isPeerless: true })
    await clock.move(10_500)
    expect(calls.filter(([what]) => what === 'announce')).toHaveLength(4)
  })

  test('an announce that nobody took is tried again when the first node is found', async () => {
    const { clock, calls, source, listener, events, answers } = fakeNetwork()
    answers.announce = 0
    await source.start(listener)
    source.update(withPeers)
    await clock.move(1_000)
    expect(listener.announced).toBe(0)
    answers.announce = 3
    events.emit('connected', undefined)
    await clock.move(1)
    expect(listener.announced).toBe(1)
    expect(calls.filter(([what]) => what === 'announce')).toHaveLength(2)
  })

  test('an announce that nobody took is tried again every minute', async () => {
    const { clock, calls, source, listener, answers } = fakeNetwork()
    answers.announce = 0
    await source.start(listener)
    source.update(withPeers)
    await clock.move(10 * 60_000)
    expect(calls.filter(([what]) => what === 'announce')).toHaveLength(11)
  })

  test('a transfer that does not listen looks up and announces nothing', async () => {
    const { clock, calls, source, listener } = fakeNetwork({ listenPort: 0 })
    await source.start(listener)
    await clock.move(60_000)
    expect(calls.filter(([what]) => what === 'announce')).toHaveLength(0)
    expect(calls.filter(([what]) => what === 'lookUp')).toHaveLength(6)
  })

  test('peers of other info-hashes, and those that cannot be dialled from here, are left out', async () => {
    const { source, listener, events } = fakeNetwork({ scope: 'public' })
    await source.start(listener)
    const addresses = ['127.0.0.1', '10.0.0.1', '224.0.0.1', '1.2.3.4'].map((host) => ({ host, port: 6_881 }))
    events.emit('peers', { infoHash: toHex(idOf(1)), addresses })
    expect(listener.peers).toEqual([])
    events.emit('peers', { infoHash: toHex(idOf(7)), addresses })
    expect(listener.peers).toEqual(['1.2.3.4:6881'])
  })

  test('who found nobody hears what came of asking the DHT', async () => {
    const unknownNames = ['a', 'b', 'c', 'd', 'e']
    expect(fakeNetwork({ nodeCount: 0 }).source.tried).toEqual(['the DHT (no node of it answered)'])
    expect(fakeNetwork({ nodeCount: 0, unknownNames }).source.tried).toEqual([
      'the DHT (no node of it answered; no such name: a, b, c, d and 1 more)',
    ])
    const { source, listener, events } = fakeNetwork({ unknownNames })
    expect(source.tried).toEqual(['the DHT (it knows nobody)'])
    await source.start(listener)
    events.emit('peers', { infoHash: toHex(idOf(7)), addresses: [{ host: '10.0.0.1', port: 1 }] })
    expect(source.tried).toEqual(['the DHT (nobody that it named could be reached)'])
  })

  test('nothing happens after the end', async () => {
    const { clock, calls, source, listener, events } = fakeNetwork()
    await source.start(listener)
    await clock.move(1_000)
    await source.stop()
    calls.length = 0
    events.emit('connected', undefined)
    events.emit('peers', { infoHash: toHex(idOf(7)), addresses: [{ host: '1.2.3.4', port: 1 }] })
    await clock.move(60 * 60_000)
    expect(calls).toEqual([])
    expect(listener.peers).toEqual([])
    expect(clock.pendingCount).toBe(0)
  })
})

const withPeers: TransferState = { isPeerless: false, bytesLeft: 1, uploadedBytes: 0, downloadedBytes: 0 }

async function startSource(node: DhtNode, listenPort: number): Promise<RecordingListener> {
  const source = new DhtPeerSource({ node, infoHash: idOf(7), listenPort })
  const listener = new RecordingListener()
  await source.start(listener)
  onTestFinished(() => source.stop())
  return listener
}

interface FakeNetwork {
  readonly clock: MovingClock
  readonly calls: [string, number][]
  readonly source: DhtPeerSource
  readonly listener: RecordingListener
  readonly events: Events<DhtNodeEvents>
  readonly answers: { announce: number }
}

/** A node whose every question is answered at once, and which writes down what it is told to do and when. */
function fakeNetwork(more: Partial<Omit<DhtPeerSourceOptions, 'node'> & DhtPeerSourceOptions['node']> = {}): FakeNetwork {
  const clock = new MovingClock()
  const calls: [string, number][] = []
  const events = new Events<DhtNodeEvents>()
  const answers = { announce: 1 }
  const called = (what: string, answer: number): Promise<number> => {
    calls.push([what, clock.nowMs()])
    return Promise.resolve(answer)
  }
  const node: DhtPeerSourceOptions['node'] = {
    on: (type, listener) => events.on(type, listener),
    scope: more.scope ?? 'host',
    nodeCount: more.nodeCount ?? 1,
    unknownNames: more.unknownNames ?? [],
    lookUp: () => called('lookUp', 1),
    ask: () => called('ask', 1),
    announce: () => called('announce', answers.announce),
  }
  const source = new DhtPeerSource({ node, infoHash: idOf(7), listenPort: more.listenPort ?? 6_881, clock })
  return { clock, calls, source, listener: new RecordingListener(), events, answers }
}

function byValue(left: number, right: number): number {
  return left - right
}
