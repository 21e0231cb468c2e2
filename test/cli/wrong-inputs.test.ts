import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { run } from '../../src/cli/run.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { FakeWorld } from './fake-world.ts'

/** What a command says of something wrong, in a folder that holds the folder `tree` and the file `file`; `HERE` stands for its path. */
async function saidOf(words: readonly string[], env: Record<string, string> = {}): Promise<{ exitCode: number; said: string }> {
  const folder = await temporaryFolder()
  await mkdir(join(folder, 'tree'))
  await writeFile(join(folder, 'tree/a'), 'content')
  await writeFile(join(folder, 'file'), 'text')
  await writeFile(join(folder, 'list.json'), '{ "port": { "from": 1 } }')
  const world = new FakeWorld({ cwd: folder, env: { XDG_STATE_HOME: join(folder, 'state'), ...env } })
  const exitCode = await run(words, world)
  return { exitCode, said: world.err.replaceAll(folder, 'HERE') }
}

const closedOff = ['--bind', '127.0.0.1', '--no-dht', '--no-lsd', '--port', '0']
const hash = '0123456789abcdef'.repeat(4)

describe('a wrong input is answered with one sentence and a hint that fits:', () => {
  it.each<[words: readonly string[], exitCode: number, sentence: string, hint: string]>([
    [
      ['seed', 'tree', '--expect', 'tree', ...closedOff],
      2,
      'HERE/tree is a directory, and no list of hosts.',
      'Name the file that lists the expected hosts, one a line.',
    ],
    [
      ['create', 'tree', '--name', '../x'],
      2,
      'No host would take this torrent. The name given with --name is "../x": a name cannot hold a path separator.',
      'Give another one with --name, or leave it out.',
    ],
    [
      ['seed', 'a', '--hostname', 'web-1'],
      2,
      'distro seed has no flag --hostname.',
      'Did you mean --host-name? It is a flag of distro fetch.',
    ],
    [['fetch', 'a', '--hostname', 'web-1'], 2, 'distro fetch has no flag --hostname.', 'Did you mean --host-name?'],
    [
      ['seed', 'a', '--host-name', 'web-1'],
      2,
      'distro seed has no flag --host-name.',
      'Did you mean --name? --host-name is a flag of distro fetch.',
    ],
    [['push', 'a', '--for', '1h'], 2, 'distro push has no flag --for.', '--for is a flag of distro seed.'],
    [['seed', 'a', '-o', 'b'], 2, 'distro seed has no flag -o.', '-o is a flag of distro fetch, create.'],
    [['fetch', 'a', '--help=all'], 2, '--help takes no value.', 'Write just --help.'],
    [['fetch', 'a', '--hlep'], 2, 'distro fetch has no flag --hlep.', 'Did you mean --help?'],
    [['seed', '--', 'a', '--no-dht'], 2, 'distro seed does not know what to do with "--no-dht".', 'Flags come before --.'],
    [
      ['fetch', 'a', '--timeout', '100d'],
      2,
      '--timeout expects a duration from 1ms to 24d such as 90s, 30m or 2h, not "100d".',
      '--timeout DUR: fail after this long, with exit code 3 or 4; without it info waits 1m, and seed, push, wait and fetch have no limit.',
    ],
    [
      ['fetch', 'a', '--config', 'tree'],
      2,
      'HERE/tree is not a regular file.',
      'Settings stand in a file of one JSON object, such as { "up-limit": "20M", "dht": false }.',
    ],
    [
      ['fetch', 'a', '--config', 'list.json'],
      2,
      '"port" in HERE/list.json must be text, a number, true, false, or a list of these.',
      'A list is for a flag that may be repeated: "exclude": ["*.map", "tmp/"].',
    ],
    [['rollback', 'file'], 2, 'HERE/file is not a directory.', 'Name the folder that distro fetch --releases was given.'],
    [
      ['create', 'tree', '-o', 'none/x.torrent'],
      6,
      'Cannot write HERE/none/x.torrent: its folder does not exist.',
      'Make the folder first, or name another file.',
    ],
    [['create', 'tree', '-o', 'file/x.torrent'], 6, 'Cannot write HERE/file/x.torrent: its folder is a file.', 'Name another file.'],
    [
      ['fetch', `urn:btih:${hash.slice(24)}`],
      2,
      `"urn:btih:${hash.slice(24)}" is only a part of a magnet.`,
      'Write magnet:?xt= before it.',
    ],
    [
      ['fetch', hash.slice(1)],
      2,
      `"${hash.slice(1)}" is not an info-hash, which must be 64 hexadecimal characters in v2.`,
      'If it is the name of a file, write ./ before it.',
    ],
  ])('%j', async (words, code, sentence, hint) => {
    const { exitCode, said } = await saidOf(words)
    expect(said).toContain(`error: ${sentence}\n hint: ${hint}`)
    expect(exitCode).toBe(code)
  })

  it('a variable that is wrong, with what its flag means', async () => {
    expect(await saidOf(['config'], { DISTRO_PORT: 'abc' })).toEqual({
      exitCode: 2,
      said:
        'error: DISTRO_PORT expects a whole number from 0 to 65535, not "abc".\n' +
        ' hint: --port PORT: port to listen on, TCP and UDP; 0 is any free one.\n',
    })
  })
})
