import { expect, it } from 'vitest'
import { BulkProgress } from '../../src/app/bulk-progress.ts'
import type { ProgressEvent, VerbEvents } from '../../src/app/events.ts'
import { Events } from '../../src/base/events.ts'
import { ManualClock } from '../support/manual-clock.ts'

it('the rate of work on the disk is that of the work, and nothing comes over the network meanwhile', () => {
  const events = new Events<VerbEvents>()
  const told: ProgressEvent[] = []
  events.on('progress', (progress) => told.push(progress))
  const clock = new ManualClock()
  const progress = new BulkProgress('hash', clock, events)
  progress.tell(0, 3_000)
  clock.advance(1_000)
  progress.tell(1_000, 3_000)
  expect(told).toMatchObject([
    { phase: 'hash', bytesDone: 0, bytesPerSecond: 0, downBytesPerSecond: 0, etaSeconds: null },
    { phase: 'hash', bytesDone: 1_000, bytesPerSecond: 1_000, downBytesPerSecond: 0, etaSeconds: 2 },
  ])
})
