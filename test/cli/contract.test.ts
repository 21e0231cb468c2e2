import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { commandLoaders, loadAllCommands } from '../../src/cli/command-list.ts'
import { flagName, variableName } from '../../src/cli/option.ts'
import { run } from '../../src/cli/run.ts'
import { notingVerbs } from './fake-verbs.ts'
import { FakeWorld } from './fake-world.ts'
import { sampleSwitch } from './sample-events.ts'
import { sampleRun, sampleWebSeed } from './sample-runs.ts'

const output = ['progress', 'json', 'quiet', 'verbose', 'color', 'config']
const listen = ['port', 'bind', 'dht-bootstrap', 'state-dir']
const network = [...listen, 'peer', 'dht', 'lsd', 'pex', 'tracker', 'up-limit', 'down-limit', 'max-peers', 'timeout', 'stall-timeout']
const tree = [
  ...['name', 'exclude', 'piece-length', 'format', 'comment', 'modes', 'mtimes', 'private'],
  ...['block-sums', 'similar', 'collection', 'web-seed'],
]
const published = [
  'torrent',
  'torrent-out',
  'magnet-out',
  'until-copies',
  'until-zone-copies',
  'handover',
  'handover-copies',
  'expect',
  'report',
  'report-junit',
  'http',
  'known-trees',
]
const webSeeds = ['web-seed', 'web-seeds', 'web-seed-mode', 'web-seed-delay', 'trust-magnet-urls']

/** The flags that each verb has, and no others: a flag appears with the feature behind it. */
const contract: Readonly<Record<string, readonly string[]>> = {
  push: [...output, ...network, 'zone', ...tree, ...published],
  seed: [...output, ...network, 'zone', ...tree, ...published, 'for', 'ratio'],
  fetch: [
    ...[
      ...output,
      ...network,
      'zone',
      'out',
      'releases',
      'keep',
      'select',
      'keep-seeding',
      'seed-for',
      'overwrite',
      'reuse',
      'reuse-links',
      'known-trees',
      'dry-run',
      'on-done',
      'on-switch',
      'host-name',
    ],
    ...webSeeds,
  ],
  wait: [...output, ...network, 'copies', 'zone-copies', 'expect', 'report', 'report-junit'],
  create: [...output, ...tree, 'output', 'tracker'],
  info: [...output, ...network],
  verify: ['select', ...output],
  dht: [...output, ...listen],
  ps: [...output, 'state-dir'],
  'web-seed': [...output, 'state-dir'],
  rollback: [...output, 'to', 'on-switch'],
}

describe('the command line', async () => {
  const commands = await loadAllCommands()

  it.each(Object.keys(contract))('gives %s the flags of the contract', (verb) => {
    const command = commands.find(({ name }) => name === verb)
    expect(
      Object.keys(command?.options ?? {})
        .map(flagName)
        .sort(),
    ).toEqual([...(contract[verb] ?? [])].sort())
  })

  it('gives config every flag of every verb', () => {
    const config = commands.find(({ name }) => name === 'config')
    expect(new Set(Object.keys(config?.options ?? {}).map(flagName))).toEqual(new Set(Object.values(contract).flat()))
  })

  it('knows each verb by its own name', () => {
    expect(commands.map(({ name }) => name)).toEqual(Object.keys(commandLoaders))
  })

  it('means the same by a flag wherever it appears', () => {
    const shapes = new Map<string, string>()
    for (const { options } of commands) {
      for (const [name, option] of Object.entries(options)) {
        const shape = `${option.shape} ${option.expects} ${option.givenBy}`
        expect(shapes.get(name) ?? shape).toBe(shape)
        shapes.set(name, shape)
      }
    }
  })

  it('describes each flag in a phrase, and each switch so that "do not" may stand before it', () => {
    for (const { options } of commands) {
      for (const option of Object.values(options)) {
        expect(option.describe).toMatch(/^[a-zD].*[^.]$/)
        expect(option.placeholder === '').toBe(option.shape === 'switch')
      }
    }
  })

  it('shows examples that it would accept itself', async () => {
    for (const command of commands) {
      for (const { line } of command.examples) {
        const words = wordsOf(line)
        if (words === undefined) continue
        const world = new FakeWorld()
        const exitCode = await run(words, world, { ...notingVerbs().verbs, ...harmless })
        // What was changed, made, and waited for, is said on stderr.
        const said = world.err.replace(/^(?:(?:Added|Removed|Replaced) .*|n: 1 copy after 1 s|a v1 torrent, .*)\n$/, '')
        expect(`${line}: ${exitCode} ${said}`).toBe(`${line}: 0 `)
      }
    }
  })

  it('takes any words without ever failing by itself', async () => {
    const flags = [...new Set(Object.values(contract).flat())].flatMap((flag) => [`--${flag}`, `--no-${flag}`, `--${flag}=`, `--${flag}=7`])
    const word = fc.oneof(fc.constantFrom(...flags, '--', '-', '-o', '-q', '7', '1M', '90s', 'a:1'), fc.string())
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('seed', 'fetch', 'create', 'config'), fc.array(word, { maxLength: 6 }), async (verb, words) => {
        const world = new FakeWorld()
        const exitCode = await run([verb, ...words], world, { ...notingVerbs().verbs, ...harmless })
        expect([0, 2, 7]).toContain(exitCode)
        expect(world.err).not.toContain('unexpected')
        expect(world.listenerCount + world.clock.pendingCount).toBe(0)
      }),
      { numRuns: 300 },
    )
  })

  it('names variables after flags', () => {
    expect([flagName('dhtBootstrap'), variableName('dhtBootstrap'), variableName('port')]).toEqual([
      'dht-bootstrap',
      'DISTRO_DHT_BOOTSTRAP',
      'DISTRO_PORT',
    ])
  })
})

const created = {
  path: '/a',
  format: 'v1' as const,
  infoHash: 'a',
  infoHashV2: null,
  name: 'a',
  bytes: 1,
  seconds: 1,
  downloaded: 0,
  uploaded: 0,
  files: 1,
  pieces: 1,
}
const harmless = {
  create: async () => ({ ...created, magnet: 'magnet:', pieceLengthBytes: 1, bySource: { peers: 0, webSeeds: 0, local: 1 } }),
  verify: async () => ({
    infoHash: 'a',
    name: 'a',
    path: '/a',
    bytes: 1,
    files: 1,
    seconds: 1,
    damaged: [],
    wrongFiles: { least: 0, most: 0 },
  }),
  dht: async () => undefined,
  ps: async () => ({ runs: [sampleRun] }),
  rollback: async () => ({ ...sampleSwitch, isSwitched: true }),
  webSeed: async () => ({ run: sampleRun, webSeeds: [sampleWebSeed], removed: null, added: 'https://mirror.example/app/' }),
}

/** The words of an example, or undefined for one that is more than a call of distro with real arguments. */
function wordsOf(line: string): readonly string[] | undefined {
  if (/[|<>&]|^DISTRO_|\.\.\.| info /.test(line)) return undefined
  return [...line.replace(/^distro /, '').matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
}
