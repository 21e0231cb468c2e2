import { describe, expect, it } from 'vitest'
import { run } from '../../src/cli/run.ts'
import { notingVerbs } from './fake-verbs.ts'
import { FakeWorld } from './fake-world.ts'
import { worldWithConfig } from './world-with-config.ts'

describe('distro config', () => {
  it('prints each setting and where it came from', async () => {
    const world = await worldWithConfig({ local: '{"port":7000}', env: { DISTRO_UP_LIMIT: '3M' } })
    const { verbs } = notingVerbs()
    expect(await run(['config', '--max-peers', '9'], world, verbs)).toBe(0)
    const rows = new Map(
      world.out
        .trimEnd()
        .split('\n')
        .map((line) => [line.split(' ')[0], line.replace(/ +/g, ' ')]),
    )
    expect(rows.get('up-limit')).toBe('up-limit 3M DISTRO_UP_LIMIT')
    expect(rows.get('max-peers')).toBe('max-peers 9 flag')
    expect(rows.get('port')).toBe(`port 7000 "port" in ${world.cwd}/distro.config.json`)
    expect(rows.get('dht')).toBe('dht true default')
    expect(rows.get('state-dir')).toBe(`state-dir ${world.home}/.local/state/distro default`)
    expect(rows.get('until-copies')).toBe('until-copies - default')
  })

  it('lists no letter in its help that is short for two flags, and create says what its own -o is', async () => {
    const world = new FakeWorld()
    expect(await run(['config', '--help'], world, notingVerbs().verbs)).toBe(0)
    expect(world.out).toContain('-q, --quiet')
    expect(world.out).toContain('    --out DIR')
    expect(world.out).toContain('    --output FILE')
    expect(world.out).not.toContain('-o, ')
    const create = new FakeWorld()
    await run(['create', '--help'], create, notingVerbs().verbs)
    expect(create.out.replace(/\s+/g, ' ')).toContain('-o, --output FILE file to write the .torrent to; the -o of fetch is a folder')
  })

  it('prints them as JSON too', async () => {
    const world = new FakeWorld({ env: { DISTRO_UP_LIMIT: '3M' } })
    expect(await run(['config', '--json'], world, notingVerbs().verbs)).toBe(0)
    expect(world.records).toContainEqual(
      expect.objectContaining({ type: 'setting', name: 'up-limit', value: '3M', origin: 'DISTRO_UP_LIMIT' }),
    )
    expect(world.records).toContainEqual(expect.objectContaining({ name: 'out', value: '.', origin: 'default' }))
    expect(world.records).toContainEqual(expect.objectContaining({ name: 'dht', value: true, origin: 'default' }))
  })

  it('spells a switch in one way, however it was given', async () => {
    const world = new FakeWorld({ env: { DISTRO_LSD: 'off', DISTRO_PEX: '1' } })
    await run(['config', '--json', '--no-dht'], world, notingVerbs().verbs)
    for (const [name, value] of [
      ['lsd', false],
      ['pex', true],
      ['dht', false],
    ] as const) {
      expect(world.records).toContainEqual(expect.objectContaining({ name, value }))
    }
    const plain = new FakeWorld({ env: { DISTRO_LSD: 'off', DISTRO_STATE_DIR: 'state' } })
    await run(['config'], plain, notingVerbs().verbs)
    expect(plain.out).toMatch(/^lsd +false +DISTRO_LSD$/m)
    expect(plain.out).toMatch(new RegExp(`^state-dir +${plain.cwd}/state +DISTRO_STATE_DIR$`, 'm'))
  })

  it.each([
    ['https://user:hidden@b.example/f?X-Amz-Signature=hidden', 'https://b.example/f?...'],
    ['bep17+https://user:hidden@b.example/seed', 'bep17+https://b.example/seed'],
    [' https://user:hidden@b.example/', 'https://b.example/'],
    ['user:hidden@b.example', 'a malformed URL'],
    ['hidden@b.example', 'a malformed URL'],
    ['/srv/files?', '/srv/files?'],
    ['./files', './files'],
    ['s3://bucket/prefix/', 's3://bucket/prefix/'],
  ])('shows the web seed %s without what is secret', async (text, shown) => {
    const world = new FakeWorld({ env: { DISTRO_WEB_SEED: text } })
    expect(await run(['config', '--json'], world, notingVerbs().verbs)).toBe(0)
    expect(world.records).toContainEqual(expect.objectContaining({ name: 'web-seed', value: shown, origin: 'DISTRO_WEB_SEED' }))
    const plain = new FakeWorld({ env: { DISTRO_WEB_SEED: text } })
    await run(['config'], plain, notingVerbs().verbs)
    expect(plain.out).toContain(shown)
    expect(plain.out).not.toContain('hidden')
  })

  it('shows no web seed in full when another one is empty', async () => {
    const world = new FakeWorld()
    expect(await run(['config', '--web-seed', 'https://b.example/?sig=hidden', '--web-seed='], world, notingVerbs().verbs)).toBe(2)
    expect(world.err).toContain('https://b.example/?...')
    expect(world.err).not.toContain('hidden')
  })

  it('says of a value that is wrong what the flag means', async () => {
    const world = new FakeWorld()
    expect(await run(['seed', 'x', '--for', '5'], world, notingVerbs().verbs)).toBe(2)
    expect(world.err).toBe(
      'error: --for expects a duration from 1ms to 24d such as 90s, 30m or 2h, not "5".\n hint: --for DUR: end after this long, with exit code 0; --timeout ends in failure.\n',
    )
  })
})
