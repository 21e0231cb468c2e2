import { describe, expect, it } from 'vitest'
import { HostRoll } from '../../../src/app/copies/host-roll.ts'
import { missingSentence } from '../../../src/app/copies/missing-sentence.ts'
import type { CopyEvent } from '../../../src/swarm/copy-exchange.ts'
import type { PeerStatus } from '../../../src/swarm/swarm-types.ts'
import { VirtualClock } from '../../swarm/support/virtual-clock.ts'

const address = { host: '192.0.2.9', port: 6881 }

function peer(hostName: string | undefined, progress: number, zone?: string): PeerStatus {
  const still = { downloadedBytes: 0, uploadedBytes: 0, downBytesPerSecond: 0, upBytesPerSecond: 0 }
  return { address, peerId: 'aa', client: undefined, hostName, zone, progress, ...still }
}

function copy(hostName: string | undefined, zone?: string): CopyEvent {
  return { hostId: 'ab', hostName, zone, peerId: 'aa', address, listenAddress: undefined }
}

function roll(names: readonly string[]) {
  const clock = new VirtualClock()
  return {
    clock,
    roll: new HostRoll(
      names.map((name) => ({ name })),
      () => 1_000_000,
      clock,
    ),
  }
}

describe('the roll of the expected hosts', () => {
  it('knows who has it, who is on the way, and who is missing', () => {
    const { roll: called } = roll(['web-10', 'web-2', 'web-3', 'web-4'])
    called.look([peer('web-2', 0.5), peer('web-3', 0.25), peer('stranger', 0.1), peer(undefined, 1)])
    expect(called.onCopy(copy('web-4'))).toBe(true)
    expect(called.onCopy(copy('web-4'))).toBe(false)
    expect(called.onCopy(copy('stranger'))).toBe(false)
    expect(called.onCopy(copy(undefined))).toBe(false)
    expect(called.counts).toEqual({ total: 4, complete: 1, arriving: 2, missing: 1 })
    expect(called.records().map(({ name, state }) => [name, state])).toEqual([
      ['web-10', 'missing'],
      ['web-3', 'arriving'],
      ['web-2', 'arriving'],
      ['web-4', 'complete'],
    ])
  })

  it('tells how fast a host gets its pieces, and nothing of what it came with', async () => {
    const { clock, roll: called } = roll(['web-1'])
    called.look([peer('web-1', 0)])
    await clock.advance(1_000)
    called.look([peer('web-1', 0.5)])
    expect(called.records()[0]?.bytesPerSecond).toBe(0)
    for (let step = 1; step <= 4; step++) {
      await clock.advance(1_000)
      called.look([peer('web-1', 0.5 + step / 10)])
    }
    const [host] = called.records()
    expect(host?.progress).toBe(0.9)
    expect(host?.bytesPerSecond).toBeGreaterThan(50_000)
    expect(host?.bytesPerSecond).toBeLessThan(150_000)
  })

  it('remembers of a host that left how far it was, and counts it as missing', () => {
    const { roll: called } = roll(['web-1'])
    called.look([peer('web-1', 0.43)])
    called.look([])
    expect(called.counts).toEqual({ total: 1, complete: 0, arriving: 0, missing: 1 })
    expect(called.records()).toMatchObject([{ state: 'missing', progress: 0.43, bytesPerSecond: 0, address }])
    called.onCopy(copy('web-1'))
    called.look([peer('web-1', 1)])
    expect(called.counts).toEqual({ total: 1, complete: 1, arriving: 0, missing: 0 })
  })

  it('takes the zone that the list says before the one that a host tells', () => {
    const called = new HostRoll([{ name: 'a', zone: 'rack-1' }, { name: 'b' }, { name: 'c' }], () => 0, new VirtualClock())
    called.look([peer('a', 0, 'rack-9'), peer('b', 0, 'rack-2')])
    called.onCopy(copy('c', 'rack-3'))
    expect(called.records().map(({ name, zone }) => [name, zone])).toEqual([
      ['a', 'rack-1'],
      ['b', 'rack-2'],
      ['c', 'rack-3'],
    ])
  })

  it('takes the host that is further where two go by one name', () => {
    const { roll: called } = roll(['web-1'])
    called.look([peer('web-1', 0.2), peer('web-1', 0.7), peer('web-1', 0.1)])
    expect(called.records()).toMatchObject([{ progress: 0.7 }])
    expect(called.counts.arriving).toBe(1)
  })
})

describe('the sentence about those that are missing', () => {
  it('names a few, with how far they were', () => {
    const { roll: called } = roll(['a', 'b', 'c'])
    called.look([peer('b', 0.437)])
    called.onCopy(copy('c'))
    expect(missingSentence(called.records())).toBe('Missing: a, b (43 %).')
  })

  it('counts many, and is empty when nobody is', () => {
    const many = roll(Array.from({ length: 40 }, (_, index) => `web-${index}`)).roll
    expect(missingSentence(many.records())).toBe('Missing: 40 hosts, among them web-0, web-1, web-2, web-3, web-4, web-5.')
    expect(missingSentence([])).toBe('')
  })
})
