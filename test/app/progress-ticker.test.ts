import { describe, expect, it, onTestFinished } from 'vitest'
import type { Phase, ProgressEvent, VerbEvents } from '../../src/app/events.ts'
import { ProgressTicker } from '../../src/app/progress-ticker.ts'
import { Events } from '../../src/base/events.ts'
import type { SwarmStatus } from '../../src/swarm/swarm-types.ts'

function toldOf(phase: Phase | undefined, bytesTotal: number): ProgressEvent[] {
  const events = new Events<VerbEvents>()
  const told: ProgressEvent[] = []
  events.on('progress', (progress) => told.push(progress))
  const status: Partial<SwarmStatus> = { bytesDone: 0, bytesTotal, webSeedBytes: 0, earlierBytes: 0, downBytesPerSecond: 7 }
  const ticker = new ProgressTicker({ events, phase: () => phase, status: () => status as SwarmStatus, localBytes: () => 0 })
  onTestFinished(() => ticker.stop())
  ticker.tell()
  return told
}

describe('the ticker', () => {
  it('is silent of a download while the disk is still looked at', () => {
    expect(toldOf('fetch', 0)).toEqual([])
    expect(toldOf('fetch', 1)).toMatchObject([{ phase: 'fetch', bytesTotal: 1, bytesPerSecond: 7, downBytesPerSecond: 7 }])
  })

  it('is silent while something else tells', () => {
    expect(toldOf(undefined, 1)).toEqual([])
  })

  it.each(['metadata', 'seed', 'wait'] as const)('tells of the phase %s whatever is known', (phase) => {
    expect(toldOf(phase, 0)).toMatchObject([{ phase, bytesPerSecond: 0, downBytesPerSecond: 7 }])
  })
})
