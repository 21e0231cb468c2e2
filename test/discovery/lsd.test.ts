import { createSocket } from 'node:dgram'
import { describe, expect, onTestFinished, test } from 'vitest'
import { LocalDiscovery, type LocalDiscoveryOptions } from '../../src/discovery/lsd.ts'
import { decodeLsdMessage, encodeLsdMessage, type LsdMessage } from '../../src/discovery/lsd-message.ts'
import { LsdNode } from '../../src/discovery/lsd-node.ts'
import { lsdInterfaces, openLsdSocket } from '../../src/discovery/lsd-socket.ts'
import { freePort } from '../support/free-port.ts'
import { idOf } from './support/krpc-sample.ts'
import { MovingClock } from './support/moving-clock.ts'
import { RecordingListener } from './support/recording-listener.ts'

const groupPort = await freePort()
const isMulticastHere = await doesMulticast('127.0.0.1')

describe.runIf(isMulticastHere)('local discovery on an interface that does multicast', () => {
  test('two transfers of one info-hash find each other', async () => {
    const [fetch, seed] = [await start({ listenPort: 1_111 }), await start({ listenPort: 2_222 })]
    await fetch.until(({ peers }) => peers.includes('127.0.0.1:2222'))
    expect(fetch.announced).toBe(1)
    expect(seed.announced).toBe(1)
    expect(fetch.peers).toEqual(['127.0.0.1:2222'])
  })

  test('announces itself with its port, its info-hash and a cookie', async () => {
    const heard = await listen()
    await start({ listenPort: 1_111 })
    expect(await heard.next()).toMatchObject({ group: `239.192.152.143:${groupPort}`, port: 1_111, infoHashes: ['07'.repeat(20)] })
  })

  test('hears neither itself nor other info-hashes', async () => {
    const listener = await start({ listenPort: 1_111 })
    const other = await start({ infoHash: idOf(8), listenPort: 3_333 })
    await start({ listenPort: 2_222 })
    await listener.until(({ peers }) => peers.length > 0)
    expect(listener.peers).toEqual(['127.0.0.1:2222'])
    expect(other.peers).toEqual([])
  })

  test('several transfers share one announcement a minute, and each is announced every 5 minutes', async () => {
    const clock = new MovingClock()
    const heard = await listen()
    const node = new LsdNode({ host: '127.0.0.1', listenPort: 1_111, groupPort, clock })
    const [one, two] = [await start({ node, clock }), await start({ node, clock, infoHash: idOf(8) })]
    await clock.move(0)
    expect((await heard.next()).infoHashes).toEqual(['07'.repeat(20), '08'.repeat(20)])
    await one.until(({ announced }) => announced === 1)
    const late = await start({ node, clock, infoHash: idOf(9) })
    await clock.move(59_000)
    expect(late.announced).toBe(0)
    await clock.move(1_000)
    expect((await heard.next()).infoHashes[0]).toBe('09'.repeat(20))
    await late.until(({ announced }) => announced === 1)
    await clock.move(5 * 60_000)
    expect((await heard.next()).infoHashes).toContain('07'.repeat(20))
    expect([one.announced, two.announced, late.announced]).toEqual([1, 1, 1])
  })

  test('passes over what is no announcement', async () => {
    const listener = await start({ listenPort: 1_111 })
    const socket = await openLsdSocket({ name: 'lo', family: 'IPv4', address: '127.0.0.1' }, groupPort, () => {})
    onTestFinished(() => socket?.close())
    await socket?.send(Buffer.from('BT-SEARCH * HTTP/1.1\r\nnonsense\r\n\r\n'))
    await socket?.send(new Uint8Array(1_400))
    await socket?.send(encodeLsdMessage('x', 4_444, [idOf(7)], 'cookie'))
    await listener.until(({ peers }) => peers.length > 0)
    expect(listener.peers).toEqual(['127.0.0.1:4444'])
  })

  test('lets go of its sockets and timers at the end', async () => {
    const clock = new MovingClock()
    const node = new LsdNode({ host: '127.0.0.1', listenPort: 1_111, groupPort, clock })
    const source = new LocalDiscovery({ infoHash: idOf(7), node, clock })
    await source.start(new RecordingListener())
    await source.stop()
    expect(clock.pendingCount).toBe(0)
  })
})

describe('local discovery without multicast', () => {
  test('warns once and does no harm', async () => {
    const listener = await start({ node: new LsdNode({ host: '192.0.2.123', listenPort: 1, groupPort }) })
    expect(listener.warnings).toEqual(['Local discovery is off: no network interface here does multicast.'])
  })
})

describe('lsdInterfaces', () => {
  test('are all of them, those of IPv4, or the one that was bound', () => {
    const families = new Set(lsdInterfaces('::').map(({ family }) => family))
    expect(families.has('IPv4')).toBe(true)
    expect(new Set(lsdInterfaces('0.0.0.0').map(({ family }) => family))).toEqual(new Set(['IPv4']))
    expect(lsdInterfaces('127.0.0.1')).toMatchObject([{ family: 'IPv4', address: '127.0.0.1' }])
    expect(lsdInterfaces('192.0.2.123')).toEqual([])
  })
})

/** A transfer on `node`, or on a node of its own that listens at `listenPort`. */
async function start(options: Partial<LocalDiscoveryOptions> & { readonly listenPort?: number }): Promise<RecordingListener> {
  const { listenPort = 1_111, ...rest } = options
  const node = options.node ?? new LsdNode({ host: '127.0.0.1', listenPort, groupPort })
  const source = new LocalDiscovery({ infoHash: idOf(7), ...rest, node })
  const listener = new RecordingListener()
  onTestFinished(() => source.stop())
  await source.start(listener)
  return listener
}

/** Hears what is announced on loopback. */
async function listen(): Promise<{ next(): Promise<LsdMessage> }> {
  const heard: LsdMessage[] = []
  let wake = (): void => {}
  const socket = await openLsdSocket({ name: 'lo', family: 'IPv4', address: '127.0.0.1' }, groupPort, (bytes) => {
    const message = decodeLsdMessage(bytes)
    if (message.ok) heard.push(message.value)
    wake()
  })
  onTestFinished(() => socket?.close())
  const next = async (): Promise<LsdMessage> => {
    const first = heard.shift()
    if (first !== undefined) return first
    await new Promise<void>((resolve) => {
      wake = resolve
    })
    return next()
  }
  return { next }
}

/** True if what is sent to the group on this interface comes back, before what is sent to the address itself after it. */
async function doesMulticast(address: string): Promise<boolean> {
  let hear = (_bytes: Uint8Array): void => {}
  const heard = new Promise<Uint8Array>((resolve) => {
    hear = resolve
  })
  const socket = await openLsdSocket({ name: 'lo', family: 'IPv4', address }, groupPort, (bytes) => hear(bytes))
  if (socket === undefined) return false
  const direct = createSocket('udp4')
  await socket.send(Buffer.from('to the group'))
  direct.send('to the address', groupPort, address)
  const first = await heard
  direct.close()
  socket.close()
  return Buffer.from(first).equals(Buffer.from('to the group'))
}
