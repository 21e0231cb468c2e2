import { describe, expect, test } from 'vitest'
import type { HostPort } from '../../src/discovery/host-port.ts'
import type { TransferState } from '../../src/discovery/peer-source.ts'
import { StaticPeers } from '../../src/discovery/static-peers.ts'
import { MovingClock } from './support/moving-clock.ts'
import { RecordingListener } from './support/recording-listener.ts'

const names: Readonly<Record<string, readonly string[]>> = {
  'build-7': ['10.0.0.7', 'fd00::7'],
  '10.0.0.1': ['10.0.0.1'],
  '224.0.0.1': ['224.0.0.1'],
}

describe('named peers', () => {
  test('are told at once, by all addresses of their names', async () => {
    const { listener } = await started([
      { host: '10.0.0.1', port: 6_881 },
      { host: 'build-7', port: 1 },
    ])
    expect(listener.peers).toEqual(['10.0.0.1:6881', '10.0.0.7:1', '[fd00::7]:1'])
  })

  test('are told again at 2, 5, 10, 20 and 40 s and every 30 s from then on', async () => {
    const { clock, listener } = await started([{ host: '10.0.0.1', port: 1 }])
    const toldMs: number[] = [0]
    for (let atMs = 1_000; atMs <= 130_000; atMs += 1_000) {
      const before = listener.peers.length
      await clock.move(1_000)
      if (listener.peers.length > before) toldMs.push(atMs)
    }
    expect(toldMs).toEqual([0, 2_000, 5_000, 10_000, 20_000, 40_000, 70_000, 100_000, 130_000])
  })

  test('are told every 30 s to a transfer that has peers, and soon after it lost them', async () => {
    const { clock, listener, source } = await started([{ host: '10.0.0.1', port: 1 }])
    source.update(withPeers)
    await clock.move(2_000)
    expect(listener.peers).toHaveLength(2)
    await clock.move(29_000)
    expect(listener.peers).toHaveLength(2)
    await clock.move(1_000)
    expect(listener.peers).toHaveLength(3)
    source.update({ ...withPeers, isPeerless: true })
    await clock.move(2_000)
    expect(listener.peers).toHaveLength(4)
  })

  test('whose name is unknown are said once and found when it becomes known', async () => {
    const known: Record<string, readonly string[]> = {}
    const { clock, listener, source } = await started([{ host: 'late', port: 1 }], known)
    await clock.move(2_000)
    expect(listener.warnings).toEqual(['The name late of a peer was not found; it is tried again.'])
    expect(source.tried).toEqual(['late:1 (its name was not found)'])
    known.late = ['10.0.0.9']
    await clock.move(3_000)
    expect(listener.peers).toEqual(['10.0.0.9:1'])
    expect(listener.warnings).toHaveLength(1)
    expect(source.tried).toEqual([])
  })

  test('that are no hosts are said and never told', async () => {
    const { listener, source } = await started([{ host: '224.0.0.1', port: 1 }])
    expect(source.tried).toEqual(['224.0.0.1:1 (its address is not one of a host)'])
    expect(listener.warnings).toEqual(['The peer 224.0.0.1:1 cannot be dialled: its address is not one of a host.'])
    expect(listener.peers).toEqual([])
  })

  test('are 100 at most', async () => {
    const { listener } = await started(Array.from({ length: 200 }, (_, index) => ({ host: '10.0.0.1', port: index + 1 })))
    expect(listener.peers).toHaveLength(100)
  })

  test('are forgotten at the end', async () => {
    const { clock, listener, source } = await started([{ host: '10.0.0.1', port: 1 }])
    await source.stop()
    await clock.move(60_000)
    expect(listener.peers).toHaveLength(1)
    expect(clock.pendingCount).toBe(0)
  })

  test('are resolved by the system unless told otherwise', async () => {
    const listener = new RecordingListener()
    const source = new StaticPeers({ peers: [{ host: 'localhost', port: 9 }], origin: 'magnet' })
    await source.start(listener)
    await listener.until(({ peers }) => peers.length > 0)
    await source.stop()
    expect(source.origin).toBe('magnet')
    expect(['127.0.0.1:9', '[::1]:9']).toContain(listener.peers[0])
  })
})

const withPeers: TransferState = { isPeerless: false, bytesLeft: 1, uploadedBytes: 0, downloadedBytes: 0 }

async function started(peers: readonly HostPort[], known: Readonly<Record<string, readonly string[]>> = names) {
  const clock = new MovingClock()
  const listener = new RecordingListener()
  const source = new StaticPeers({ peers, origin: 'static', clock, resolve: (host) => Promise.resolve(known[host] ?? []) })
  await source.start(listener)
  await clock.move(0)
  return { clock, listener, source }
}
