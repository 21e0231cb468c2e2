import { describe, expect, it } from 'vitest'
import { DistroError } from '../../src/base/errors.ts'
import { commandLoaders } from '../../src/cli/command-list.ts'
import { run } from '../../src/cli/run.ts'
import { fakeVerbs } from './fake-verbs.ts'
import { FakeWorld } from './fake-world.ts'

async function ran(words: readonly string[], verbs = fakeVerbs(), world = new FakeWorld()) {
  const exitCode = await run(words, world, verbs)
  return { exitCode, out: world.out, err: world.err, world }
}

describe('run', () => {
  it('prints the version of package.json on stdout', async () => {
    const { default: manifest } = await import('../../package.json', { with: { type: 'json' } })
    for (const flag of ['--version', '-V']) expect(await ran([flag])).toMatchObject({ exitCode: 0, out: `${manifest.version}\n`, err: '' })
  })

  it('prints help on stdout when asked for it, listing every verb', async () => {
    for (const words of [['--help'], ['-h'], ['help']]) {
      const { exitCode, out, err } = await ran(words)
      expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' })
      for (const verb of ['seed', 'fetch', 'create', 'info', 'verify', 'dht', 'config', 'completion']) expect(out).toContain(`  ${verb}`)
    }
  })

  it('prints help on stderr and exits with 2 when no verb is given', async () => {
    const { exitCode, out, err } = await ran([])
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' })
    expect(err).toContain('Usage')
  })

  it.each(['seed', 'fetch', 'create', 'info', 'verify', 'dht', 'config', 'completion'])('has help with examples for %s', async (verb) => {
    for (const words of [
      [verb, '--help'],
      [verb, 'x', '-h'],
      ['help', verb],
    ]) {
      const { exitCode, out } = await ran(words)
      expect(exitCode).toBe(0)
      expect(out).toMatch(new RegExp(`^distro ${verb}`))
      expect(out).toContain('Examples')
    }
  })

  it('keeps help within the width of the terminal', async () => {
    for (const verb of Object.keys(commandLoaders)) {
      const world = new FakeWorld({ columns: 80 })
      await run([verb, '--help'], world, fakeVerbs())
      expect(Math.max(...world.out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
    }
  })

  it('explains each flag by itself, and none as the rest of a sentence about another', async () => {
    for (const load of Object.values(commandLoaders)) {
      for (const [name, { describe: text }] of Object.entries((await load()).options))
        expect(text, name).not.toMatch(/^(?:and|or|but|also|too|then|the same)\b/)
    }
  })

  it('says how long each verb waits if nobody says it, and where its state is', async () => {
    const { out } = await ran(['info', '--help'], fakeVerbs(), new FakeWorld({ columns: 300 }))
    const words = out.replaceAll(/\s+/g, ' ')
    expect(words).toContain('without it info waits 1m, and seed, push, wait and fetch have no limit')
    expect(words).toContain('[$XDG_STATE_HOME/distro, or ~/.local/state/distro]')
  })

  it.each([
    [['sed', 'x'], 'There is no verb "sed".', 'Did you mean distro seed?'],
    [['zzzzzz'], 'There is no verb "zzzzzz".', 'The verbs are seed, fetch'],
    [['--json', 'seed'], 'The first word is the verb; --json comes before one.', 'The verbs are'],
    [['__proto__'], 'There is no verb "__proto__".', 'The verbs are'],
    [['fetch'], 'distro fetch needs <id>', 'distro fetch --help shows examples.'],
    [['fetch', ''], 'distro fetch needs <id>', 'distro fetch --help shows examples.'],
    [['verify', 'a.torrent'], 'distro verify needs <path>', 'distro verify --help shows examples.'],
    [['fetch', 'a', 'b'], 'distro fetch does not know what to do with "b"', 'Quote names that hold spaces'],
    [['dht', 'a'], 'distro dht does not know what to do with "a"', 'distro dht --help'],
    [['wait', 'a', '--until-copies', '3'], 'distro wait has no flag --until-copies.', 'Did you mean --copies?'],
    [['wait', 'a', '--until-zone-copies', '3'], 'distro wait has no flag --until-zone-copies.', 'Did you mean --zone-copies?'],
    [['push', 'a', '--copies', '3'], 'distro push has no flag --copies.', 'Did you mean --until-copies?'],
    [['fetch', 'a', '--zzz-zzzz'], 'distro fetch has no flag --zzz-zzzz.', 'distro fetch --help lists its flags.'],
    [['fetch', 'a', '--up-limt', '3'], 'distro fetch has no flag --up-limt.', 'Did you mean --up-limit?'],
    [['fetch', '--out-dir', 'x', 'a'], 'distro fetch has no flag --out-dir.', '--help'],
    [['fetch', 'a', '--no-zork'], 'distro fetch has no flag --no-zork.', '--help'],
    [['fetch', 'a', '--no-port'], 'distro fetch has no flag --no-port.', '--'],
    [['fetch', 'a', '-z'], 'distro fetch has no flag -z.', 'distro fetch --help lists its flags.'],
    [['-v'], 'The first word is the verb; -v comes before one.', 'distro --version prints the version.'],
    [['-s'], 'The first word is the verb; -s comes before one.', 'The verbs are'],
    [['version'], 'There is no verb "version".', 'distro --version prints the version.'],
    [['fetch', 'a', '--port'], '--port needs a value.', '--port=-value'],
    [['fetch', 'a', '--port', '--json'], '--port needs a value.', '--port=-value'],
    [['fetch', 'a', '--peer', '--peer', 'b:1'], '--peer needs a value.', '--peer=-value'],
    [['fetch', 'a', '--peer', '--', 'b'], '--peer needs a value.', '--peer=-value'],
    [['fetch', 'a', '--dht=maybe'], '--dht expects true or false, not "maybe".', '--no-dht'],
    [['fetch', 'a', '--no-dht=true'], '--no-dht takes no value.', 'Write just --no-dht.'],
    [['fetch', 'a', '--port', '1', '--port', '2'], '--port is given 2 times.', 'Give it once.'],
    [['completion', 'tcsh'], 'There is no completion for "tcsh".', 'bash, zsh and fish'],
  ])('refuses %j with one sentence, a hint and exit code 2', async (words, sentence, hint) => {
    const { exitCode, out, err } = await ran(words)
    expect(exitCode).toBe(2)
    expect(out === '' || words.includes('--json')).toBe(true)
    const lines = err.trimEnd().split('\n')
    expect(lines).toHaveLength(2)
    expect(lines[0]).toContain(`error: ${sentence}`)
    expect(lines[1]).toContain(' hint: ')
    expect(lines[1]).toContain(hint)
  })

  it('treats what follows -- as words, dashes and all', async () => {
    const paths: string[] = []
    const verbs = fakeVerbs({
      async create({ path }) {
        paths.push(path)
        throw new DistroError('INPUT_MISSING', 'enough')
      },
    })
    await ran(['create', '--', '--odd-name'], verbs)
    await ran(['create', '--quiet', '--', '-1'], verbs)
    expect(paths).toEqual(['/build/--odd-name', '/build/-1'])
  })

  it('tells a bug with its stack, asks for a report, and exits with 1', async () => {
    const { exitCode, err } = await ran(['info', 'a.torrent'], fakeVerbs({ info: async () => JSON.parse('{') as never }))
    expect(exitCode).toBe(1)
    expect(err).toContain('error: Something unexpected happened')
    expect(err).toContain('report')
    expect(err).toMatch(/at JSON.parse/)
  })

  it('tells a known error without a stack, and its causes with --verbose', async () => {
    const cause = Object.assign(new TypeError('deep'), { code: 'E' })
    const verbs = fakeVerbs({
      async info() {
        throw new DistroError('NETWORK_FAILED', 'The server is away', { hint: 'Wait.', cause })
      },
    })
    const brief = await ran(['info', 'a.torrent'], verbs)
    expect(brief).toMatchObject({ exitCode: 8, out: '', err: 'error: The server is away.\n hint: Wait.\n' })
    const verbose = await ran(['info', 'a.torrent', '--verbose'], verbs)
    expect(verbose.err).toContain('code NETWORK_FAILED')
    expect(verbose.err).toContain('caused by TypeError: deep')
  })

  it('writes an error as JSON on stdout with --json, and as a sentence on stderr', async () => {
    for (const words of [
      ['info', '--json', ''],
      ['info', 'x', '--json', '--zork'],
    ]) {
      const { exitCode, world, err } = await ran(words)
      expect(exitCode).toBe(2)
      expect(world.records).toMatchObject([{ type: 'error', code: 'USAGE', exitCode: 2 }])
      expect(err).toContain('error: ')
    }
  })

  it('escapes what strangers wrote in an error', async () => {
    const verbs = fakeVerbs({
      async info() {
        throw new DistroError('TORRENT_INVALID', 'The name is \u001b[2J\u202etxt.exe\nerror: fake')
      },
    })
    const { err } = await ran(['info', 'a.torrent'], verbs)
    expect(err).toBe('error: The name is \\x1b[2J\\u202etxt.exe\\x0aerror: fake.\n')
  })

  it('lets go of every signal and timer, however a verb ends', async () => {
    const world = new FakeWorld()
    await run(['info', 'a.torrent'], world, fakeVerbs({ info: async () => Promise.reject(new DistroError('BUSY', 'x')) }))
    expect(world.listenerCount).toBe(0)
    expect(world.clock.pendingCount).toBe(0)
  })
})
