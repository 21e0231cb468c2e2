import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { TorrentSummary } from '../../src/app/resolve/info-request.ts'
import type { WebSeedRequest } from '../../src/app/web-seeds/web-seed-request.ts'
import { run } from '../../src/cli/run.ts'
import type { Verbs } from '../../src/cli/verbs.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { fakeVerbs, notingVerbs } from './fake-verbs.ts'
import { FakeWorld } from './fake-world.ts'
import { progressAt, sampleDone } from './sample-events.ts'
import { sampleRun, sampleWebSeed } from './sample-runs.ts'

const hash = 'c12fe1c06bba254a9dc9f519b335aa7c1367a88a'
const magnet = `magnet:?xt=urn:btih:${hash}&dn=app`
const ready = { infoHash: hash, infoHashV2: null, magnet, listen: [{ host: '10.0.0.1', port: 6881 }], announced: true }
const seedResult = { infoHash: hash, name: 'app', bytes: 1, seconds: 1, uploaded: 0, copies: 0, copiesFromEarlierRuns: 0, goalMet: true }
const fetchResult = { ...sampleDone, isDryRun: false, files: [] }

describe('distro push', () => {
  it('is a push where runs are listed, and seed a seed', async () => {
    const { verbs, seeds } = notingVerbs()
    for (const verb of ['push', 'seed']) expect(await run([verb, 'dist'], new FakeWorld(), verbs)).toBe(0)
    expect(seeds.map(({ verb }) => verb)).toEqual(['push', 'seed'])
  })
})

describe('distro wait', () => {
  it('waits for one copy if nothing is said, and for the list if there is one', async () => {
    const { verbs, waits } = notingVerbs()
    expect(await run(['wait', hash], new FakeWorld(), verbs)).toBe(0)
    expect(await run(['wait', hash, '--expect', 'hosts.txt'], new FakeWorld(), verbs)).toBe(0)
    expect(await run(['wait', hash, '--copies', '95%', '--zone-copies', '2', '--report', 'r.json'], new FakeWorld(), verbs)).toBe(0)
    expect(waits).toMatchObject([
      { id: hash, untilCopies: 1, expected: undefined },
      { untilCopies: undefined, expected: { path: '/build/hosts.txt' } },
      { untilCopies: { percent: 95 }, untilZoneCopies: 2, reportOut: '/build/r.json' },
    ])
  })

  it('prints nothing on stdout, and one record at the end with --json', async () => {
    const world = new FakeWorld()
    await run(['wait', hash], world, notingVerbs().verbs)
    expect([world.out, world.err]).toEqual(['', 'n: 1 copy after 1 s\n'])
    const json = new FakeWorld()
    await run(['wait', hash, '--json'], json, notingVerbs().verbs)
    expect(json.records).toMatchObject([{ type: 'waited', copies: 1, goalMet: true }])
  })

  it('that is stopped before ends with the exit code of the signal', async () => {
    const world = new FakeWorld()
    const verbs = fakeVerbs({
      async wait() {
        world.send('SIGTERM')
        return { infoHash: hash, name: null, bytes: null, seconds: 1, copies: 0, goalMet: false }
      },
    })
    expect(await run(['wait', hash], world, verbs)).toBe(143)
    expect(world.err).toContain('the torrent: 0 copies after 1 s')
  })
})

describe('distro seed', () => {
  const verbs = fakeVerbs({
    async seed(_request, events) {
      events.emit('progress', { ...progressAt(1), phase: 'hash' })
      events.emit('ready', ready)
      return seedResult
    },
  })

  it('prints the magnet as the only line on stdout', async () => {
    const world = new FakeWorld()
    expect(await run(['seed', 'dist'], world, verbs)).toBe(0)
    expect(world.out).toBe(`${magnet}\n`)
    expect(world.err).toContain('listening on 10.0.0.1:6881 and announced')
  })

  it('prints events and no text on stdout with --json', async () => {
    const world = new FakeWorld()
    await run(['seed', 'dist', '--json'], world, verbs)
    expect(world.records.map(({ type }) => type)).toEqual(['progress', 'ready'])
    expect(world.err).toBe('')
  })

  it('keeps stdout for the magnet and prints events on stderr with --progress json', async () => {
    const world = new FakeWorld()
    await run(['seed', 'dist', '--progress', 'json'], world, verbs)
    expect(world.out).toBe(`${magnet}\n`)
    expect(
      world.err
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).type),
    ).toEqual(['progress', 'ready'])
  })

  it('says nothing on stderr with --quiet or --progress none', async () => {
    for (const flag of ['--quiet', '--progress=none']) {
      const world = new FakeWorld({ isTerminal: true })
      await run(['seed', 'dist', flag], world, verbs)
      expect([world.out, world.err]).toEqual([`${magnet}\n`, ''])
    }
  })

  it('shows a bar on a terminal and plain lines on TERM=dumb', async () => {
    const terminal = new FakeWorld({ isTerminal: true, env: { LANG: 'C.UTF-8' } })
    await run(['seed', 'dist'], terminal, verbs)
    expect(terminal.err).toContain('█')
    const dumb = new FakeWorld({ isTerminal: true, env: { TERM: 'dumb', LANG: 'C.UTF-8' } })
    await run(['seed', 'dist'], dumb, verbs)
    expect(dumb.err).toContain('100 %')
    expect(dumb.err).not.toContain('█')
    expect(dumb.err).not.toContain('\u001b')
  })
})

describe('a web seed that suits a fetch only', () => {
  it.each(['seed', 'create'])('and stands in a variable is refused by %s with the name of that variable', async (verb) => {
    const world = new FakeWorld({ env: { DISTRO_WEB_SEED: '/mnt/releases' } })
    expect(await run([verb, 'dist'], world, fakeVerbs())).toBe(2)
    expect(world.err).toContain('error: DISTRO_WEB_SEED counts for what is published too. A web seed that is published must be')
  })
})

describe('distro create', () => {
  it('says of every format what it wrote, with each info-hash', async () => {
    for (const [format, infoHashV2, sentence] of [
      ['v1', null, `a v1 torrent, info-hash ${hash}`],
      ['v2', 'abcd', 'a v2 torrent, info-hash abcd'],
      ['hybrid', 'abcd', `a hybrid torrent, info-hash ${hash} for v1 and abcd for v2`],
    ] as const) {
      const world = new FakeWorld()
      const made = { ...sampleDone, format, infoHashV2, magnet, files: 1, pieces: 1, pieceLengthBytes: 32_768 }
      expect(await run(['create', 'dist', '--format', format], world, fakeVerbs({ create: async () => made }))).toBe(0)
      expect([world.out, world.err]).toEqual([`${magnet}\n`, `${sentence}\n`])
    }
  })
})

describe('distro fetch', () => {
  const verbs = fakeVerbs({
    async fetch(_request, events) {
      events.emit('done', sampleDone)
      return fetchResult
    },
  })

  it('prints the path of the finished tree as the only line on stdout', async () => {
    const world = new FakeWorld()
    expect(await run(['fetch', hash], world, verbs)).toBe(0)
    expect(world.out).toBe('/srv/app\n')
  })

  it('runs the --on-done command with the facts in its environment and never in its text', async () => {
    const folder = await temporaryFolder()
    const name = '$(touch hacked); `x` "'
    const hostile = fakeVerbs({
      async fetch(_request, events) {
        events.emit('done', { ...sampleDone, name })
        return fetchResult
      },
    })
    const world = new FakeWorld({ env: { PATH: process.env.PATH ?? '' } })
    const command = `printf '%s\\n' "$DISTRO_PATH" "$DISTRO_INFO_HASH" "$DISTRO_NAME" "$DISTRO_BYTES" > '${join(folder, 'facts')}'`
    expect(await run(['fetch', hash, '--on-done', command], world, hostile)).toBe(0)
    expect(await readFile(join(folder, 'facts'), 'utf8')).toBe(`/srv/app\n${hash}\n${name}\n268435456\n`)
  })

  it('ends with HOOK_FAILED when the command fails, after printing the path', async () => {
    for (const [command, ending] of [
      ['exit 3', 'exit code 3'],
      ['kill -9 $$', 'SIGKILL'],
    ] as const) {
      const world = new FakeWorld({ env: { PATH: process.env.PATH ?? '' } })
      expect(await run(['fetch', hash, '--on-done', command], world, verbs)).toBe(2)
      expect(world.out).toBe('/srv/app\n')
      expect(world.err).toContain(`error: The --on-done command ended with ${ending}.`)
    }
  })

  it('tells at once of a command that failed when it stays as a seed, and ends with its exit code when it is stopped', async () => {
    const world = new FakeWorld({ env: { PATH: process.env.PATH ?? '' } })
    const staying = fakeVerbs({
      async fetch(_request, events, signal) {
        const warned = new Promise<void>((resolve) => events.on('warning', () => resolve()))
        events.emit('done', sampleDone)
        await warned
        const stopped = new Promise((resolve) => signal.addEventListener('abort', resolve))
        world.send('SIGTERM')
        await stopped
        return fetchResult
      },
    })
    expect(await run(['fetch', hash, '--keep-seeding', '--on-done', 'exit 3'], world, staying)).toBe(2)
    expect(world.err).toContain('warning: The --on-done command ended with exit code 3. Seeding goes on; the exit code will be 2.')
  })

  it('refuses two answers to how long it stays as a seed', async () => {
    const world = new FakeWorld()
    expect(await run(['fetch', hash, '--keep-seeding', '--seed-for', '1s'], world, fakeVerbs())).toBe(2)
    expect(world.err).toContain('error: --keep-seeding and --seed-for both say how long to stay as a seed.')
  })
})

describe('distro info', () => {
  const summary: TorrentSummary = {
    name: 'app',
    format: 'v1',
    infoHash: hash,
    infoHashV2: null,
    magnet,
    bytes: 1_234_567,
    pieces: 38,
    pieceLengthBytes: 32_768,
    isPrivate: true,
    isSingleFile: false,
    files: [
      { path: 'app/a.txt', lengthBytes: 1_234_560, piecesRoot: null, isExecutable: false },
      { path: 'app/\u202etxt.exe', lengthBytes: 7, piecesRoot: null, isExecutable: false },
    ],
    symlinks: [],
    emptyDirectories: [],
    summedBlockBytes: null,
    similar: [],
    collections: [],
    carries: [],
    trackers: [['https://a.example/announce'], ['udp://b.example:80/announce']],
    webSeeds: [],
    nodes: ['10.0.0.1:6881'],
    comment: 'hi\u001b[2J',
    createdBy: null,
    createdAt: '2026-01-02T03:04:05.000Z',
  }

  it('prints a table that no name can disturb', async () => {
    const world = new FakeWorld()
    expect(await run(['info', 'a.torrent'], world, fakeVerbs({ info: async () => summary }))).toBe(0)
    expect(world.out).toBe(
      [
        'name       app',
        'format     v1',
        `info-hash  ${hash}`,
        'size       1.2 MiB (1,234,567 bytes)',
        'pieces     38 of 32 KiB',
        'private    yes: peers come from its trackers only',
        'tracker    https://a.example/announce',
        'tracker    udp://b.example:80/announce  (tier 2)',
        'DHT node   10.0.0.1:6881',
        'comment    hi\\x1b[2J',
        'made at    2026-01-02T03:04:05.000Z',
        `magnet     ${magnet}`,
        '',
        '2 files',
        '  1.2 MiB  app/a.txt',
        '      7 B  app/\\u202etxt.exe',
        '',
      ].join('\n'),
    )
  })

  it('prints one JSON object with everything in it', async () => {
    const world = new FakeWorld()
    await run(['info', 'a.torrent', '--json'], world, fakeVerbs({ info: async () => summary }))
    expect(world.records).toEqual([{ type: 'info', time: '2026-01-02T03:04:05.000Z', ...summary }])
  })
})

describe('distro dht', () => {
  it('prints its address once it listens and stays until it is stopped', async () => {
    for (const [flags, expected] of [
      [[], '10.0.0.1:6881\n'],
      [['--json'], '{"type":"listening","time":"2026-01-02T03:04:05.000Z","address":"10.0.0.1:6881"}\n'],
    ] as const) {
      const world = new FakeWorld()
      const verbs = fakeVerbs({
        async dht(_request, onListening, _events, signal) {
          onListening({ host: '10.0.0.1', port: 6881 })
          expect(world.out).toBe(expected)
          queueMicrotask(() => world.send('SIGINT'))
          await new Promise((resolve) => signal.addEventListener('abort', resolve))
        },
      })
      expect(await run(['dht', ...flags], world, verbs)).toBe(130)
    }
  })
})

describe('distro ps', () => {
  const verbs = fakeVerbs({ ps: async () => ({ runs: [sampleRun, { ...sampleRun, id: 'z222', name: 'a\u001b[31m', state: 'seed' }] }) })

  it('prints a table of what runs', async () => {
    const world = new FakeWorld()
    expect(await run(['ps'], world, verbs)).toBe(0)
    expect(world.out.split('\n')).toEqual([
      'ID    VERB   NAME       STATE                DOWN         UP  PEERS  WEB  SINCE',
      'k3m9  fetch  app        fetching 66 %  92.0 MiB/s  1.0 MiB/s      9    1  3m20s',
      'z222  fetch  a\\x1b[31m  seeding        92.0 MiB/s  1.0 MiB/s      9    1  3m20s',
      '',
    ])
  })

  it('prints one object a line with --json', async () => {
    const world = new FakeWorld()
    await run(['ps', '--json'], world, verbs)
    expect(world.records).toMatchObject([
      { type: 'run', ...sampleRun },
      { type: 'run', id: 'z222' },
    ])
  })

  it('prints nothing on stdout when nothing runs, and says so', async () => {
    const world = new FakeWorld()
    expect(await run(['ps'], world, fakeVerbs({ ps: async () => ({ runs: [] }) }))).toBe(0)
    expect([world.out, world.err]).toEqual(['', 'Nothing runs.\n'])
  })

  it('does not say that nothing runs when something does not answer', async () => {
    const world = new FakeWorld()
    const ps: Verbs['ps'] = async (_request, events) => {
      events.emit('warning', { message: 'The run k3m9 does not answer.' })
      return { runs: [] }
    }
    expect(await run(['ps'], world, fakeVerbs({ ps }))).toBe(0)
    expect([world.out, world.err]).toEqual(['', 'warning: The run k3m9 does not answer.\n'])
  })

  it('looks into the state folder that is named', async () => {
    const asked: string[] = []
    const ps: Verbs['ps'] = async ({ stateDir }) => {
      asked.push(stateDir)
      return { runs: [] }
    }
    await run(['ps', '--state-dir', 'x'], new FakeWorld(), fakeVerbs({ ps }))
    await run(['ps'], new FakeWorld(), fakeVerbs({ ps }))
    expect(asked).toEqual(['/build/x', '/home/somebody/.local/state/distro'])
  })
})

describe('distro web-seed', () => {
  const requests: WebSeedRequest[] = []
  const webSeed: Verbs['webSeed'] = async (request) => {
    requests.push(request)
    const { action } = request
    const removed = action.kind === 'remove' || action.kind === 'replace' ? action.url : null
    const added = action.kind === 'add' ? action.url : action.kind === 'replace' ? action.by : null
    return { run: sampleRun, webSeeds: [sampleWebSeed], removed, added }
  }
  const verbs = fakeVerbs({ webSeed })

  it('lists them as a table, and as one object a line with --json', async () => {
    const world = new FakeWorld()
    expect(await run(['web-seed', 'list', 'k3'], world, verbs)).toBe(0)
    expect(world.out.split('\n')).toEqual([
      'WEB SEED                 NAMED BY  STATE        RECEIVED   RATE  STRIKES',
      'https://mirror.example/  operator  waiting 5 s  48.0 MiB  0 B/s        0',
      '  https://mirror.example/app/app answers with HTTP status 503: it asks to be left alone for a while.',
      '',
    ])
    const json = new FakeWorld()
    await run(['web-seed', 'list', 'k3', '--json'], json, verbs)
    expect(json.records).toMatchObject([{ type: 'web-seed', run: 'k3m9', ...sampleWebSeed }])
  })

  it('says that there are none', async () => {
    const world = new FakeWorld()
    const none = fakeVerbs({ webSeed: async () => ({ run: sampleRun, webSeeds: [], removed: null, added: null }) })
    expect(await run(['web-seed', 'list', 'app'], world, none)).toBe(0)
    expect([world.out, world.err]).toEqual(['', 'The run k3m9 has no web seeds.\n'])
  })

  it.each([
    ['add app https://a.example/', 'Added https://a.example/ to the run k3m9 (app).', null, 'https://a.example/'],
    ['remove app ./mirror', 'Removed /build/mirror from the run k3m9 (app).', '/build/mirror', null],
    ['replace app file:///m s3://b/k', 'Replaced file:///m by s3://b/k in the run k3m9 (app).', 'file:///m', 's3://b/k'],
  ])('tells what happened on stderr, and on stdout only with --json: %s', async (line, sentence, removed, added) => {
    const world = new FakeWorld()
    expect(await run(['web-seed', ...line.split(' ')], world, verbs)).toBe(0)
    expect([world.out, world.err]).toEqual(['', `${sentence}\n`])
    expect(requests.at(-1)).toMatchObject({ run: 'app', stateDir: '/home/somebody/.local/state/distro' })
    const json = new FakeWorld()
    await run(['web-seed', ...line.split(' '), '--json'], json, verbs)
    expect(json.records).toMatchObject([{ type: 'web-seed-change', run: 'k3m9', removed, added }])
  })

  it.each([
    ['swap k3', 'distro web-seed cannot "swap".'],
    ['list', 'distro web-seed needs <run>:'],
    ['list k3 http://x/', 'distro web-seed list takes no URL after the run.'],
    ['add k3', 'distro web-seed add takes one URL after the run.'],
    ['remove k3 http://x/ http://y/', 'distro web-seed remove takes one URL after the run.'],
    ['replace k3 http://x/', 'distro web-seed replace takes two URLs, the old one and the new one, after the run.'],
    ['replace k3 http://x/ http://y/ z', 'distro web-seed does not know what to do with "z".'],
  ])('refuses other words: %s', async (line, sentence) => {
    const world = new FakeWorld()
    expect(await run(['web-seed', ...line.split(' ')], world, fakeVerbs())).toBe(2)
    expect(world.err).toContain(`error: ${sentence}`)
  })
})
