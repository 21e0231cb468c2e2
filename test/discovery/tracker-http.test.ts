import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/base/system-clock.ts'
import { TrackerHttp } from '../../src/discovery/tracker-http.ts'
import { MAX_TRACKER_REPLY_BYTES } from '../../src/discovery/tracker-http-reply.ts'
import { encodeBencode } from '../../src/torrent/bencode.ts'
import { compactPeer, dictionary } from './support/krpc-sample.ts'
import { MovingClock } from './support/moving-clock.ts'
import { sampleAnnounce } from './support/sample-announce.ts'

const never = new AbortController().signal
const sound = encodeBencode(dictionary({ interval: 900, peers: compactPeer('10.0.0.1', 6_881), 'tracker id': 'a mark' }))

describe('an HTTP tracker', () => {
  test('is told everything, in the form that it compares', async () => {
    const asked: string[] = []
    const tracker = await serve((request, response) => {
      asked.push(request.url ?? '')
      expect(request.headers['accept-encoding']).toBe('identity')
      response.end(sound)
    }, '/announce?passkey=secret')
    expect(await tracker.announce(sampleAnnounce, never)).toMatchObject({ ok: true, value: { peers: [{ host: '10.0.0.1', port: 6_881 }] } })
    expect(asked).toEqual([
      '/announce?passkey=secret&info_hash=%00%0D%1A%274AN%5Bhu%82%8F%9C%A9%B6%C3%D0%DD%EA%F7'.concat(
        '&peer_id=--------------------&port=6881&uploaded=1&downloaded=2&left=3000000000&compact=1&numwant=80&key=fedcba98&event=started',
      ),
    ])
  })

  test('is shown its own mark the next time', async () => {
    const asked: string[] = []
    const tracker = await serve((request, response) => {
      asked.push(request.url ?? '')
      response.end(sound)
    })
    await tracker.announce(sampleAnnounce, never)
    await tracker.announce({ ...sampleAnnounce, event: undefined }, never)
    expect(asked[0]).not.toContain('trackerid')
    expect(asked[1]).toContain('&trackerid=a%20mark')
    expect(asked[1]).not.toContain('event=')
  })

  test('is followed through three redirects', async () => {
    const tracker = await serve((request, response) => {
      const step = Number(/step=(\d)/.exec(request.url ?? '')?.[1] ?? 0)
      if (step === 3) response.end(sound)
      else response.writeHead(302, { location: `/announce?step=${step + 1}` }).end()
    })
    expect(await tracker.announce(sampleAnnounce, never)).toMatchObject({ ok: true })
  })

  test('is not followed for ever', async () => {
    const tracker = await serve((_, response) => response.writeHead(301, { location: '/again' }).end())
    expect(await tracker.announce(sampleAnnounce, never)).toEqual({ ok: false, fault: 'it redirects more than 3 times' })
  })

  test.each(['file:///etc/passwd', 'ftp://10.0.0.1/', 'http://[', ''])('is not followed to %j', async (location) => {
    const tracker = await serve((_, response) => response.writeHead(302, { location }).end())
    expect((await tracker.announce(sampleAnnounce, never)).ok).toBe(false)
  })

  test('is not read beyond 1 MiB', async () => {
    let sent = 0
    const tracker = await serve((_, response) => {
      const chunk = Buffer.alloc(65_536)
      const more = (): void => {
        sent += chunk.length
        if (sent < 64 * MAX_TRACKER_REPLY_BYTES && !response.destroyed) response.write(chunk, more)
      }
      more()
    })
    expect(await tracker.announce(sampleAnnounce, never)).toEqual({ ok: false, fault: 'its answer is not that of a tracker' })
    expect(sent).toBeLessThan(16 * MAX_TRACKER_REPLY_BYTES)
  })

  test('that refuses is quoted', async () => {
    const refusal = encodeBencode(dictionary({ 'failure reason': 'unregistered torrent' }))
    const tracker = await serve((_, response) => response.writeHead(403).end(refusal))
    expect(await tracker.announce(sampleAnnounce, never)).toEqual({ ok: false, fault: 'it says "unregistered torrent"' })
  })

  test('that is not there is said to be so', async () => {
    const notFound = await serve((_, response) => response.writeHead(404).end('<html>'))
    expect(await notFound.announce(sampleAnnounce, never)).toEqual({ ok: false, fault: 'it answers with HTTP status 404' })
    const closed = new TrackerHttp(new URL(`http://127.0.0.1:${await closedPort()}/announce`), systemClock)
    expect(await closed.announce(sampleAnnounce, never)).toEqual({ ok: false, fault: 'nothing listens there' })
    const unknown = new TrackerHttp(new URL('http://tracker.invalid/announce'), systemClock)
    expect(await unknown.announce(sampleAnnounce, never)).toEqual({ ok: false, fault: 'its name was not found' })
  })

  test('that breaks off in the middle is a failure', async () => {
    const tracker = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 1_000 })
      response.write('d8:interval', () => response.destroy())
    })
    expect(await tracker.announce(sampleAnnounce, never)).toMatchObject({ ok: false })
  })

  test('that is silent is given up after 20 s', async () => {
    const clock = new MovingClock()
    const asked = signal()
    const tracker = await serve(() => asked.give(), '/announce', clock)
    const outcome = tracker.announce(sampleAnnounce, never)
    await asked.given
    await clock.move(20_000)
    expect(await outcome).toEqual({ ok: false, fault: 'it gave no answer within 20 s' })
    expect(clock.pendingCount).toBe(0)
  })

  test('that is silent does not hold up the end', async () => {
    const asked = signal()
    const tracker = await serve(() => asked.give())
    const leaving = new AbortController()
    const outcome = tracker.announce(sampleAnnounce, leaving.signal)
    await asked.given
    leaving.abort()
    expect(await outcome).toEqual({ ok: false, fault: 'we left before it answered' })
  })
})

async function serve(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  path = '/announce',
  clock = systemClock,
): Promise<TrackerHttp> {
  const server = createServer(answer)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return new TrackerHttp(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`), clock)
}

async function closedPort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Something that one side waits for and the other gives. */
function signal(): { readonly given: Promise<void>; readonly give: () => void } {
  let give = (): void => {}
  const given = new Promise<void>((resolve) => {
    give = resolve
  })
  return { given, give: () => give() }
}
