import { afterEach, describe, expect, it } from 'vitest'
import { FetchWatch } from '../../../src/app/network/fetch-watch.ts'
import type { PeerSearch } from '../../../src/app/network/no-peers.ts'
import { DistroError } from '../../../src/base/errors.ts'
import { Events } from '../../../src/base/events.ts'
import type { SwarmEvents, SwarmStatus } from '../../../src/swarm/swarm-types.ts'
import { MovingClock } from '../../discovery/support/moving-clock.ts'

const clock = new MovingClock()
let watch: FetchWatch | undefined

/** A watch over a swarm whose figures a test can change, with what it gave up with, if it did. */
function watching({
  timeoutMs,
  stallTimeoutMs,
  hasMetadata = true,
  search = { named: [], ways: [] },
  isAlone = false,
  despair,
  failedWebSeeds = [],
}: {
  timeoutMs?: number
  stallTimeoutMs?: number
  hasMetadata?: boolean
  search?: PeerSearch
  isAlone?: boolean
  despair?: DistroError
  failedWebSeeds?: readonly string[]
}) {
  const status: { -readonly [Figure in keyof SwarmStatus]: SwarmStatus[Figure] } = { ...nothing }
  const events = new Events<SwarmEvents>()
  const swarm = { status: () => status, events }
  const end: { code?: string; message?: string; hint?: string } = {}
  watch = new FetchWatch({
    clock,
    startedMs: clock.nowMs(),
    timeoutMs,
    stallTimeoutMs,
    swarm,
    hasMetadata: () => hasMetadata,
    search: () => search,
    isAlone: () => isAlone,
    webSeedDespair: () => despair,
    failedWebSeeds: () => failedWebSeeds,
  })
  watch.hopeless.catch(({ code, message, hint }: DistroError) => Object.assign(end, { code, message, hint }))
  const meet = (): void => {
    status.peers++
    events.emit('peer', connected)
  }
  return { status, end, meet, watch }
}

afterEach(() => watch?.stop())

describe('FetchWatch', () => {
  it('waits for ever when no limit is set', async () => {
    const { end } = watching({})
    await clock.move(86_400_000)
    expect(end).toEqual({})
  })

  it('says that nobody was found only if nobody ever was, however briefly', async () => {
    const alone = watching({ timeoutMs: 5_000 })
    await clock.move(4_900)
    expect(alone.end).toEqual({})
    await clock.move(350)
    expect(alone.end.code).toBe('NO_PEERS')
    alone.watch.stop()
    const brief = watching({ timeoutMs: 5_000 })
    await clock.move(260)
    brief.meet()
    brief.status.peers = 0
    await clock.move(5_000)
    expect(brief.end).toMatchObject({
      code: 'INCOMPLETE',
      message: 'The time of 5 s is over: 1 KiB are missing (0 % is here, 0 peers, 0 seeds).',
    })
  })

  it('says what was tried where nobody was found', async () => {
    const { end } = watching({ timeoutMs: 1_000, search: { named: [], ways: ['the DHT (it knows nobody)'] } })
    await clock.move(1_250)
    expect(end).toMatchObject({ code: 'NO_PEERS', message: 'No peer was found within 1 s. Tried: the DHT (it knows nobody).' })
  })

  it('ends by itself once no web seed is left to ask, where nobody else can be found', async () => {
    const despair = new DistroError('NETWORK_FAILED', 'No web seed is left to ask.')
    const alone = watching({ despair, isAlone: true })
    await clock.move(750)
    alone.status.bytesDone = 100
    await clock.move(1_000)
    expect(alone.end).toEqual({})
    await clock.move(500)
    expect(alone.end.code).toBe('NETWORK_FAILED')
    alone.watch.stop()
    const left = watching({ despair, isAlone: true })
    left.meet()
    await clock.move(250)
    left.status.peers = 0
    await clock.move(14_000)
    expect(left.end).toEqual({})
    await clock.move(2_000)
    expect(left.end.code).toBe('NETWORK_FAILED')
    left.watch.stop()
    const searching = watching({ despair })
    await clock.move(3_600_000)
    expect(searching.end).toEqual({})
  })

  it('ends by itself where the web seeds sent wrong data, though others might be found', async () => {
    const { end } = watching({ despair: new DistroError('VERIFY_FAILED', 'It sent wrong data.') })
    await clock.move(16_000)
    expect(end.code).toBe('VERIFY_FAILED')
  })

  it('counts the web seeds that are still asked among those that did not help in time', async () => {
    const { end, status } = watching({ timeoutMs: 1_000 })
    status.webSeeds = 1
    await clock.move(1_250)
    expect(end.message).toBe('The time of 1 s is over: 1 KiB are missing (0 % is here, 0 peers, 0 seeds, 1 web seed).')
  })

  it('names the web seeds that gave nothing in time, with the reasons', async () => {
    const { end, status } = watching({
      timeoutMs: 1_000,
      failedWebSeeds: ['http://127.0.0.1:9/ cannot be reached: nothing listens there.'],
    })
    status.webSeeds = 1
    await clock.move(1_250)
    expect(end.message).toMatch(/, 1 web seed\)\. http:\/\/127\.0\.0\.1:9\/ cannot be reached: nothing listens there\.$/)
  })

  it('says that the metadata did not come from those who were there', async () => {
    const { end, meet, status } = watching({ timeoutMs: 1_000, hasMetadata: false })
    meet()
    meet()
    status.metadataRefusals = 1
    await clock.move(1_250)
    expect(end).toMatchObject({ code: 'NO_METADATA', message: expect.stringContaining('2 connected, 1 refused') })
  })

  it('takes bytes of use for a move, and bytes of no use for none', async () => {
    const { end, meet, status } = watching({ stallTimeoutMs: 2_000 })
    meet()
    for (let second = 0; second < 5; second++) {
      await clock.move(1_000)
      status.downloadedBytes += 100
    }
    expect(end).toEqual({})
    for (let second = 0; second < 3; second++) {
      await clock.move(1_000)
      status.downloadedBytes += 100
      status.wastedBytes += 100
    }
    expect(end.code).toBe('STALLED')
  })

  it('takes a look at the disk for no stall', async () => {
    const { end, watch: looking } = watching({ stallTimeoutMs: 2_000 })
    for (let second = 0; second < 10; second++) {
      await clock.move(1_000)
      looking.noteMove()
    }
    expect(end).toEqual({})
    await clock.move(2_250)
    expect(end.code).toBe('NO_PEERS')
  })

  it('gives up a quarter of a minute after the last of the liars was banned, and not while anybody is left', async () => {
    const { end, meet, status } = watching({})
    meet()
    status.bannedPeers = 1
    await clock.move(60_000)
    expect(end).toEqual({})
    status.peers = 0
    await clock.move(14_000)
    meet()
    await clock.move(1_000)
    status.peers = 0
    await clock.move(15_000)
    expect(end).toEqual({})
    await clock.move(750)
    expect(end).toMatchObject({ code: 'VERIFY_FAILED', message: expect.stringContaining('1 banned') })
  })

  it('leaves no timer and no listener behind', async () => {
    const { watch: stopped, end, meet } = watching({ timeoutMs: 1_000 })
    stopped.stop()
    meet()
    await clock.move(10_000)
    expect(end).toEqual({})
    expect(clock.pendingCount).toBe(0)
  })
})

const nothing: SwarmStatus = {
  webSeedBytes: 0,
  earlierBytes: 0,
  webSeeds: 0,
  bytesDone: 0,
  bytesTotal: 1_000,
  downloadedBytes: 0,
  uploadedBytes: 0,
  wastedBytes: 0,
  corruptPieces: 0,
  downBytesPerSecond: 0,
  upBytesPerSecond: 0,
  peers: 0,
  seeds: 0,
  knownAddresses: 0,
  bannedPeers: 0,
  metadataRefusals: 0,
}

const connected: SwarmEvents['peer'] = {
  kind: 'connected',
  address: { host: '127.0.0.1', port: 1 },
  origin: 'static',
  peerId: '',
  client: undefined,
  reason: undefined,
  downloadedBytes: 0,
  uploadedBytes: 0,
}
