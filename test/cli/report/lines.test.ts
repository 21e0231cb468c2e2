import { describe, expect, it } from 'vitest'
import type { VerbEvents } from '../../../src/app/events.ts'
import { Events } from '../../../src/base/events.ts'
import { LinesReporter } from '../../../src/cli/report/lines.ts'
import { styleOf } from '../../../src/cli/report/style.ts'
import { Talk } from '../../../src/cli/report/talk.ts'
import { FakeWorld } from '../fake-world.ts'
import { progressAt, sampleDone, sampleSwitch } from '../sample-events.ts'

function reporting(loudness = { isQuiet: false, isVerbose: false }) {
  const world = new FakeWorld()
  const reporter = new LinesReporter('fetch', new Talk(world.stderr, styleOf(world.stderr, {}, true), loudness), world.clock)
  const events = new Events<VerbEvents>()
  reporter.follow(events)
  return { world, reporter, events, lines: () => world.err.trimEnd().split('\n') }
}

const percentIn = (line: string): string | undefined => / (\d+) %/.exec(line)?.[1]

describe('LinesReporter', () => {
  it('prints a line at the start, at each 10 % and at the end', () => {
    const { events, lines } = reporting()
    for (let step = 0; step <= 1_000; step++) events.emit('progress', progressAt(step / 1_000))
    events.emit('done', sampleDone)
    expect(lines().slice(0, -1).map(percentIn)).toEqual(['0', '10', '20', '30', '40', '50', '60', '70', '80', '90', '100'])
    expect(lines().at(-1)).toBe('fetched app: 256 MiB in 2.8 s, 91.4 MiB/s')
  })

  it('shows rate, peers and the time that is left', () => {
    const { events, lines } = reporting()
    events.emit('progress', progressAt(0.625))
    expect(lines()).toEqual(['fetching   62 %  160.0/256.0 MiB  92.0 MiB/s  5 peers  eta 2 s  1.0 MiB/s up'])
  })

  it('prints at least every 30 s, also when nothing moves', () => {
    const { world, events, lines } = reporting()
    events.emit('progress', progressAt(0.5))
    world.clock.advance(29_999)
    expect(lines()).toHaveLength(1)
    world.clock.advance(1)
    expect(lines()).toHaveLength(2)
    world.clock.advance(60_000)
    expect(lines()).toHaveLength(4)
  })

  it('says which release is current now, and which are gone', () => {
    const { events, lines } = reporting()
    events.emit('switched', sampleSwitch)
    events.emit('switched', { ...sampleSwitch, previous: null })
    events.emit('releaseRemoved', { release: 'app-5ad3a31cf570', path: '/srv/app/app-5ad3a31cf570' })
    expect(lines()).toEqual([
      'current is app-c12fe1c06bba now; it was app-160f240d998f',
      'current is app-c12fe1c06bba now',
      'removed the old release app-5ad3a31cf570',
    ])
  })

  it('says how far a handover is, when it comes further', () => {
    const { events, lines } = reporting()
    const progress = { ...progressAt(1), phase: 'seed' as const, copies: 2 }
    const handover = { host: 'mirror-1', copies: 2, standing: 0, isHostStanding: false }
    events.emit('progress', progress)
    for (let time = 0; time < 2; time++) events.emit('progress', { ...progress, handover })
    events.emit('progress', { ...progress, handover: { ...handover, standing: 1, isHostStanding: true } })
    expect(lines()).toEqual([
      'seeding   1.0 MiB/s up  5 peers  2 seeds  2 copies',
      'seeding   1.0 MiB/s up  5 peers  2 seeds  2 copies  handover: 0 of 2 stand, mirror-1 not there yet',
      'seeding   1.0 MiB/s up  5 peers  2 seeds  2 copies  handover: 1 of 2 stand, mirror-1 there',
    ])
  })

  it('tells again how far it is where more is to be checked than was known', () => {
    const { events, lines } = reporting()
    const checking = (bytesDone: number, bytesTotal: number): void =>
      events.emit('progress', {
        ...progressAt(0),
        phase: 'check',
        bytesPerSecond: 0,
        bytesDone: bytesDone * 2 ** 20,
        bytesTotal: bytesTotal * 2 ** 20,
      })
    for (const [done, total] of [
      [0, 200],
      [199, 200],
      [200, 400],
      [201, 400],
      [400, 400],
    ] as const)
      checking(done, total)
    expect(lines()).toEqual([
      'checking    0 %  0.0/200.0 MiB',
      'checking   99 %  199.0/200.0 MiB',
      'checking   50 %  200.0/400.0 MiB',
      'checking  100 %  400.0/400.0 MiB',
    ])
  })

  it('starts over with each phase', () => {
    const { events, lines } = reporting()
    events.emit('progress', { ...progressAt(1), phase: 'hash', peers: 0 })
    events.emit('progress', { ...progressAt(1), phase: 'seed' })
    expect(lines()).toEqual(['hashing   100 %  256.0/256.0 MiB', 'seeding   1.0 MiB/s up  5 peers  2 seeds'])
  })

  it('lets go of its timer when it stops, and says nothing more', () => {
    const { world, events, reporter, lines } = reporting()
    events.emit('progress', progressAt(0.5))
    reporter.stop()
    world.clock.advance(100_000)
    expect(world.clock.pendingCount).toBe(0)
    expect(lines()).toHaveLength(1)
  })

  it('tells where a seed serves over HTTP, and to how many', () => {
    const { events, lines } = reporting()
    const http = [1, 2, 3, 4, 5].map((host) => `http://10.0.0.${host}:80/`)
    events.emit('ready', { infoHash: 'aa', infoHashV2: null, magnet: 'magnet:', listen: [], announced: false, http })
    events.emit('progress', { ...progressAt(1), phase: 'seed', http: { bytesServed: 7, connections: 3 } })
    expect(lines()).toEqual([
      'listening on no address, not announced; http://10.0.0.1:80/, http://10.0.0.2:80/, http://10.0.0.3:80/, http://10.0.0.4:80/, 1 more',
      'seeding   1.0 MiB/s up  5 peers  2 seeds  3 over HTTP',
    ])
  })

  it('tells of listening, content, copies and warnings', () => {
    const { events, lines } = reporting()
    const listen = [1, 2, 3, 4, 5].map((port) => ({ host: '10.0.0.1', port }))
    events.emit('ready', { infoHash: 'aa', infoHashV2: null, magnet: 'magnet:', listen, announced: true })
    events.emit('metadata', {
      format: 'v1',
      infoHash: 'aa',
      infoHashV2: null,
      name: 'app\u001b[2J',
      bytesTotal: 1,
      files: 1,
      pieces: 1,
      pieceLengthBytes: 32_768,
      isPrivate: false,
    })
    const unknown = { id: null, name: null, zone: null, address: { host: '192.0.2.9', port: 6881 }, isExpected: null }
    const countedAt = '2026-01-02T03:04:05.000Z'
    const usual = { goal: null, expected: null, zonesShort: null, inZones: null, countedAt, isFromEarlierRun: false }
    const known = { ...unknown, id: 'ab', name: 'web-7', address: { host: '2001:db8::9', port: 6881 } }
    events.emit('copies', { ...usual, complete: 1, host: unknown })
    const relayed = { ...unknown, id: '0f1e2d3c4b5a69788796a5b4c3d2e1f0', address: null }
    for (const host of [{ ...relayed, name: 'web-8' }, relayed]) {
      events.emit('copies', { ...usual, complete: 2, host })
    }
    events.emit('copies', { ...usual, complete: 2, goal: 5, host: known })
    events.emit('copies', { ...usual, complete: 6, goal: 5, host: known })
    const expected = { total: 5, complete: 2, arriving: 2, missing: 1 }
    events.emit('copies', { ...usual, complete: 2, goal: 5, expected, host: { ...known, isExpected: true } })
    events.emit('copies', { ...usual, complete: 2, goal: 5, expected, host: { ...known, isExpected: false } })
    events.emit('copies', { ...usual, complete: 2, goal: 5, host: known, isFromEarlierRun: true })
    const inZones = { copies: 2, total: 3, met: 1 }
    events.emit('copies', { ...usual, complete: 3, expected, zonesShort: 2, inZones, host: { ...known, isExpected: true } })
    events.emit('warning', { message: 'careful\nerror: fake' })
    expect(lines()).toEqual([
      'listening on 10.0.0.1:1, 10.0.0.1:2, 10.0.0.1:3, 10.0.0.1:4, 1 more and announced',
      'app\\x1b[2J: 1 file, 1 B, 1 piece of 32 KiB',
      '1 copy complete: 192.0.2.9 has it',
      '2 copies complete: web-8 has it',
      '2 copies complete: host 0f1e2d3c has it',
      '2 of 5 copies complete: web-7 (2001:db8::9) has it',
      '6 copies complete: web-7 (2001:db8::9) has it',
      '2 of 5 copies complete: web-7 (2001:db8::9) has it, 2 others on the way',
      '2 of 5 copies complete: web-7 (2001:db8::9) has it, and was not expected',
      '2 of 5 copies complete: web-7 (2001:db8::9) has it, as it told an earlier run at 2026-01-02T03:04:05Z',
      '3 copies complete, 1 of 3 zones with 2 copies: web-7 (2001:db8::9) has it, 2 others on the way',
      'warning: careful\\x0aerror: fake',
    ])
  })

  it('tells of peers only with --verbose, and of nothing but errors with --quiet', () => {
    const address = { host: '::1', port: 9 }
    for (const [loudness, expected] of [
      [{ isQuiet: false, isVerbose: true }, ['[::1]:9 banned (pex, x): lied', 'warning: w']],
      [{ isQuiet: false, isVerbose: false }, ['warning: w']],
      [{ isQuiet: true, isVerbose: false }, ['']],
    ] as const) {
      const { events, lines } = reporting(loudness)
      events.emit('peer', {
        kind: 'banned',
        address,
        origin: 'pex',
        peerId: '00',
        client: 'x',
        reason: 'lied',
        downloadedBytes: 0,
        uploadedBytes: 0,
      })
      events.emit('warning', { message: 'w' })
      expect(lines()).toEqual(expected)
    }
  })
})
