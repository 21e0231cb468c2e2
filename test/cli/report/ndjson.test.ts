import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { ProgressEvent, VerbEvents } from '../../../src/app/events.ts'
import { Events } from '../../../src/base/events.ts'
import { NdjsonReporter } from '../../../src/cli/report/ndjson.ts'
import { FakeWorld } from '../fake-world.ts'
import { progressAt, sampleSwitch } from '../sample-events.ts'
import { sampleRun, sampleWebSeed } from '../sample-runs.ts'

function reporting() {
  const world = new FakeWorld()
  const reporter = new NdjsonReporter(world.stdout, world.clock, () => world.now())
  const events = new Events<VerbEvents>()
  reporter.follow(events)
  return { world, reporter, events }
}

function bytesOf(world: FakeWorld): unknown[] {
  return world.records.map((record) => record.bytesDone ?? record.type)
}

const infoHash = 'c12fe1c06bba254a9dc9f519b335aa7c1367a88a'
const infoHashV2 = '8ef4560159dbbef47012d0f7dcda0552f445ba5b5757575dd0ab3b4e1b4fa8b7'
const dn = `magnet:?xt=urn:btih:${infoHash}&xt=urn:btmh:1220${infoHashV2}&dn=app`

/** What produces the example of each section of docs/json-output.md. */
const producers: Readonly<Record<string, (parts: ReturnType<typeof reporting>) => void>> = {
  ready: ({ events }) =>
    events.emit('ready', {
      infoHash,
      infoHashV2,
      magnet: `${dn}&x.pe=192.0.2.7:6881`,
      listen: [
        { host: '192.0.2.7', port: 6881 },
        { host: '2001:db8::7', port: 6881 },
      ],
      announced: true,
    }),
  listening: ({ reporter }) => reporter.record('listening', { address: '192.0.2.7:6881' }),
  metadata: ({ events }) =>
    events.emit('metadata', {
      format: 'hybrid',
      infoHash,
      infoHashV2,
      name: 'app',
      bytesTotal: 2 ** 28,
      files: 12,
      pieces: 1024,
      pieceLengthBytes: 2 ** 18,
      isPrivate: false,
    }),
  progress: ({ events }) => events.emit('progress', progressAt(0.5)),
  peer: ({ events }) =>
    events.emit('peer', {
      kind: 'banned',
      address: { host: '192.0.2.9', port: 51413 },
      origin: 'dht',
      peerId: '2d5452343030302d303132333435363738396162',
      client: 'Transmission 4.0',
      reason: 'sent a bad piece',
      downloadedBytes: 262144,
      uploadedBytes: 0,
    }),
  copies: ({ events }) =>
    events.emit('copies', {
      complete: 2,
      goal: 3,
      expected: { total: 4, complete: 2, arriving: 1, missing: 1 },
      zonesShort: 1,
      inZones: { copies: 2, total: 3, met: 2 },
      host: {
        id: '0f1e2d3c4b5a69788796a5b4c3d2e1f0',
        name: 'web-7',
        zone: 'rack-7',
        address: { host: '192.0.2.9', port: 51_413 },
        isExpected: true,
      },
      countedAt: '2026-01-02T03:04:05.000Z',
      isFromEarlierRun: false,
    }),
  host: ({ events }) =>
    events.emit('hosts', {
      hosts: [
        {
          name: 'web-3',
          zone: 'rack-7',
          state: 'arriving',
          progress: 0.43,
          bytesPerSecond: 12_582_912,
          address: { host: '192.0.2.3', port: 51_413 },
          completeAt: null,
          isFromEarlierRun: false,
        },
      ],
    }),
  waited: ({ reporter }) =>
    reporter.record('waited', { infoHash, name: 'app', bytes: 268_435_456, seconds: 42.5, copies: 40, goalMet: true }),
  handover: ({ events }) => events.emit('handover', { host: 'mirror-1', hosts: ['mirror-1', '192.0.2.9'] }),
  switched: ({ events }) => events.emit('switched', sampleSwitch),
  'rolled-back': ({ reporter }) =>
    reporter.record('rolled-back', {
      dir: '/srv/app',
      current: '/srv/app/current',
      release: 'app-160f240d998f',
      path: '/srv/app/app-160f240d998f',
      isSwitched: true,
    }),
  'release-removed': ({ events }) => events.emit('releaseRemoved', { release: 'app-5ad3a31cf570', path: '/srv/app/app-5ad3a31cf570' }),
  warning: ({ events }) => events.emit('warning', { message: 'The tracker https://tracker.example/announce refused: not registered.' }),
  info: ({ reporter }) =>
    reporter.record('info', {
      name: 'app',
      format: 'hybrid',
      infoHash,
      infoHashV2,
      magnet: dn,
      bytes: 5,
      pieces: 1,
      pieceLengthBytes: 32768,
      isPrivate: false,
      isSingleFile: false,
      files: [{ path: 'app/a.txt', lengthBytes: 5, piecesRoot: 'ab'.repeat(32), isExecutable: false }],
      symlinks: [],
      emptyDirectories: [],
      summedBlockBytes: null,
      similar: [],
      collections: ['com.example.app'],
      carries: [],
      trackers: [['https://tracker.example/announce']],
      webSeeds: [],
      nodes: [],
      comment: null,
      createdBy: 'distro 0.1.0',
      createdAt: null,
    }),
  file: ({ reporter }) => reporter.record('file', { path: '/srv/app/a.txt', lengthBytes: 5, missingBytes: 2 }),
  outlook: ({ reporter }) => reporter.record('outlook', { bytes: 5, hereBytes: 3, missingBytes: 2, missingFiles: 1 }),
  damage: ({ reporter }) => reporter.record('damage', { path: 'lib/a.so', state: 'suspect', sharesPieceWith: ['lib/b.so'], sharers: 1 }),
  setting: ({ reporter }) => reporter.record('setting', { name: 'up-limit', value: '20M', origin: 'DISTRO_UP_LIMIT' }),
  run: ({ reporter }) => reporter.record('run', sampleRun),
  'web-seed': ({ reporter }) => reporter.record('web-seed', { run: 'k3m9', ...sampleWebSeed }),
  'web-seed-change': ({ reporter }) =>
    reporter.record('web-seed-change', { run: 'k3m9', removed: 'https://old.example/', added: '/mnt/mirror' }),
  done: ({ events }) =>
    events.emit('done', {
      path: '/srv/app',
      infoHash,
      name: 'app',
      bytes: 2 ** 28,
      seconds: 2.8,
      downloaded: 268566528,
      uploaded: 3145728,
      bySource: { peers: 2 ** 28, webSeeds: 0, local: 0 },
      zones: [
        { zone: 'rack-a', relation: 'same', peers: 7, downloadedBytes: 234881024, uploadedBytes: 3145728 },
        { zone: 'rack-b', relation: 'other', peers: 2, downloadedBytes: 33685504, uploadedBytes: 0 },
      ],
    }),
  error: ({ reporter }) =>
    reporter.fail({
      code: 'NO_PEERS',
      message: 'No peer was found within 1m30s.',
      hint: 'Is the seed running, and can this machine reach it?',
      exitCode: 3,
      details: [],
    }),
}

describe('docs/json-output.md', async () => {
  const page = await readFile('docs/json-output.md', 'utf8')
  const sections = page
    .split(/^## /m)
    .slice(1)
    .map((text) => ({ type: text.split('\n')[0] ?? '', example: /```json\n(.*)\n```/.exec(text)?.[1] }))

  it('has a section for every type of event and no other', () => {
    expect(sections.map(({ type }) => type).sort()).toEqual(Object.keys(producers).sort())
  })

  it.each(sections)('shows what the reporter really prints for $type', ({ type, example }) => {
    const parts = reporting()
    producers[type]?.(parts)
    expect(parts.world.out).toBe(`${example}\n`)
  })
})

describe('NdjsonReporter', () => {
  it('prints progress at once, then at most once a second, and the last figures before done', () => {
    const { world, events } = reporting()
    for (let tick = 0; tick <= 10; tick++) {
      events.emit('progress', progressAt(tick / 20))
      world.clock.advance(250)
    }
    producers.done?.({ world, events, reporter: undefined as never })
    const total = progressAt(0).bytesTotal
    expect(bytesOf(world)).toEqual([0, 0.2 * total, 0.4 * total, 0.5 * total, 'done'])
  })

  it('prints the start and the end of each phase', () => {
    const { world, events, reporter } = reporting()
    const of = (phase: ProgressEvent['phase'], share: number): ProgressEvent => ({ ...progressAt(share), phase })
    events.emit('progress', of('hash', 0))
    events.emit('progress', of('hash', 1))
    events.emit('progress', of('seed', 1))
    reporter.stop()
    expect(world.records.map(({ phase, etaSeconds }) => [phase, etaSeconds !== undefined])).toEqual([
      ['hash', true],
      ['hash', true],
      ['seed', true],
    ])
  })

  it('prints the end of a phase before what follows from it, and once', () => {
    const { world, events } = reporting()
    for (const share of [0, 0.5, 1, 1]) events.emit('progress', { ...progressAt(share), phase: 'hash' })
    producers.metadata?.({ world, events, reporter: undefined as never })
    expect(bytesOf(world)).toEqual([0, progressAt(1).bytesDone, 'metadata'])
  })

  it('keeps a line whole and harmless whatever a peer calls itself', () => {
    const { world, events } = reporting()
    const client = 'a\n{"type":"done"}\u009b2J\u202e\u{e0041}\ud800'
    const address = { host: '192.0.2.9', port: 1 }
    events.emit('peer', {
      kind: 'connected',
      address,
      origin: 'pex',
      peerId: '00',
      client,
      reason: undefined,
      downloadedBytes: 0,
      uploadedBytes: 0,
    })
    expect(world.out).toMatch(/^[\x20-\x7e]*\n$/)
    expect(world.records).toMatchObject([{ client, reason: null }])
  })

  it('says null where there is no hint', () => {
    const { world, reporter } = reporting()
    reporter.fail({ code: 'BUSY', message: 'm', hint: undefined, exitCode: 9, details: [] })
    expect(world.records).toMatchObject([{ type: 'error', hint: null }])
  })
})
