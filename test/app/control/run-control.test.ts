import { describe, expect, it } from 'vitest'
import { EventedRun } from '../../../src/app/control/run-control.ts'
import type { VerbEvents } from '../../../src/app/events.ts'
import { Events } from '../../../src/base/events.ts'
import { progressAt } from '../../cli/sample-events.ts'

function fetching() {
  const events = new Events<VerbEvents>()
  const facts = {
    verb: 'fetch',
    infoHash: 'aa',
    name: null,
    state: 'metadata',
    pathOf: (name: string | null) => `/srv/${name ?? ''}`,
  } as const
  return { events, run: new EventedRun(facts, events) }
}

describe('a run as the control socket shows it', () => {
  it('is what is known at its start', () => {
    const { run } = fetching()
    expect(run.describe()).toMatchObject({ verb: 'fetch', infoHash: 'aa', name: null, path: '/srv/', state: 'metadata', bytesTotal: 0 })
    expect(Math.abs(Date.now() - Date.parse(run.describe().startedAt))).toBeLessThan(60_000)
  })

  it('learns from what the verb tells', () => {
    const { events, run } = fetching()
    const { pieces, ...metadata } = {
      format: 'v1' as const,
      infoHash: 'aa',
      infoHashV2: null,
      name: 'app',
      bytesTotal: 9,
      files: 1,
      pieces: 1,
      pieceLengthBytes: 1,
      isPrivate: false,
    }
    events.emit('metadata', { pieces, ...metadata })
    events.emit('ready', { infoHash: 'aa', infoHashV2: null, magnet: 'm', listen: [{ host: '::1', port: 7 }], announced: false })
    const progress = progressAt(0.5)
    events.emit('progress', progress)
    const { bytesDone, bytesTotal, downBytesPerSecond, upBytesPerSecond, peers, seeds } = progress
    expect(run.describe()).toMatchObject({ name: 'app', path: '/srv/app', listen: ['[::1]:7'], state: 'fetch', bytesDone, bytesTotal })
    expect(run.describe()).toMatchObject({ downBytesPerSecond, upBytesPerSecond, peers, seeds })
  })

  it('seeds as soon as a seed is ready', () => {
    const events = new Events<VerbEvents>()
    const run = new EventedRun({ verb: 'seed', infoHash: null, name: 'app', state: 'hash', pathOf: () => '/srv/app' }, events)
    events.emit('ready', { infoHash: 'aa', infoHashV2: null, magnet: 'm', listen: [], announced: false })
    expect(run.describe()).toMatchObject({ state: 'seed', path: '/srv/app', listen: [] })
  })

  it('takes no web seeds when it has everything', async () => {
    const { webSeeds } = fetching().run
    expect(webSeeds.list()).toEqual([])
    for (const change of [webSeeds.add('a'), webSeeds.remove('a'), webSeeds.replace('a', 'b')]) {
      await expect(change).rejects.toMatchObject({ code: 'USAGE', message: 'This run has everything, and asks no web seed.' })
    }
  })
})
