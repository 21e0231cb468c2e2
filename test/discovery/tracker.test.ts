import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { TransferState } from '../../src/discovery/peer-source.ts'
import { TrackerPeerSource, type TrackerPeerSourceOptions } from '../../src/discovery/tracker.ts'
import { encodeBencode } from '../../src/torrent/bencode.ts'
import { compactPeer, dictionary, type Fields, idOf } from './support/krpc-sample.ts'
import { MovingClock } from './support/moving-clock.ts'
import { RecordingListener } from './support/recording-listener.ts'
import { UdpPeer } from './support/udp-peer.ts'

describe('peers from trackers', () => {
  test('come with the first announce, which says started and where we listen', async () => {
    const tracker = await serve({
      peers: Buffer.concat([compactPeer('127.0.0.1', 7), compactPeer('10.0.0.1', 8), compactPeer('224.0.0.1', 9)]),
    })
    const { listener, source } = await start({ tiers: [[tracker.url]] })
    await listener.until(({ peers }) => peers.length > 0)
    expect(listener.peers).toEqual(['127.0.0.1:7', '10.0.0.1:8'])
    expect(source.tried).toEqual([`the tracker ${new URL(tracker.url).origin} (nobody that it named could be reached)`])
    expect(listener.announced).toBe(1)
    expect(await tracker.asked()).toMatchObject({ event: 'started', port: '6881', left: '16384' })
  })

  test('come again when the tracker wants to be asked', async () => {
    const tracker = await serve({ interval: 600, peers: new Uint8Array() })
    const { clock, source } = await start({ tiers: [[tracker.url]] })
    source.update({ ...transfer, isPeerless: false })
    await tracker.asked()
    await untilDueIn(clock, 600_000)
    await clock.move(600_000)
    expect((await tracker.asked()).event).toBeUndefined()
    await untilDueIn(clock, 600_000)
  })

  test('are asked for sooner while there are none, as far as the tracker allows', async () => {
    const [eager, patient] = [await serve({ interval: 1_800 }), await serve({ interval: 1_800, 'min interval': 600 })]
    const [one, other] = [await start({ tiers: [[eager.url]] }), await start({ tiers: [[patient.url]] })]
    await Promise.all([one, other].map(({ listener }) => listener.until(({ announced }) => announced === 1)))
    await Promise.all([eager.asked(), patient.asked()])
    await Promise.all([one.clock.move(120_000), other.clock.move(120_000)])
    await eager.asked()
    expect(patient.pendingCount).toBe(0)
    await other.clock.move(480_000)
    await patient.asked()
  })

  test('end with a word to the tracker, and with completion before that', async () => {
    const tracker = await serve({ interval: 1_800 })
    const { clock, listener, source } = await start({ tiers: [[tracker.url]], bytesLeft: 100 })
    await listener.until(({ announced }) => announced === 1)
    expect(await tracker.asked()).toMatchObject({ event: 'started', left: '100' })
    source.update({ isPeerless: false, bytesLeft: 0, uploadedBytes: 5, downloadedBytes: 100 })
    await clock.move(0)
    expect(await tracker.asked()).toMatchObject({ event: 'completed', left: '0', uploaded: '5', downloaded: '100' })
    await source.stop()
    expect(await tracker.asked()).toMatchObject({ event: 'stopped', numwant: '0' })
    expect(clock.pendingCount).toBe(0)
  })

  test('a seed says started and never completed', async () => {
    const tracker = await serve({ interval: 60 })
    const { clock, listener, source } = await start({ tiers: [[tracker.url]], bytesLeft: 0 })
    await listener.until(({ announced }) => announced === 1)
    expect(await tracker.asked()).toMatchObject({ event: 'started', left: '0' })
    source.update({ ...transfer, bytesLeft: 0 })
    await clock.move(60_000)
    expect((await tracker.asked()).event).toBeUndefined()
  })

  test('come from the next tracker when one does not help, which is said once and without its path', async () => {
    const broken = await serve({ 'failure reason': 'no' })
    const works = await serve({ interval: 60 })
    const passkey = `${broken.url}?passkey=secret`
    const { clock, listener, source } = await start({ tiers: [[passkey], [works.url]], typed: [passkey] })
    await listener.until(({ announced }) => announced === 1)
    expect(source.tried).toEqual([
      `the tracker ${new URL(broken.url).origin} (it says "no")`,
      `the tracker ${new URL(works.url).origin} (it knows nobody else)`,
    ])
    await clock.move(60_000)
    await works.asked()
    await works.asked()
    expect(listener.warnings).toEqual([`The tracker ${new URL(broken.url).origin} does not help: it says "no"; it is asked again later.`])
  })

  test('are asked for again after 5, 15 and 30 s when no tracker helps', async () => {
    const tracker = await serve({ 'failure reason': 'no' })
    const { clock, listener } = await start({ tiers: [[tracker.url]] })
    await tracker.asked()
    for (const delayMs of [5_000, 15_000, 30_000]) {
      await untilDueIn(clock, delayMs)
      await clock.move(delayMs)
      await tracker.asked()
    }
    expect(listener.announced).toBe(0)
    expect(listener.warnings).toHaveLength(1)
  })

  test('pass the warning of a tracker on', async () => {
    const tracker = await serve({ 'warning message': 'maintenance at noon' })
    const { listener } = await start({ tiers: [[tracker.url]] })
    await listener.until(({ warnings }) => warnings.length > 0)
    expect(listener.warnings).toEqual([`The tracker ${new URL(tracker.url).origin} says: "maintenance at noon"`])
  })

  test('are not asked for at what is no tracker', async () => {
    const { clock, listener, source } = await start({ tiers: [['ftp://x/\u001b']] })
    expect(source.tried).toEqual(['the tracker "ftp://x/\\u001b" (it is not one that distro can ask)'])
    expect(listener.warnings).toEqual(['The tracker "ftp://x/\\u001b" is not one that distro can ask.'])
    expect(clock.pendingCount).toBe(0)
  })

  test('a tracker that is silent at the end is left after 2 s', async () => {
    const silent = await UdpPeer.open()
    const { clock, source } = await start({ tiers: [[`udp://127.0.0.1:${silent.address.port}`]] })
    await moveUntil(clock, () => silent.pendingCount > 0)
    expect(source.tried).toEqual([`the tracker udp://127.0.0.1:${silent.address.port} (no answer yet)`])
    await source.stop()
    expect(clock.pendingCount).toBe(0)
  })

  test('a tracker that falls silent after it answered is left after 2 s', async () => {
    const tracker = await serve({ interval: 1_800 })
    const { clock, listener, source } = await start({ tiers: [[tracker.url]] })
    await listener.until(({ announced }) => announced === 1)
    await tracker.asked()
    tracker.fallSilent()
    const stopped = source.stop()
    await tracker.asked()
    await clock.move(2_000)
    await stopped
    expect(clock.pendingCount).toBe(0)
  })
})

const transfer: TransferState = { isPeerless: true, bytesLeft: 1, uploadedBytes: 0, downloadedBytes: 0 }

interface Started {
  readonly clock: MovingClock
  readonly listener: RecordingListener
  readonly source: TrackerPeerSource
}

async function start(options: Pick<TrackerPeerSourceOptions, 'tiers'> & Partial<TrackerPeerSourceOptions>): Promise<Started> {
  const clock = new MovingClock()
  const listener = new RecordingListener()
  const source = new TrackerPeerSource({ infoHash: idOf(7), peerId: idOf(0x2d), listenPort: 6_881, clock, ...options })
  await source.start(listener)
  await clock.move(0)
  return { clock, listener, source }
}

interface FakeTracker {
  readonly url: string
  /** Announces that came and were not looked at. */
  readonly pendingCount: number
  /** The parameters of the next announce. */
  asked(): Promise<Readonly<Record<string, string>>>
  fallSilent(): void
}

/** A tracker that always answers the same. */
async function serve(answer: Fields): Promise<FakeTracker> {
  const asked: Readonly<Record<string, string>>[] = []
  let isSilent = false
  let wake = (): void => {}
  const server = createServer((request, response) => {
    const parameters = new URLSearchParams((request.url ?? '').replace(/(info_hash|peer_id)=[^&]*/g, ''))
    asked.push(Object.fromEntries([...parameters].filter(([name]) => name !== '')))
    if (!isSilent) response.end(encodeBencode(dictionary(answer)))
    wake()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/announce`,
    get pendingCount() {
      return asked.length
    },
    fallSilent: () => {
      isSilent = true
    },
    async asked() {
      for (;;) {
        const first = asked.shift()
        if (first !== undefined) return first
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  }
}

/** Real answers take real time: yields to the event loop until the source has its answer and waits this long for the next. */
async function untilDueIn(clock: MovingClock, delayMs: number): Promise<void> {
  while (clock.nextDueInMs !== delayMs) await new Promise((resolve) => setImmediate(resolve))
}

async function moveUntil(clock: MovingClock, isDone: () => boolean): Promise<void> {
  while (!isDone()) {
    await clock.move(0)
    await new Promise((resolve) => setImmediate(resolve))
  }
}
