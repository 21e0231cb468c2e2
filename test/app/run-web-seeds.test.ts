import { describe, expect, it, onTestFinished } from 'vitest'
import type { VerbEvents } from '../../src/app/events.ts'
import { type NamedWebSeed, RunWebSeeds, type SwarmOfWebSeeds } from '../../src/app/run-web-seeds.ts'
import { Events } from '../../src/base/events.ts'
import type { SwarmEvents } from '../../src/swarm/swarm-types.ts'
import type { WebSeedStatus } from '../../src/swarm/web-seeds.ts'
import { decodeMetainfo } from '../../src/torrent/metainfo.ts'
import type { WebSeed } from '../../src/web-seed/web-seed.ts'
import { singleInfo, torrent } from '../torrent/build-torrent.ts'

describe('the web seeds of a run', () => {
  it('are refused before it transfers', async () => {
    const webSeeds = new RunWebSeeds({ env: {}, cwd: '/' }, new Events<VerbEvents>())
    expect(webSeeds.list()).toEqual([])
    for (const change of [webSeeds.add('/a'), webSeeds.remove('/a'), webSeeds.replace('/a', '/b')]) {
      await expect(change).rejects.toMatchObject({ code: 'BUSY' })
    }
  })

  it('that a torrent names wrongly are warned of, and those of the person end the run', async () => {
    const { webSeeds, begin, warnings } = running()
    await begin([{ url: 'gopher://a/', namedBy: 'torrent' }])
    expect(warnings).toEqual([expect.stringContaining('not a well-formed URL')])
    expect(webSeeds.despair).toMatchObject({ code: 'NETWORK_FAILED' })
    await expect(running().begin([{ url: 'gopher://a/', namedBy: 'operator' }])).rejects.toMatchObject({ code: 'USAGE' })
  })

  it('are no reason to despair while one may be asked again', async () => {
    const { webSeeds, begin, fail, warnings } = running()
    await begin([own('/a'), own('/b')])
    expect(webSeeds.despair).toBeUndefined()
    fail('/a', { message: '/a is gone.', isOut: true })
    fail('/b', { message: '/b is slow.', isOut: false, retryInMs: 20_000 })
    expect(warnings).toEqual(['/a is gone. It is not asked again.', '/b is slow. It is asked again in 20s.'])
    expect(webSeeds.despair).toBeUndefined()
    fail('/b', { message: '/b is gone too.', isOut: true })
    expect(webSeeds.despair).toMatchObject({ code: 'NETWORK_FAILED', message: 'No web seed is left to ask. /b is gone too.' })
  })

  it('are told of by the one that lied, whatever failed later', async () => {
    const { webSeeds, begin, fail, warnings } = running()
    await begin([own('/a'), own('/b')])
    fail('/a', { message: '/a sent wrong data and is not asked again.', isOut: true, hasLied: true })
    fail('/b', { message: '/b is gone.', isOut: true })
    expect(warnings[0]).toBe('/a sent wrong data and is not asked again.')
    expect(webSeeds.despair).toMatchObject({
      code: 'VERIFY_FAILED',
      message: 'No web seed is left to ask. /a sent wrong data and is not asked again.',
    })
  })

  it('may all be taken away without a word, for others may be added', async () => {
    const { webSeeds, begin, fail } = running()
    await begin([own('/a')])
    fail('/a', { message: '/a is slow.', isOut: false, retryInMs: 5_000 })
    await webSeeds.remove('/a')
    expect([webSeeds.list(), webSeeds.despair]).toEqual([[], undefined])
    expect(await webSeeds.add('/b')).toBe('/b')
  })

  it('are not replaced by what is asked already, themselves included, and stay when that is refused', async () => {
    const { webSeeds, begin } = running()
    await begin([own('/a'), own('/b')])
    for (const by of ['/a', '/b', 'gopher://c/']) await expect(webSeeds.replace('/a', by)).rejects.toMatchObject({ code: 'USAGE' })
    expect(webSeeds.list().map(({ label }) => label)).toEqual(['/a', '/b'])
    expect(await webSeeds.replace('/a', '/c')).toEqual({ removed: '/a', added: '/c' })
    expect(webSeeds.list().map(({ label }) => label)).toEqual(['/b', '/c'])
  })

  it('that were given up get a new start when they are added or put in their own place', async () => {
    const { webSeeds, begin, fail } = running()
    await begin([own('/a')])
    for (const again of [() => webSeeds.add('/a'), () => webSeeds.replace('/a', '/a')]) {
      fail('/a', { message: '/a is gone.', isOut: true })
      expect(webSeeds.list()).toMatchObject([{ label: '/a', state: 'out' }])
      await again()
      expect(webSeeds.list()).toMatchObject([{ label: '/a', state: 'idle' }])
    }
  })
})

function own(url: string): NamedWebSeed {
  return { url, namedBy: 'operator' }
}

/** A run whose swarm only keeps a list of web seeds, which a test can make fail. */
function running() {
  const warnings: string[] = []
  const events = new Events<VerbEvents>()
  events.on('warning', ({ message }) => warnings.push(message))
  const swarmEvents = new Events<SwarmEvents>()
  const known = new Map<WebSeed, WebSeedStatus>()
  const swarm: SwarmOfWebSeeds = {
    events: swarmEvents,
    webSeeds: () => [...known.values()],
    addWebSeed: (webSeed, namedBy) => void known.set(webSeed, { ...fresh, label: webSeed.label, namedBy }),
    removeWebSeed: (webSeed) => known.delete(webSeed),
  }
  const webSeeds = new RunWebSeeds({ env: {}, cwd: '/' }, events)
  onTestFinished(() => webSeeds.close())
  const fail = (label: string, failure: Failure): void => {
    const { message, isOut, hasLied = false, retryInMs } = failure
    for (const [webSeed, status] of known) {
      if (status.label === label) known.set(webSeed, { ...status, state: isOut ? 'out' : 'waiting', lastFailure: message, retryInMs })
    }
    swarmEvents.emit('webSeed', { message, isOut, hasLied })
  }
  return {
    webSeeds,
    warnings,
    fail,
    begin: (named: readonly NamedWebSeed[]) => webSeeds.begin(swarm, decodeMetainfo(torrent(singleInfo())), named),
  }
}

interface Failure {
  readonly message: string
  readonly isOut: boolean
  readonly hasLied?: boolean
  readonly retryInMs?: number
}

const fresh = {
  state: 'idle',
  downloadedBytes: 0,
  bytesPerSecond: 0,
  strikes: 0,
  lastFailure: undefined,
  retryInMs: undefined,
} as const
