import { describe, expect, it, onTestFinished } from 'vitest'
import type { ProgressEvent, VerbEvents } from '../../../src/app/events.ts'
import { PlacingProgress } from '../../../src/app/fetch/placing-progress.ts'
import { Events } from '../../../src/base/events.ts'
import { MovingClock } from '../../discovery/support/moving-clock.ts'

function placing() {
  const clock = new MovingClock()
  const events = new Events<VerbEvents>()
  const told: Pick<ProgressEvent, 'phase' | 'bytesDone' | 'bytesTotal'>[] = []
  events.on('progress', ({ phase, bytesDone, bytesTotal }) => told.push({ phase, bytesDone, bytesTotal }))
  const progress = new PlacingProgress(clock, events)
  onTestFinished(() => progress.end())
  return { clock, told, progress }
}

describe('what is told of content that is put in place', () => {
  it('is nothing where it takes a moment', async () => {
    const { clock, told, progress } = placing()
    progress.note(0, 100)
    await clock.move(900)
    progress.note(100, 100)
    progress.end()
    await clock.move(10_000)
    expect(told).toEqual([])
    expect(clock.pendingCount).toBe(0)
  })

  it('comes while one file takes long, and ends with all of it', async () => {
    const { clock, told, progress } = placing()
    progress.note(0, 100)
    expect(progress.isTold).toBe(false)
    await clock.move(1_250)
    expect(progress.isTold).toBe(true)
    expect(told).toEqual([0, 0].map((bytesDone) => ({ phase: 'place', bytesDone, bytesTotal: 100 })))
    progress.note(100, 100)
    progress.end()
    expect(told.at(-1)).toEqual({ phase: 'place', bytesDone: 100, bytesTotal: 100 })
    expect([progress.isTold, clock.pendingCount]).toEqual([false, 0])
  })

  it('does not end with all of it where it was broken off', async () => {
    const { clock, told, progress } = placing()
    progress.note(40, 100)
    await clock.move(1_000)
    progress.end()
    expect(told).toEqual([{ phase: 'place', bytesDone: 40, bytesTotal: 100 }])
  })

  it('is nothing again when the next begins', async () => {
    const { clock, told, progress } = placing()
    progress.note(0, 100)
    await clock.move(1_000)
    progress.end()
    progress.note(0, 7)
    await clock.move(750)
    expect(told).toHaveLength(1)
    await clock.move(250)
    expect(told.at(-1)).toEqual({ phase: 'place', bytesDone: 0, bytesTotal: 7 })
  })
})
