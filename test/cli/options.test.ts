import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { run } from '../../src/cli/run.ts'
import { notingVerbs } from './fake-verbs.ts'
import { FakeWorld } from './fake-world.ts'
import { worldWithConfig } from './world-with-config.ts'

const hash = 'c12fe1c06bba254a9dc9f519b335aa7c1367a88a'

async function fetchRequest(flags: readonly string[], world = new FakeWorld()) {
  const { verbs, fetches } = notingVerbs()
  const exitCode = await run(['fetch', hash, ...flags], world, verbs)
  return { exitCode, request: fetches[0], err: world.err }
}

async function seedRequest(flags: readonly string[], world = new FakeWorld()) {
  const { verbs, seeds } = notingVerbs()
  const exitCode = await run(['seed', 'dist', ...flags], world, verbs)
  return { exitCode, request: seeds[0], err: world.err }
}

describe('flags of fetch', () => {
  it('have defaults that touch the public DHT and the local network, and no limit', async () => {
    const { request } = await fetchRequest([])
    expect(request).toEqual({
      id: hash,
      outDir: '/build',
      select: [],
      keepSeeding: false,
      seedForMs: undefined,
      overwrite: false,
      isDryRun: false,
      webSeeds: [],
      reuse: [],
      mayLink: false,
      knownTrees: true,
      usesNamedWebSeeds: true,
      trustsMagnetUrls: false,
      webSeedMode: 'fallback',
      webSeedDelayMs: 1_000,
      hostName: undefined,
      webSeedAccess: { env: {}, cwd: '/build' },
      network: {
        port: undefined,
        bindAddress: undefined,
        peers: [],
        usesDht: true,
        dhtBootstrap: undefined,
        usesLocalDiscovery: true,
        usesPeerExchange: true,
        trackers: [],
        upBytesPerSecond: Number.POSITIVE_INFINITY,
        downBytesPerSecond: Number.POSITIVE_INFINITY,
        maxPeers: 200,
        timeoutMs: undefined,
        stallTimeoutMs: undefined,
        stateDir: '/home/somebody/.local/state/distro',
      },
    })
  })

  it('reach the request, each of them', async () => {
    const flags = [
      ...['--port', '0', '--bind', '127.0.0.1', '--peer', 'a.example:1', '--peer=[::1]:2,10.0.0.1:3', '--no-dht'],
      ...['--dht-bootstrap', '10.0.0.1:6881,10.0.0.2:6881', '--no-lsd', '--no-pex', '--tracker', 'udp://t.example:80/announce'],
      ...['--up-limit', '500k', '--down-limit=20M', '--max-peers', '10', '--timeout', '90s', '--stall-timeout', '30m'],
      ...['--state-dir', 'state', '-o', 'out', '--select', '*.deb', '--select', 'b/{c,d}', '--seed-for', '2h'],
      ...[
        '--overwrite',
        '--dry-run',
        '--zone',
        'eu/rack-7',
        '--host-name',
        'web-7',
        '--web-seed',
        'https://a.example/',
        '--web-seed=./b',
        '--no-web-seeds',
      ],
      ...['--web-seed-mode', 'always', '--web-seed-delay', '0s', '--trust-magnet-urls', '--no-known-trees'],
    ]
    const { request, err } = await fetchRequest(flags)
    expect(err).toBe('')
    expect(request).toEqual({
      id: hash,
      outDir: '/build/out',
      select: ['*.deb', 'b/{c,d}'],
      keepSeeding: false,
      seedForMs: 7_200_000,
      overwrite: true,
      isDryRun: true,
      webSeeds: ['https://a.example/', './b'],
      reuse: [],
      mayLink: false,
      knownTrees: false,
      usesNamedWebSeeds: false,
      trustsMagnetUrls: true,
      webSeedMode: 'always',
      webSeedDelayMs: 0,
      hostName: 'web-7',
      webSeedAccess: { env: {}, cwd: '/build' },
      network: {
        port: 0,
        bindAddress: '127.0.0.1',
        peers: [
          { host: 'a.example', port: 1 },
          { host: '::1', port: 2 },
          { host: '10.0.0.1', port: 3 },
        ],
        usesDht: false,
        dhtBootstrap: [
          { host: '10.0.0.1', port: 6881 },
          { host: '10.0.0.2', port: 6881 },
        ],
        usesLocalDiscovery: false,
        usesPeerExchange: false,
        trackers: ['udp://t.example:80/announce'],
        upBytesPerSecond: 512_000,
        downBytesPerSecond: 20 * 2 ** 20,
        maxPeers: 10,
        timeoutMs: 90_000,
        stallTimeoutMs: 1_800_000,
        zone: 'eu/rack-7',
        stateDir: '/build/state',
      },
    })
  })

  it.each([
    ['--port', '65536', 'a whole number from 0 to 65535'],
    ['--port', '-1', 'a whole number from 0 to 65535'],
    ['--port', '80.5', 'a whole number from 0 to 65535'],
    ['--port', '', 'a whole number from 0 to 65535'],
    ['--bind', 'localhost', 'an IP address'],
    ['--bind', '1.2.3', 'an IP address'],
    ['--peer', 'host', 'HOST:PORT'],
    ['--peer', 'host:0', 'HOST:PORT'],
    ['--peer', '::1:80', 'HOST:PORT'],
    ['--peer', 'a:1,', 'HOST:PORT'],
    ['--dht-bootstrap', 'a:1,b', 'HOST:PORT'],
    ['--tracker', 'ftp://t.example/', 'an http, https or udp URL'],
    ['--tracker', 'udp://t.example/', 'an http, https or udp URL'],
    ['--tracker', 'javascript:alert(1)', 'an http, https or udp URL'],
    ['--up-limit', '0', 'a rate'],
    ['--up-limit', '20', 'a rate of 1k or more'],
    ['--down-limit', '20X', 'a rate'],
    ['--max-peers', '0', 'a whole number from 1'],
    ['--timeout', '90', 'a duration'],
    ['--timeout', '0s', 'a duration'],
    ['--stall-timeout', '99999d', 'a duration'],
    ['--seed-for', 'soon', 'a duration'],
    ['--out', '', 'the path of a folder'],
    ['--select', '', 'a glob'],
    ['--progress', 'fancy', 'one of auto, bar, lines, json, none'],
    ['--on-done', '', 'some text'],
    ['--zone', '', '1 to 64 letters'],
    ['--zone', 'rack 7', '1 to 64 letters'],
    ['--host-name', '', '1 to 64 characters'],
    ['--host-name', ' web-7', '1 to 64 characters'],
    ['--host-name', 'x'.repeat(65), '1 to 64 characters'],
    ['--zone', 'unknown', '1 to 64 letters'],
    ['--zone', 'x'.repeat(65), '1 to 64 letters'],
  ])('refuse %s "%s" with one sentence, a hint and exit code 2', async (flag, value, expected) => {
    const { exitCode, request, err } = await fetchRequest([`${flag}=${value}`])
    expect({ exitCode, request }).toEqual({ exitCode: 2, request: undefined })
    const [sentence, hint, ...rest] = err.trimEnd().split('\n')
    expect(sentence).toContain(`error: ${flag} expects ${expected}`)
    expect(sentence).toContain(`not "${value}"`)
    expect(hint).toContain(' hint: ')
    expect(rest).toEqual([])
  })

  it('refuse a rate without its unit, wherever it stands, and say what it would be with one', async () => {
    const advice = ' hint: 500k is 500 KiB a second, and 20M is 20 MiB a second.'
    const expected = 'a rate of 1k or more, in bytes a second, such as 500k or 20M, or none, not "20".'
    const typed = await fetchRequest(['--up-limit', '20'])
    expect(typed).toMatchObject({ exitCode: 2, request: undefined, err: `error: --up-limit expects ${expected}\n${advice}\n` })
    const written = await fetchRequest([], await worldWithConfig({ local: '{"down-limit":20}' }))
    expect(written).toMatchObject({ exitCode: 2, request: undefined })
    expect(written.err).toMatch(/^error: "down-limit" in .*distro\.config\.json expects a rate of 1k or more/)
    expect(written.err).toContain(advice)
  })

  it.each([
    ['magnet:?xt=urn:btih:zz', 'error: The magnet is malformed'],
    ['z'.repeat(40), 'is not an info-hash'],
    ['ftp://example/x.torrent', 'is not a magnet'],
    ['http://', 'is not a well-formed URL'],
  ])('refuse the identifier %s before anything is started', async (id, sentence) => {
    const { verbs, fetches } = notingVerbs()
    const world = new FakeWorld()
    expect(await run(['fetch', id], world, verbs)).toBe(2)
    expect(world.err).toContain(sentence)
    expect(fetches).toEqual([])
  })

  it('make a path absolute and leave magnets and URLs alone', async () => {
    const ids: (string | undefined)[] = []
    for (const id of ['a.torrent', './magnet', `magnet:?xt=urn:btih:${hash}`, 'https://example.org/a.torrent', hash.toUpperCase()]) {
      const { verbs, fetches } = notingVerbs()
      await run(['fetch', id], new FakeWorld(), verbs)
      ids.push(fetches[0]?.id)
    }
    expect(ids).toEqual([
      '/build/a.torrent',
      '/build/magnet',
      `magnet:?xt=urn:btih:${hash}`,
      'https://example.org/a.torrent',
      hash.toUpperCase(),
    ])
  })
})

describe('flags of seed', () => {
  it('reach the request, each of them', async () => {
    const flags = [
      ...['--name', 'app', '--exclude', '*.map', '--exclude', '/tmp', '--piece-length', '256K', '--format', 'hybrid'],
      ...['--comment=-x-', '--private', '--mtimes', '--similar', 'old.torrent', '--similar', hash, '--collection', 'com.example.app'],
      ...['--torrent-out', 'a.torrent', '--magnet-out', '/m', '--report', 'r.json', '--until-copies', '3', '--for', '1h30m'],
      ...['--ratio', '1.5', '--http', '8080', '--no-known-trees'],
    ]
    const { request, err } = await seedRequest(flags)
    expect(err).toBe('')
    expect(request).toMatchObject({
      path: '/build/dist',
      torrentFile: undefined,
      name: 'app',
      exclude: ['*.map', '/tmp'],
      isExcludeForThis: true,
      carries: { modes: false, mtimes: true },
      pieceLengthBytes: 262_144,
      format: 'hybrid',
      comment: '-x-',
      isPrivate: true,
      similar: ['/build/old.torrent', hash],
      collections: ['com.example.app'],
      torrentOut: '/build/a.torrent',
      magnetOut: '/m',
      reportOut: '/build/r.json',
      untilCopies: 3,
      expected: undefined,
      forMs: 5_400_000,
      ratio: 1.5,
      httpPort: 8080,
      knownTrees: false,
    })
  })

  it('take a host to hand over to, and how many others', async () => {
    expect((await seedRequest([])).request?.handover).toBeUndefined()
    expect((await seedRequest(['--handover', 'mirror-1'])).request?.handover).toEqual({ host: 'mirror-1', copies: 2 })
    expect((await seedRequest(['--handover', 'mirror-1', '--handover-copies', '3'])).request?.handover).toEqual({
      host: 'mirror-1',
      copies: 3,
    })
    const { exitCode, err } = await seedRequest(['--handover-copies', '3'])
    expect(exitCode).toBe(2)
    expect(err).toContain('--handover-copies says how many take over, and there is no --handover.')
  })

  it('say whether what is left out was typed for this tree', async () => {
    const { request } = await seedRequest([], new FakeWorld({ env: { DISTRO_EXCLUDE: '*.map' } }))
    expect(request).toMatchObject({ exclude: ['*.map'], isExcludeForThis: false })
  })

  it('refuse one port for peers and for HTTP, unless any will do', async () => {
    const { exitCode, err } = await seedRequest(['--port', '8080', '--http', '8080'])
    expect(exitCode).toBe(2)
    expect(err).toContain('--port and --http both name port 8080.')
    expect((await seedRequest(['--port', '0', '--http', '0'])).request).toMatchObject({ httpPort: 0, network: { port: 0 } })
    expect((await seedRequest([], new FakeWorld({ env: { DISTRO_HTTP: '8081' } }))).request?.httpPort).toBe(8081)
    expect((await seedRequest([])).request).toMatchObject({ httpPort: undefined, knownTrees: true })
  })

  it('refuse what a .torrent already says', async () => {
    const given = '--torrent a.torrent --name x --format v1 --private --modes --mtimes --collection y --similar'.split(' ')
    const { exitCode, err } = await seedRequest([...given, hash])
    expect(exitCode).toBe(2)
    expect(err).toContain('--name, --format, --private, --similar, --collection, --modes, --mtimes cannot be used with --torrent.')
  })

  it.each([
    ['--piece-length', '100000'],
    ['--format', 'v3'],
    ['--piece-length', '8K'],
    ['--piece-length', '128M'],
    ['--until-copies', '0'],
    ['--until-copies', '0%'],
    ['--until-copies', '101%'],
    ['--until-copies', '9.555%'],
    ['--ratio', '0'],
    ['--ratio', '-1'],
    ['--http', '65536'],
    ['--http', 'on'],
    ['--for', '5'],
    ['--name', ''],
    ['--similar', 'https://a.example/x.torrent'],
    ['--similar', 'magnet:?xt=none'],
    ['--collection', ''],
  ])('refuse %s "%s"', async (flag, value) => {
    const { exitCode, err } = await seedRequest([`${flag}=${value}`])
    expect(exitCode).toBe(2)
    expect(err).toMatch(new RegExp(`^error: ${flag} expects .*\n hint: .*\n$`))
  })
})

describe('precedence', () => {
  it('is flags, variables, the config file here, the config file of the user, defaults', async () => {
    const own = '{"up-limit":"1M","down-limit":"1M","max-peers":1,"port":1}'
    const local = '{"up-limit":"2M","down-limit":"2M","max-peers":2}'
    const world = await worldWithConfig({ own, local, env: { DISTRO_UP_LIMIT: '3M', DISTRO_DOWN_LIMIT: '3M' } })
    const { request, err } = await fetchRequest(['--up-limit', '4M'], world)
    expect(err).toBe('')
    expect(request?.network).toMatchObject({
      upBytesPerSecond: 4 * 2 ** 20,
      downBytesPerSecond: 3 * 2 ** 20,
      maxPeers: 2,
      port: 1,
      usesDht: true,
    })
  })

  it('takes switches, lists and paths from files and variables too', async () => {
    const local = '{"dht":false,"peer":["a:1","b:2"],"out":"sub","keep-seeding":true}'
    const world = await worldWithConfig({ local, env: { DISTRO_LSD: '0', DISTRO_DHT_BOOTSTRAP: 'a:1,b:2', DISTRO_PEX: '' } })
    const { request } = await fetchRequest([], world)
    expect(request).toMatchObject({ outDir: join(world.cwd, 'sub'), keepSeeding: true })
    expect(request?.network).toMatchObject({ usesDht: false, usesLocalDiscovery: false, usesPeerExchange: true })
    expect(request?.network.peers).toHaveLength(2)
    expect(request?.network.dhtBootstrap).toHaveLength(2)
  })

  it('lets XDG_CONFIG_HOME and --config say where the files are, with paths relative to the file', async () => {
    const world = await worldWithConfig({ local: '{"port":1}', env: {} })
    await mkdir(join(world.cwd, 'xdg/distro'), { recursive: true })
    await writeFile(join(world.cwd, 'xdg/distro/config.json'), '{"max-peers":7,"state-dir":"s"}')
    await writeFile(join(world.cwd, 'mine.json'), '{"port":2}')
    world.env.XDG_CONFIG_HOME = join(world.cwd, 'xdg')
    const { request } = await fetchRequest(['--config', 'mine.json'], world)
    expect(request?.network).toMatchObject({ port: 2, maxPeers: 7, stateDir: join(world.cwd, 'xdg/distro/s') })
  })

  it('does not take DISTRO_NAME for --name, since an --on-done command is told the name in it', async () => {
    const { request } = await seedRequest([], new FakeWorld({ env: { DISTRO_NAME: 'other' } }))
    expect(request?.name).toBeUndefined()
  })

  it('takes the zone from a flag, a variable or a file, and subnet in place of a name', async () => {
    const world = await worldWithConfig({ local: '{"zone":"rack-1"}' })
    expect((await fetchRequest([], world)).request?.network.zone).toBe('rack-1')
    expect((await seedRequest([], new FakeWorld({ env: { DISTRO_ZONE: 'rack-2' } }))).request?.network.zone).toBe('rack-2')
    expect((await seedRequest(['--zone', 'subnet'])).request?.network.zone).toBe('subnet')
    expect((await fetchRequest([], new FakeWorld({ env: { DISTRO_ZONE: 'rack 2' } }))).exitCode).toBe(2)
  })

  it('works without a home', async () => {
    const { exitCode, request } = await fetchRequest([], new FakeWorld({ home: undefined }))
    expect(exitCode).toBe(0)
    expect(request?.network.stateDir).toContain('distro-state')
  })

  it.each([
    ['{', 'is not JSON: line 1 ends where a name in double quotes or "}" must stand.'],
    ['[]', 'must hold one JSON object.'],
    ['{"up-limt":"1M"}', '"up-limt" in'],
    ['{"port":70000}', '"port" in'],
    ['{"port":{}}', 'must be text, a number'],
    ['{"port":[1,2]}', 'is given 2 times'],
    ['{"name":"x"}', 'can only be given as a flag'],
    ['{"on-done":"rm -rf /"}', 'would run a command'],
    ['{"web-seed":"http://169.254.169.254/"}', 'lead to servers'],
    ['\u0000', 'is not JSON: line 1 has "\\u{0}" where a value must stand.'],
  ])('refuses a config file that holds %j', async (local, sentence) => {
    for (const ask of [fetchRequest, seedRequest]) {
      const { exitCode, err } = await ask([], await worldWithConfig({ local }))
      const concernsVerb = exitCode === 2 || local.includes('on-done') || local.includes('name')
      expect(concernsVerb).toBe(true)
      if (exitCode === 2) expect(err).toContain(sentence)
      if (exitCode === 2) expect(err.trimEnd().split('\n').length).toBeLessThanOrEqual(2)
    }
  })

  it('refuses to run a command that only the config file of the working folder asks for', async () => {
    const { exitCode, err } = await fetchRequest([], await worldWithConfig({ local: '{"on-done":"touch x"}' }))
    expect(exitCode).toBe(2)
    expect(err).toContain('is not read from the working folder')
  })

  it('refuses a --config that is missing or a folder, and a variable that is wrong', async () => {
    const world = await worldWithConfig({})
    expect((await fetchRequest(['--config', 'none.json'], world)).err).toContain('none.json cannot be read: there is no such file.')
    expect((await fetchRequest(['--config', '.'], await worldWithConfig({}))).err).toContain('is not a regular file')
    const wrong = await fetchRequest([], new FakeWorld({ env: { DISTRO_TIMEOUT: 'x' } }))
    expect(wrong).toMatchObject({ exitCode: 2, request: undefined })
    expect(wrong.err).toContain('DISTRO_TIMEOUT expects a duration')
  })
})
