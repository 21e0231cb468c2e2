import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { encodeRequest } from '../../../src/app/control/control-request.ts'
import { DistroError } from '../../../src/base/errors.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { until } from '../../support/until.ts'
import { nothingMoreThan, openResources } from '../support/open-resources.ts'
import { ListedWebSeeds, statusOf } from './support/listed-web-seeds.ts'
import { RawClient } from './support/raw-client.ts'
import { sampleDescription } from './support/sample-description.ts'
import { startServer } from './support/start-server.ts'

const askRun = encodeRequest({ ask: 'run' })
const nothing = { version: 1, kind: 'done', change: { removed: null, added: null } }

describe('a control server', () => {
  it('says what the run is', async () => {
    const webSeeds = new ListedWebSeeds(['https://a.example/', 'https://b.example/'])
    webSeeds.list = () => [statusOf('a'), { ...statusOf('b'), state: 'out' }]
    const { server, path } = await startServer({ run: { webSeeds } })
    const client = new RawClient(path)
    client.send(askRun)
    const { id } = await server.place
    const run = { id, pid: process.pid, ...sampleDescription, webSeeds: 1 }
    expect(await client.hear(2)).toEqual([{ version: 1, kind: 'run', run }, nothing])
  })

  it('adds, replaces and removes web seeds, and answers with those that there are then', async () => {
    const { path } = await startServer({ run: { webSeeds: new ListedWebSeeds(['a']) } })
    const client = new RawClient(path)
    client.send(encodeRequest({ ask: 'add-web-seed', url: 'b' }))
    const seed = (label: string): object => ({ version: 1, kind: 'web-seed', webSeed: statusOf(label) })
    const done = (removed: string | null, added: string | null): object => ({ version: 1, kind: 'done', change: { removed, added } })
    expect(await client.hear(3)).toEqual([seed('a'), seed('b'), done(null, 'b')])
    client.send(encodeRequest({ ask: 'replace-web-seed', url: 'a', by: 'c' }))
    client.send(encodeRequest({ ask: 'remove-web-seed', url: 'b' }))
    expect((await client.hear(8)).slice(3)).toEqual([seed('c'), seed('b'), done('a', 'c'), seed('c'), done('b', null)])
  })

  it('passes on what the run says against it, and goes on', async () => {
    const { path } = await startServer()
    const client = new RawClient(path)
    client.send(encodeRequest({ ask: 'add-web-seed', url: 'bad' }))
    client.send(encodeRequest({ ask: 'remove-web-seed', url: 'x' }))
    client.send(encodeRequest({ ask: 'list-web-seeds' }))
    expect(await client.hear(3)).toMatchObject([
      { kind: 'error', error: { code: 'USAGE', message: 'bad is no web seed.', hint: null } },
      { kind: 'error', error: { code: 'INPUT_MISSING', hint: 'List them.' } },
      nothing,
    ])
  })

  it('tells of a bug in the run without breaking it', async () => {
    const describe = (): never => {
      throw new TypeError('no such thing')
    }
    const { path } = await startServer({ run: { describe } })
    const client = new RawClient(path)
    client.send(askRun)
    expect(await client.hear(1)).toMatchObject([{ error: { code: 'INTERNAL', message: expect.stringContaining('no such thing') } }])
    client.send(encodeRequest({ ask: 'list-web-seeds' }))
    expect((await client.hear(2))[1]).toEqual(nothing)
  })

  it('says that it does not understand garbage, unknown requests and other versions, and goes on', async () => {
    const { path } = await startServer()
    const client = new RawClient(path)
    client.send('garbage\n\n{"version":1,"ask":"dance"}\n{"version":9,"ask":"run"}\n')
    client.send(Buffer.from([0xff, 0xfe, 0x00, 10]))
    client.send(askRun)
    const heard = await client.hear(7)
    expect(heard.slice(0, 5)).toMatchObject(Array.from({ length: 5 }, () => ({ kind: 'error', error: { code: 'USAGE' } })))
    expect(heard[2]).toMatchObject({ error: { message: 'The run does not understand what it was asked: there is no request "dance".' } })
    expect(heard[5]).toMatchObject({ kind: 'run' })
  })

  it('hangs up on a line without end', async () => {
    const { path } = await startServer()
    const client = new RawClient(path)
    client.send(Buffer.alloc(10_000_000, 97))
    await client.closed
    expect(await answersStill(path)).toBe(true)
  })

  it('answers whoever has said all that he wants to say', async () => {
    const { path } = await startServer()
    const client = new RawClient(path)
    client.socket.end(askRun)
    expect(await client.hear(2)).toMatchObject([{ kind: 'run' }, nothing])
    await client.closed
  })

  it('does not mind clients that leave in the midst of a line, or of an answer', async () => {
    const { path } = await startServer({ run: { webSeeds: new ListedWebSeeds(Array.from({ length: 2_000 }, () => 'x'.repeat(1_000))) } })
    for (const text of ['', askRun.slice(0, 10), askRun, encodeRequest({ ask: 'list-web-seeds' })]) {
      const client = new RawClient(path)
      await once(client.socket, 'connect')
      client.socket.write(text, () => client.socket.destroy())
      await client.closed
    }
    expect(await answersStill(path)).toBe(true)
  })

  it('hangs up on a client that says nothing, or not enough, for ten seconds', async () => {
    const clock = new ManualClock()
    const { path } = await startServer({ clock })
    const [silent, slow] = [new RawClient(path), new RawClient(path)]
    slow.send(askRun)
    await slow.hear(2)
    slow.send('{"version":1,')
    await until('two that are waited for', async () => (clock.pendingCount === 2 ? true : undefined))
    clock.advance(9_999)
    expect([silent, slow].map(({ socket }) => socket.destroyed)).toEqual([false, false])
    clock.advance(1)
    await Promise.all([silent.closed, slow.closed])
    expect(clock.pendingCount).toBe(0)
  })

  it('hangs up on a client that does not read its answers', async () => {
    const clock = new ManualClock()
    const webSeeds = new ListedWebSeeds(Array.from({ length: 2_000 }, () => 'x'.repeat(1_000)))
    const { path } = await startServer({ clock, run: { webSeeds } })
    const client = new RawClient(path)
    client.socket.pause()
    client.send(encodeRequest({ ask: 'list-web-seeds' }))
    await until('answer that nobody reads', async () => {
      clock.advance(1_000)
      return clock.nowMs() > 15_000 ? true : undefined
    })
    client.socket.resume()
    await client.closed
    expect(client.lines.length).toBeLessThan(2_001)
    expect(await answersStill(path)).toBe(true)
  })

  it('keeps a conversation open while the run takes its time', async () => {
    const clock = new ManualClock()
    const webSeeds = new ListedWebSeeds()
    let finish = (): void => undefined
    const asked = new Promise<void>((resolve) => {
      webSeeds.add = (url) => {
        resolve()
        return new Promise((done) => {
          finish = () => done(url)
        })
      }
    })
    const { path } = await startServer({ clock, run: { webSeeds } })
    const client = new RawClient(path)
    client.send(encodeRequest({ ask: 'add-web-seed', url: 'a' }))
    await asked
    clock.advance(60_000)
    finish()
    expect(await client.hear(1)).toMatchObject([{ kind: 'done', change: { added: 'a' } }])
  })

  it('talks to sixteen at once and sends the next one away with a sentence', async () => {
    const { path } = await startServer()
    const clients = Array.from({ length: 16 }, () => new RawClient(path))
    for (const client of clients) client.send(askRun)
    for (const client of clients) await client.hear(2)
    const further = new RawClient(path)
    expect(await further.hear(1)).toMatchObject([{ kind: 'error', error: { code: 'BUSY' } }])
    await further.closed
    clients[0]?.socket.destroy()
    await until('a free place', async () => ((await answersStill(path)) ? true : undefined))
  })

  it('listens where nobody else may come near', async () => {
    const { path, folder } = await startServer()
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    expect(await readdir(folder)).toEqual([expect.stringMatching(/^[g-z][a-z2-9]{3}\.[0-9a-f]{8}\.sock$/)])
  })

  it('leaves nothing behind when it stops, and hangs up on everybody', async () => {
    const before = openResources()
    const { server, path } = await startServer()
    const client = new RawClient(path)
    client.send(askRun)
    await client.hear(2)
    await server.stop()
    await client.closed
    expect(existsSync(path)).toBe(false)
    await nothingMoreThan(before)
  })

  it('stops though the run has not finished what it was asked', async () => {
    const webSeeds = new ListedWebSeeds()
    let answer = (): void => undefined
    const asked = new Promise<void>((resolve) => {
      webSeeds.add = () => {
        resolve()
        return new Promise((_done, reject) => {
          answer = () => reject(new DistroError('BUSY', 'Too late.'))
        })
      }
    })
    const { server, path } = await startServer({ run: { webSeeds } })
    const client = new RawClient(path)
    client.send(encodeRequest({ ask: 'add-web-seed', url: 'a' }))
    await asked
    await server.stop()
    answer()
    await client.closed
    expect(client.lines).toEqual([])
  })
})

async function answersStill(path: string): Promise<boolean> {
  const client = new RawClient(path)
  client.send(askRun)
  const [answer] = await client.hear(1)
  client.socket.destroy()
  return answer?.kind === 'run'
}
