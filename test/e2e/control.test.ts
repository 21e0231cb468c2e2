import { once } from 'node:events'
import { readdir, stat, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { DistroEvent, DistroProcess } from '../support/distro-process.ts'
import { writeRandomTree } from '../support/random-tree.ts'
import { spawnDistro } from '../support/spawn-distro.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

const loopback = ['--json', '--bind', '127.0.0.1', '--port', '0', '--no-lsd', '--no-dht']

describe('distro ps', () => {
  test('lists two seeds of one state folder, and one less once one was killed, whose socket it removes', async () => {
    const { state, runs, start } = await place()
    const [first, second] = [start('first'), start('second')]
    await Promise.all([first.event('ready'), second.event('ready')])
    const listed = await ps(state)
    expect(listed.map(({ name }) => name).sort()).toEqual(['first', 'second'])
    expect(listed.map(({ pid }) => pid).sort()).toEqual([first.pid, second.pid].sort())
    const [ready] = first.events('ready')
    expect(listed.find(({ name }) => name === 'first')).toMatchObject({
      verb: 'seed',
      state: 'seed',
      infoHash: ready?.infoHash,
      listen: ready?.listen,
      bytesTotal: contentBytes,
    })
    expect((await stat(runs)).mode & 0o777).toBe(0o700)
    for (const name of await readdir(runs)) expect((await stat(join(runs, name))).mode & 0o777).toBe(0o600)

    first.signal('SIGKILL')
    await first.exited
    expect(await readdir(runs)).toHaveLength(2)
    expect((await ps(state)).map(({ name }) => name)).toEqual(['second'])
    expect(await readdir(runs)).toHaveLength(1)

    expect((await second.stop()).code, second.output).toBe(143)
    expect(await readdir(runs)).toEqual([])
  })

  test('prints a table, and nothing but a sentence on stderr when nothing runs', async () => {
    const { state, start } = await place()
    const empty = spawnDistro(['ps', '--state-dir', state])
    expect(await empty.exited).toEqual({ code: 0, signal: null })
    expect([empty.stdout, empty.stderr]).toEqual([[], ['Nothing runs.']])
    await start('one').event('ready')
    const table = spawnDistro(['ps', '--state-dir', state])
    expect(await table.exited).toEqual({ code: 0, signal: null })
    expect(table.stdout[0]).toMatch(/^ID +VERB +NAME +STATE +DOWN +UP +PEERS +WEB +SINCE$/)
    expect(table.stdout[1]).toMatch(/^[a-z0-9]{4} +seed +one +seeding +0 B\/s/)
  })

  test('lists a fetch that has found nobody yet, by its info-hash', async () => {
    const { state, root } = await place()
    const id = '0123456789abcdef0123456789abcdef01234567'
    spawnDistro(['fetch', id, '--out', root, ...loopback, '--peer', '127.0.0.1:9', '--state-dir', state])
    const [run] = await until('fetch that is listed', async () => {
      const listed = await ps(state)
      return listed.length > 0 ? listed : undefined
    })
    expect(run).toMatchObject({ verb: 'fetch', infoHash: id, name: null, state: 'metadata', bytesTotal: 0 })
    const list = spawnDistro(['web-seed', 'list', '0123', '--state-dir', state])
    expect(await list.exited, list.output).toEqual({ code: 0, signal: null })
  })

  test('sees each of many that start at once, and none that has ended', async () => {
    const { state, runs, start } = await place()
    const names = ['one', 'two', 'three', 'four']
    const seeds = names.map((name) => start(name))
    await Promise.all(seeds.map((seed) => seed.event('ready')))
    const listed = await ps(state)
    expect(listed.map(({ name }) => name).sort()).toEqual([...names].sort())
    expect(new Set(listed.map(({ id }) => id)).size).toBe(names.length)
    // They end while they are asked: whoever is listed still is one of them, and nothing is said of the others.
    const asking = [1, 2, 3].map(() => spawnDistro(['ps', '--json', '--state-dir', state]))
    await Promise.all([...seeds.map((seed) => seed.stop()), ...asking.map((each) => each.exited)])
    for (const each of asking) expect(await each.exited, each.output).toEqual({ code: 0, signal: null })
    for (const each of asking) expect(each.events('warning')).toEqual([])
    expect(await readdir(runs)).toEqual([])
  })
})

describe('a seed', () => {
  test('is not harmed by what comes to its control socket', async () => {
    const { state, runs, start } = await place()
    const seed = start('one')
    await seed.event('ready')
    const [name = ''] = await readdir(runs)
    for (const rubbish of ['garbage\n'.repeat(100), '{"version":1,"ask":', Buffer.alloc(10_000_000, 123), '']) {
      const socket = connect(join(runs, name))
      socket.on('error', () => undefined)
      await once(socket, 'connect')
      await new Promise((resolve) => socket.write(rubbish, resolve))
      socket.destroy()
    }
    expect((await ps(state)).map(({ pid }) => pid)).toEqual([seed.pid])
    expect(seed.events('error')).toEqual([])
    expect((await seed.stop()).code, seed.output).toBe(143)
  })

  test('goes on without a control socket where there can be none, and says so once', async () => {
    const { root, content } = await place()
    const state = join(root, 'file-in-the-way')
    await writeFile(state, '')
    const seed = spawnDistro(['seed', content, ...loopback, '--state-dir', state])
    await seed.event('ready')
    expect(seed.events('warning').map(({ message }) => message)).toEqual([expect.stringContaining('has no control socket')])
  })
})

const contentBytes = 300_000

async function place() {
  const root = await temporaryFolder()
  const content = join(root, 'content')
  await writeRandomTree(content, { seed: 5, files: 3, totalBytes: contentBytes })
  const state = join(root, 'state')
  const start = (name: string): DistroProcess => spawnDistro(['seed', content, '--name', name, ...loopback, '--state-dir', state])
  return { root, content, state, runs: join(state, 'runs'), start }
}

async function ps(state: string): Promise<DistroEvent[]> {
  const listing = spawnDistro(['ps', '--json', '--state-dir', state])
  expect(await listing.exited, listing.output).toEqual({ code: 0, signal: null })
  return listing.events('run')
}
