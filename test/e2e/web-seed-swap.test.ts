import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, expect, test } from 'vitest'
import type { DistroEvent, DistroProcess } from '../support/distro-process.ts'
import { spawnDistro } from '../support/spawn-distro.ts'
import { startRawServer, startServer, type WebServer } from '../web-seed/support/web-server.ts'
import { type Publication, publication } from './support/publication.ts'

const sizeBytes = 28_000_000

describe('the web seeds of a fetch, changed while it goes on', () => {
  test('one is replaced by another at half the way: everything arrives, and each byte is asked for once', async () => {
    // What is on its way when the other comes, two ranges of 16 MiB at most, still comes from the first: the second half is more than that.
    const sizeBytes = 80_000_000
    const published = await publication('file', sizeBytes)
    const [isAsked, isSwapped, isServed] = [new Gate(), new Gate(), new Gate()]
    let open = 0
    const older = await startServer((request, response) => {
      open++
      response.once('finish', () => {
        if (--open === 0 && isAsked.isOpen) isServed.open()
      })
      // What lies in the second half stays on its way until the other one is there.
      if (rangeOf(request)[1] <= sizeBytes / 2) return published.answer(request, response)
      isAsked.open()
      void isSwapped.opened.then(() => published.answer(request, response))
    })
    const newer = await startServer((request, response) => {
      if (isTrial(request)) return published.answer(request, response)
      return void isServed.opened.then(() => published.answer(request, response))
    })
    const fetch = published.fetch(['--web-seed', older.url])
    await isAsked.opened
    const run = await onlyRun(published)
    await change(published, ['replace', run, older.url, newer.url])
    expect((await webSeeds(published, run)).map(({ label, state }) => [label, state])).toEqual([
      [newer.url, 'active'],
      [older.url, 'leaving'],
    ])
    isSwapped.open()
    await published.expectCopy(fetch)
    expect(newer.requests.length).toBeGreaterThan(0)
    expectOnce([...older.requests, ...newer.requests], sizeBytes)
    expect(fetch.events('done')[0]).toMatchObject({ downloaded: sizeBytes, bySource: { peers: 0, webSeeds: sizeBytes, local: 0 } })
  })

  test('one is replaced under --down-limit: it holds, and each byte is asked for once', async () => {
    const { published, older, newer, isChanged } = await place()
    const fetch = published.fetch(['--web-seed', older.url, '--down-limit', '3M'])
    const run = await halfWay(fetch, published)
    await change(published, ['replace', run, older.url, newer.url])
    isChanged.open()
    await published.expectCopy(fetch)
    expectOnce([...older.requests, ...newer.requests], sizeBytes)
    const [done] = fetch.events('done')
    expect(done).toMatchObject({ downloaded: sizeBytes })
    expect(sizeBytes / Number(done?.seconds)).toBeLessThan(4 * 2 ** 20)
  })

  test('one is removed at half the way and another added: everything arrives, and no block comes twice', async () => {
    const { published, older, newer } = await place()
    const fetch = published.fetch(['--web-seed', older.url, '--down-limit', '3M'])
    const run = await halfWay(fetch, published)
    await change(published, ['remove', run, older.url])
    const askedBefore = older.requests.length
    expect(await webSeeds(published, run)).toEqual([])
    await change(published, ['add', run, newer.url])
    await published.expectCopy(fetch)
    expect(older.requests).toHaveLength(askedBefore)
    expect(fetch.events('done')[0]).toMatchObject({ downloaded: sizeBytes, bySource: { peers: 0, webSeeds: sizeBytes, local: 0 } })
    expect(fetch.events('warning')).toEqual([])
  })

  test('one that hangs is replaced: the other gives what it owes', async () => {
    const { published, newer } = await place()
    const hanging = await startRawServer((_header, socket) => socket.write(`HTTP/1.1 206 OK\r\ncontent-range: bytes 0-1/${sizeBytes}`))
    const fetch = published.fetch(['--web-seed', hanging.url])
    await fetch.event('ready')
    const run = await onlyRun(published)
    await change(published, ['replace', run, hanging.url, newer.url])
    await published.expectCopy(fetch)
  })

  test('none is added or takes the place of another that has not the content', async () => {
    const { published, older, isChanged } = await place()
    const empty = await startServer((_request, response) => void response.writeHead(404).end())
    const fetch = published.fetch(['--web-seed', older.url])
    await fetch.event('ready')
    const run = await onlyRun(published)
    for (const words of [
      ['replace', run, older.url, empty.url],
      ['add', run, 'http://127.0.0.1:9/'],
    ]) {
      const refused = spawnDistro(['web-seed', ...words, '--state-dir', published.state])
      expect(await refused.exited, refused.output).toEqual({ code: 8, signal: null })
      expect(refused.stderr.join('\n')).toMatch(/HTTP status 404.+Nothing was changed\.|nothing listens there\. Nothing was changed\./)
    }
    isChanged.open()
    await published.expectCopy(fetch)
    expect(fetch.events('warning')).toEqual([])
  })

  test('one that was given up is asked anew when it is added again', async () => {
    const { published } = await place()
    let isMended = false
    const server = await startServer((request, response) => {
      if (isMended) published.answer(request, response)
      else response.writeHead(404).end()
    })
    // Somebody who might still come keeps the fetch from giving up.
    const fetch = published.fetch(['--web-seed', server.url, '--peer', '127.0.0.1:9', '--keep-seeding'])
    await fetch.event('warning', { accepts: ({ message }) => String(message).includes('404') })
    const run = await onlyRun(published)
    expect(await webSeeds(published, run)).toMatchObject([{ state: 'out', strikes: 1 }])
    isMended = true
    await change(published, ['add', run, server.url])
    await fetch.event('done')
    expect(await webSeeds(published, run)).toMatchObject([{ label: server.url, strikes: 0, lastFailure: null }])
    await fetch.stop()
    await published.expectCopy(fetch)
  })

  test('are refused when they are there already, are not there, or are none', async () => {
    const { published, older, newer } = await place()
    const fetch = published.fetch(['--web-seed', older.url, '--down-limit', '100K'])
    await fetch.event('ready')
    const run = await onlyRun(published)
    for (const [words, code, sentence] of [
      [['add', run, older.url], 2, /is asked already\./],
      [['replace', run, older.url, older.url], 2, /is asked already\./],
      [['remove', run, newer.url], 2, /This run has no such web seed\./],
      [['replace', run, newer.url, older.url], 2, /This run has no such web seed\./],
      [['add', run, 'gopher://mirror.example/'], 2, /is not a well-formed URL of http or https\./],
    ] as const) {
      const refused = spawnDistro(['web-seed', ...words, '--state-dir', published.state])
      expect(await refused.exited, refused.output).toEqual({ code, signal: null })
      expect(refused.stderr.join('\n')).toMatch(sentence)
    }
    expect((await webSeeds(published, run)).map(({ label }) => label)).toEqual([older.url])
    await fetch.stop()
  })
})

interface Place {
  readonly published: Publication
  /** Keeps the last byte to itself until `isChanged` is open: however long a change takes, the fetch goes on until then. */
  readonly older: WebServer
  readonly newer: WebServer
  readonly isChanged: Gate
}

async function place(): Promise<Place> {
  const published = await publication('file', sizeBytes)
  const isChanged = new Gate()
  const older = await startServer((request, response) => {
    const end = response.end.bind(response)
    const endLate = (body: Buffer): ServerResponse => {
      response.write(body.subarray(0, -1))
      void isChanged.opened.then(() => end(body.subarray(-1)))
      return response
    }
    published.answer(request, rangeOf(request)[1] === sizeBytes ? Object.assign(response, { end: endLate }) : response)
  })
  return { published, older, newer: await startServer(published.answer), isChanged }
}

/** Waits until half of it is there; what the run is called. */
async function halfWay(fetch: DistroProcess, published: Publication): Promise<string> {
  await fetch.event('ready')
  const run = await onlyRun(published)
  await fetch.event('progress', { accepts: ({ bytesDone }) => Number(bytesDone) >= sizeBytes / 2 })
  return run
}

async function onlyRun(published: Publication): Promise<string> {
  const [run] = await printed(['ps'], published, 'run')
  return String(run?.id)
}

function webSeeds(published: Publication, run: string): Promise<DistroEvent[]> {
  return printed(['web-seed', 'list', run], published, 'web-seed')
}

async function change(published: Publication, words: readonly string[]): Promise<void> {
  expect(await printed(['web-seed', ...words], published, 'web-seed-change')).toHaveLength(1)
}

async function printed(words: readonly string[], { state }: Publication, type: string): Promise<DistroEvent[]> {
  const process = spawnDistro([...words, '--json', '--state-dir', state])
  expect(await process.exited, process.output).toEqual({ code: 0, signal: null })
  return process.events(type)
}

/** Each byte was asked for once, and none was left out; but for the one by which a new one was tried. */
function expectOnce(requests: readonly IncomingMessage[], bytes: number): void {
  const asked = requests
    .filter((request) => !isTrial(request))
    .map(rangeOf)
    .sort(([one], [other]) => one - other)
  expect(asked.map(([begin]) => begin)).toEqual([0, ...asked.slice(0, -1).map(([, end]) => end)])
  expect(asked.at(-1)?.[1]).toBe(bytes)
}

function isTrial({ headers }: IncomingMessage): boolean {
  return headers.range === 'bytes=0-0'
}

/** What a server was asked for: the first byte, and the one after the last. */
function rangeOf({ headers }: IncomingMessage): [begin: number, end: number] {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(String(headers.range)) ?? []
  return [Number(first), Number(last) + 1]
}

/** Something that happens once. */
class Gate {
  isOpen = false
  open: () => void = () => undefined
  readonly opened = new Promise<void>((resolve) => {
    this.open = () => {
      this.isOpen = true
      resolve()
    }
  })
}
