import { describe, expect, it } from 'vitest'
import { RateLimit } from '../../src/base/rate-limit.ts'
import { DownloadGate, type GatedSource } from '../../src/swarm/download-gate.ts'
import { VirtualClock } from './support/virtual-clock.ts'

/** A peer that sends `chunkBytes` each `periodMs` while it is read. */
function senders(clock: VirtualClock, count: number, chunkBytes: number, periodMs: number) {
  const peers = new Map<number, GatedSource>()
  const state = { received: 0, isPaused: new Array<boolean>(count).fill(false) }
  const receive: { gate: DownloadGate | undefined } = { gate: undefined }
  for (let index = 0; index < count; index++) {
    peers.set(index, {
      pauseReading: () => {
        state.isPaused[index] = true
      },
      resumeReading: () => {
        state.isPaused[index] = false
      },
      lastHeardMs: 0,
      lastUsefulMs: 0,
      arrivingSinceMs: 0,
    })
    clock.every(periodMs, () => {
      if (state.isPaused[index] === true) return
      state.received += chunkBytes
      receive.gate?.onReceived(chunkBytes)
    })
  }
  return { peers, state, receive }
}

describe('DownloadGate', () => {
  it.each([
    [100_000, 1, 65_536],
    [1_000_000, 8, 65_536],
    [50_000_000, 20, 262_144],
  ])('keeps %i bytes a second from %i peers to within 5 %%', async (bytesPerSecond, count, chunkBytes) => {
    const clock = new VirtualClock()
    const { peers, state, receive } = senders(clock, count, chunkBytes, 1)
    receive.gate = new DownloadGate(clock, new RateLimit(clock, bytesPerSecond), peers)
    await clock.advance(5_000)
    const before = state.received
    await clock.advance(60_000)
    const rate = (state.received - before) / 60
    expect(rate).toBeGreaterThan(bytesPerSecond * 0.95)
    expect(rate).toBeLessThan(bytesPerSecond * 1.05)
  })

  it('lets everything pass without a limit, and never pauses', async () => {
    const clock = new VirtualClock()
    const { peers, state, receive } = senders(clock, 2, 1_000, 10)
    receive.gate = new DownloadGate(clock, new RateLimit(clock, Number.POSITIVE_INFINITY), peers)
    await clock.advance(1_000)
    expect(state).toEqual({ received: 200_000, isPaused: [false, false] })
  })

  it('lets a peer that joins wait with the others, and leaves no timer when stopped', async () => {
    const clock = new VirtualClock()
    const limit = new RateLimit(clock, 1_000)
    const { peers, state } = senders(clock, 2, 0, 1_000_000)
    const [first, second] = [...peers.values()] as [GatedSource, GatedSource]
    const gate = new DownloadGate(clock, limit, new Map([[1, first]]))
    gate.onJoin(second)
    expect(state.isPaused).toEqual([false, false])
    gate.onReceived(5_000)
    gate.onJoin(second)
    expect(state.isPaused).toEqual([true, true])
    const { pending } = clock
    gate.stop()
    expect(clock.pending).toBe(pending - 1)
  })

  it('lets in one after the other where each gives at once what it held back', async () => {
    const clock = new VirtualClock()
    const received = [0, 0, 0]
    const peers = new Map<number, GatedSource>()
    const gate = new DownloadGate(clock, new RateLimit(clock, 1_000), peers)
    for (const index of received.keys()) {
      const resumeReading = (): void => {
        received[index] = (received[index] ?? 0) + 1
        gate.onReceived(1_000)
      }
      peers.set(index, { pauseReading: () => undefined, resumeReading, lastHeardMs: 0, lastUsefulMs: 0, arrivingSinceMs: 0 })
    }
    gate.onReceived(1_000)
    await clock.advance(60_000)
    expect(Math.max(...received) - Math.min(...received)).toBeLessThanOrEqual(1)
    expect(received.reduce((sum, count) => sum + count)).toBeLessThanOrEqual(61)
  })

  it('holds no time against a peer in which it was not read, and no more than that', async () => {
    const clock = new VirtualClock()
    const { peers } = senders(clock, 1, 0, 1_000_000)
    const [peer] = [...peers.values()] as [GatedSource]
    const gate = new DownloadGate(clock, new RateLimit(clock, 1_000), peers)
    await clock.advance(3_000)
    gate.onReceived(5_000)
    await clock.advance(1_000)
    gate.excuse()
    gate.excuse()
    expect(peer).toMatchObject({ lastHeardMs: 1_000, lastUsefulMs: 1_000, arrivingSinceMs: 1_000 })
    peer.lastHeardMs = clock.nowMs()
    await clock.advance(10_000)
    const heardMs = peer.lastHeardMs
    expect(peer.lastUsefulMs).toBeGreaterThan(1_900)
    expect(peer.lastUsefulMs).toBeLessThan(6_000)
    expect(heardMs - 4_000).toBe(peer.lastUsefulMs - 1_000)
    await clock.advance(10_000)
    gate.excuse()
    expect(peer.lastHeardMs).toBe(heardMs)
  })
})
