import { describe, expect, it } from 'vitest'
import { KiB } from '../../src/base/units.ts'
import type { TestHost } from './support/test-host.ts'
import { World } from './support/world.ts'

const LAN_LATENCY_MS = 1
const uploadBytesPerSecond = 12_500_000

/** How long each of `hosts` waited for its first bytes after it was connected with somebody. */
async function waitsOf(world: World, hosts: readonly TestHost[]): Promise<number[]> {
  const connectedMs = new Map<TestHost, number>()
  const waitedMs = new Map<TestHost, number>()
  await world.clock.until(() => {
    const nowMs = world.clock.nowMs()
    for (const host of hosts) {
      const { peers, downloadedBytes } = host.swarm.status()
      if (peers > 0 && !connectedMs.has(host)) connectedMs.set(host, nowMs)
      if (downloadedBytes > 0 && !waitedMs.has(host)) waitedMs.set(host, nowMs - (connectedMs.get(host) ?? nowMs))
    }
    return waitedMs.size === hosts.length
  }, 10_000)
  return hosts.map((host) => waitedMs.get(host) ?? Number.POSITIVE_INFINITY)
}

describe('the first useful byte', () => {
  it('is there within 300 ms of connecting, when twelve hosts start together at one origin', async () => {
    const world = new World({ pieces: 60, pieceBytes: 256 * KiB, latencyMs: LAN_LATENCY_MS })
    world.seed({ uploadBytesPerSecond })
    const leeches = Array.from({ length: 12 }, () => world.leech({ uploadBytesPerSecond }))
    world.introduceAll()
    expect(Math.max(...(await waitsOf(world, leeches)))).toBeLessThan(300)
    expect(await world.completes(leeches)).toBe(true)
  })

  it('is there within 300 ms of connecting, when a host comes late into a swarm that is busy', async () => {
    const world = new World({ pieces: 120, pieceBytes: 256 * KiB, latencyMs: LAN_LATENCY_MS })
    const seed = world.seed({ uploadBytesPerSecond })
    const busy = Array.from({ length: 8 }, () => world.leech({ uploadBytesPerSecond }))
    world.introduceAll()
    await world.clock.advance(1_500)
    expect(busy.some((leech) => leech.isComplete)).toBe(false)
    const late = world.leech({ uploadBytesPerSecond })
    late.meets(seed, ...busy)
    expect((await waitsOf(world, [late]))[0]).toBeLessThan(300)
    expect(await world.completes([late, ...busy])).toBe(true)
  })
})
