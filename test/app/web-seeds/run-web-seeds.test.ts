import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { VerbEvents } from '../../../src/app/events.ts'
import { checkFolders } from '../../../src/app/web-seeds/check-folders.ts'
import { type NamedWebSeed, RunWebSeeds, type SwarmOfWebSeeds, type WebSeedChecks } from '../../../src/app/web-seeds/run-web-seeds.ts'
import { DistroError } from '../../../src/base/errors.ts'
import { Events } from '../../../src/base/events.ts'
import type { SwarmEvents } from '../../../src/swarm/swarm-types.ts'
import type { WebSeedStatus } from '../../../src/swarm/web-seeds/web-seeds.ts'
import { decodeMetainfo } from '../../../src/torrent/metainfo.ts'
import type { WebSeed } from '../../../src/web-seed/web-seed.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { singleInfo, torrent } from '../../torrent/build-torrent.ts'

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
    expect(warnings).toEqual(['/a is gone. It is not asked again.', '/b is slow. It is asked again in 20 s.'])
    expect(webSeeds.despair).toBeUndefined()
    fail('/b', { message: '/b is gone too.', isOut: true })
    expect(webSeeds.despair).toMatchObject({ code: 'NETWORK_FAILED', message: 'No web seed is left to ask. /b is gone too.' })
  })

  it('are told of with what to do about it where that is known, and of credentials only then', async () => {
    const { webSeeds, begin, fail, warnings } = running()
    await begin([own('/a')])
    fail('/a', { message: '/a is gone.', isOut: true })
    expect(webSeeds.despair?.hint).toBe('Name another one with --web-seed, or a peer with --peer. What was verified is kept.')
    fail('/a', { message: '/a is not there.', hint: 'Try /b.', isOut: true })
    expect(warnings.at(-1)).toBe('/a is not there. Try /b. It is not asked again.')
    expect(webSeeds.despair?.hint).toBe('Try /b. What was verified is kept.')
  })

  it('that gave nothing say why', async () => {
    const { webSeeds, begin, fail } = running()
    await begin([own('/a'), own('/b')])
    fail('/a', { message: '/a cannot be reached.', isOut: false, retryInMs: 5_000 })
    expect(webSeeds.failures).toEqual(['/a cannot be reached.'])
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

  it('are not told of by one that lied and was taken away', async () => {
    const { webSeeds, begin, fail } = running()
    await begin([own('/a'), own('/b')])
    fail('/a', { message: '/a sent wrong data and is not asked again.', isOut: true, hasLied: true })
    await webSeeds.remove('/a')
    fail('/b', { message: '/b is gone.', isOut: true })
    expect(webSeeds.despair).toMatchObject({ code: 'NETWORK_FAILED', message: 'No web seed is left to ask. /b is gone.' })
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

  it('are changed one at a time, however many ask for it at once', async () => {
    const { webSeeds, begin } = running()
    await begin([own('/a'), own('/b'), own('/c')])
    const changes = [
      webSeeds.replace('/a', '/x'),
      webSeeds.replace('/b', '/x'),
      webSeeds.replace('/a', '/y'),
      webSeeds.add('/z'),
      webSeeds.remove('/z'),
      webSeeds.add('/x'),
    ]
    const outcomes = (await Promise.allSettled(changes)).map((each) => (each.status === 'fulfilled' ? each.value : each.reason.code))
    expect(outcomes).toEqual([{ removed: '/a', added: '/x' }, 'USAGE', 'INPUT_MISSING', '/z', '/z', 'USAGE'])
    expect(webSeeds.list().map(({ label }) => label)).toEqual(['/b', '/c', '/x'])
  })

  it('are not added, nor put in the place of another, where they are folders that are not there', async () => {
    const folder = await temporaryFolder()
    const { webSeeds, begin } = running({ checkFolders })
    await begin([own('https://b.example/')])
    const none = join(folder, 'none')
    await expect(webSeeds.add(none)).rejects.toMatchObject({ code: 'INPUT_MISSING' })
    await expect(webSeeds.replace('https://b.example/', none)).rejects.toMatchObject({ code: 'INPUT_MISSING' })
    expect(await webSeeds.add(folder)).toBe(folder)
    expect(webSeeds.list().map(({ label }) => label)).toEqual(['https://b.example/', folder])
  })

  it('that give nothing when they are tried are not added, nor put in the place of another', async () => {
    const tried: string[] = []
    const tryWebSeed = async ({ label }: WebSeed): Promise<void> => {
      tried.push(label)
      if (label === '/wrong') throw new DistroError('NETWORK_FAILED', 'It is not there.')
    }
    const { webSeeds, begin, fail, removed } = running({ tryWebSeed })
    await begin([own('/a'), own('/b')])
    expect(tried).toEqual([])
    await expect(webSeeds.add('/wrong')).rejects.toMatchObject({ code: 'NETWORK_FAILED' })
    await expect(webSeeds.replace('/a', '/wrong')).rejects.toMatchObject({ code: 'NETWORK_FAILED' })
    expect([webSeeds.list().map(({ label }) => label), removed]).toEqual([['/a', '/b'], []])
    fail('/b', { message: '/b is gone.', isOut: true })
    await webSeeds.add('/b')
    await webSeeds.replace('/a', '/c')
    expect(tried).toEqual(['/wrong', '/wrong', '/b', '/c'])
    expect(webSeeds.list().map(({ label, state }) => [label, state])).toEqual([
      ['/b', 'idle'],
      ['/c', 'idle'],
    ])
  })

  it('that were taken away are closed once nothing is on its way from them', async () => {
    const { begin, left } = running()
    await begin([own('/a')])
    let closed = 0
    left({ label: '/a', read: () => ({ pause: () => {}, resume: () => {}, cancel: () => {} }), close: async () => void closed++ })
    expect(closed).toBe(1)
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

  it('are asked once, however their URL is written', async () => {
    const { webSeeds, begin } = running()
    await begin([own('https://Mirror.example'), { url: 'https://mirror.example/', namedBy: 'torrent' }, own('./a'), own('/a/')])
    expect(webSeeds.list()).toMatchObject([
      { label: 'https://mirror.example/', namedBy: 'operator' },
      { label: '/a', namedBy: 'operator' },
    ])
    for (const again of ['https://mirror.example:443/', 'https://MIRROR.example/?', 'https://user:pw@mirror.example/#x', 'file:///a']) {
      await expect(webSeeds.add(again)).rejects.toMatchObject({ code: 'USAGE', message: expect.stringContaining('is asked already') })
    }
    expect(await webSeeds.add('https://mirror.example:8443/')).toBe('https://mirror.example:8443/')
    expect(await webSeeds.remove('https://MIRROR.example')).toBe('https://mirror.example/')
    expect(webSeeds.list().map(({ label }) => label)).toEqual(['/a', 'https://mirror.example:8443/'])
  })

  it.each([
    ['whose queries differ', 'https://b.example/f?sig=', 'https://b.example/f?...'],
    ['that are alike for 200 characters', `https://b.example/${'a'.repeat(200)}`, `https://b.example/${'a'.repeat(182)}...`],
  ])('%s are told apart by their URLs, and not by the label that they share', async (_what, url, label) => {
    const { webSeeds, begin, fail, removed } = running()
    await begin([own(`${url}1`), own(`${url}2`)])
    expect(webSeeds.list().map((status) => status.label)).toEqual([label, label])
    for (const act of [() => webSeeds.remove(label), () => webSeeds.replace(label, '/c'), () => webSeeds.add(label)]) {
      await expect(act()).rejects.toMatchObject({
        code: 'USAGE',
        message: `Several web seeds of this run are shown as ${label}.`,
        hint: expect.stringContaining('in full'),
      })
    }
    fail(1, { message: 'x', isOut: true })
    await expect(webSeeds.add(`${url}1`)).rejects.toMatchObject({ code: 'USAGE' })
    await webSeeds.add(`${url}2`)
    expect([webSeeds.list().map(({ state }) => state), removed]).toEqual([['idle', 'idle'], [1]])
    await webSeeds.remove(`${url}1`)
    // The label now fits one.
    fail(2, { message: 'x', isOut: true })
    expect(await webSeeds.add(label)).toBe(label)
    expect([webSeeds.list().map(({ state }) => state), removed]).toEqual([['idle'], [1, 0, 2]])
    expect(await webSeeds.remove(label)).toBe(label)
    expect(webSeeds.list()).toEqual([])
  })
})

function own(url: string): NamedWebSeed {
  return { url, namedBy: 'operator' }
}

/** A run whose swarm only keeps a list of web seeds, which a test can make fail. */
/** Its folders are all there and its web seeds all answer, unless the checks say otherwise. */
function running({ checkFolders = async () => undefined, tryWebSeed = async () => undefined }: Partial<WebSeedChecks> = {}) {
  const warnings: string[] = []
  const events = new Events<VerbEvents>()
  events.on('warning', ({ message }) => warnings.push(message))
  const swarmEvents = new Events<SwarmEvents>()
  const known = new Map<WebSeed, WebSeedStatus>()
  /** In the order in which they were added. */
  const numbers = new Map<WebSeed, number>()
  const removed: number[] = []
  const swarm: SwarmOfWebSeeds = {
    events: swarmEvents,
    webSeeds: () => [...known.values()],
    addWebSeed: (webSeed, namedBy) => {
      numbers.set(webSeed, numbers.size)
      known.set(webSeed, { ...fresh, webSeed, label: webSeed.label, namedBy })
    },
    removeWebSeed: (webSeed) => {
      removed.push(numbers.get(webSeed) ?? -1)
      return known.delete(webSeed)
    },
  }
  const webSeeds = new RunWebSeeds({ env: {}, cwd: '/' }, events, { checkFolders, tryWebSeed })
  onTestFinished(() => webSeeds.close())
  const fail = (which: string | number, failure: Failure): void => {
    const { message, hint, isOut, hasLied = false, retryInMs } = failure
    for (const [webSeed, status] of known) {
      if (status.label === which || numbers.get(webSeed) === which)
        known.set(webSeed, { ...status, state: isOut ? 'out' : 'waiting', lastFailure: message, retryInMs })
    }
    swarmEvents.emit('webSeed', { message, hint, isOut, hasLied })
  }
  return {
    webSeeds,
    warnings,
    fail,
    left: (webSeed: WebSeed) => swarmEvents.emit('webSeedLeft', webSeed),
    removed,
    begin: (named: readonly NamedWebSeed[]) => webSeeds.begin(swarm, decodeMetainfo(torrent(singleInfo())), named),
  }
}

interface Failure {
  readonly message: string
  readonly hint?: string
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
