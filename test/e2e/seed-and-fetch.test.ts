import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { differingPaths } from '../support/differing-paths.ts'
import type { DistroEvent } from '../support/distro-process.ts'
import { writeRandomTree } from '../support/random-tree.ts'
import { spawnDistro } from '../support/spawn-distro.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const loopback = ['--json', '--bind', '127.0.0.1', '--port', '0', '--no-lsd']

describe('a directory that one process seeds', () => {
  test('is fetched by magnet, from the address in the magnet alone', async () => {
    const { content, out, state } = await folders()
    const seed = spawnDistro(['seed', content, ...loopback, '--no-dht', '--state-dir', state('seed')])
    const ready = await seed.event('ready')
    const fetch = spawnDistro(['fetch', String(ready.magnet), '--out', out, ...loopback, '--no-dht', '--state-dir', state('fetch')])

    expect(await fetch.exited, fetch.output).toEqual({ code: 0, signal: null })
    expect(await differingPaths(content, join(out, 'content'))).toEqual([])
    const [done] = fetch.events('done')
    expect(done).toMatchObject({ path: join(out, 'content'), bytes: contentBytes, downloaded: expect.any(Number) })
    expect(String(ready.magnet)).toMatch(/^magnet:\?xt=urn:btih:[0-9a-f]{40}&.*x\.pe=127\.0\.0\.1(:|%3A)\d+/)
  })

  test('is fetched by .torrent from a named peer', async () => {
    const { root, content, out, state } = await folders()
    const torrent = join(root, 'content.torrent')
    const seed = spawnDistro(['seed', content, '--torrent-out', torrent, ...loopback, '--no-dht', '--state-dir', state('seed')])
    const peer = firstAddress(await seed.event('ready'))
    const fetch = spawnDistro(['fetch', torrent, '--peer', peer, '--out', out, ...loopback, '--no-dht', '--state-dir', state('fetch')])

    expect(await fetch.exited, fetch.output).toEqual({ code: 0, signal: null })
    expect(await differingPaths(content, join(out, 'content'))).toEqual([])
  })

  test('is found through a DHT of our own by its info-hash alone', async () => {
    const { content, out, state } = await folders()
    const dht = spawnDistro(['dht', '--json', '--bind', '127.0.0.1', '--port', '0', '--state-dir', state('dht')])
    const bootstrap = ['--dht-bootstrap', String((await dht.event('listening')).address)]
    const seed = spawnDistro(['seed', content, ...loopback, ...bootstrap, '--state-dir', state('seed')])
    const ready = await seed.event('ready')
    expect(ready.announced).toBe(true)
    const fetch = spawnDistro(['fetch', String(ready.infoHash), '--out', out, ...loopback, ...bootstrap, '--state-dir', state('fetch')])

    expect(await fetch.exited, fetch.output).toEqual({ code: 0, signal: null })
    expect(await differingPaths(content, join(out, 'content'))).toEqual([])
  })

  test('is found by a fetch that started first, within seconds of its announce', async () => {
    const { content, out, state } = await folders()
    const dht = spawnDistro(['dht', '--json', '--bind', '127.0.0.1', '--port', '0', '--state-dir', state('dht')])
    const bootstrap = ['--dht-bootstrap', String((await dht.event('listening')).address)]
    const known = spawnDistro(['seed', content, ...loopback, '--no-dht', '--state-dir', state('known')])
    const { infoHash } = await known.event('ready')
    await known.stop()
    const fetch = spawnDistro(['fetch', String(infoHash), '--out', out, ...loopback, ...bootstrap, '--state-dir', state('fetch')])
    await fetch.event('ready')
    const seed = spawnDistro(['seed', content, ...loopback, ...bootstrap, '--state-dir', state('seed')])
    const announced = Date.parse((await seed.event('ready')).time)

    expect(await fetch.exited, fetch.output).toEqual({ code: 0, signal: null })
    const met = Date.parse((await fetch.event('metadata')).time)
    // It asks every 2.5 s; the announces alone, by which it would find out without asking, are twenty seconds apart by then.
    expect(met - announced).toBeLessThan(10_000)
  })

  test('ends by itself when as many copies exist as were asked for', async () => {
    const { content, out, state } = await folders()
    const seed = spawnDistro(['seed', content, '--until-copies', '1', ...loopback, '--no-dht', '--state-dir', state('seed')])
    const { magnet } = await seed.event('ready')
    const fetch = spawnDistro(['fetch', String(magnet), '--out', out, ...loopback, '--no-dht', '--state-dir', state('fetch')])

    expect(await fetch.exited, fetch.output).toMatchObject({ code: 0 })
    expect(await seed.exited, seed.output).toEqual({ code: 0, signal: null })
    expect(seed.events('copies').at(-1)).toMatchObject({ complete: 1, goal: 1 })
  })
})

describe('a fetch', () => {
  test('that finds nobody in its time ends with exit code 3 and one sentence with a hint', async () => {
    const { out, state } = await folders()
    const id = '0123456789abcdef0123456789abcdef01234567'
    const words = ['--out', out, '--timeout', '1s', '--bind', '127.0.0.1', '--port', '0', '--no-lsd', '--no-dht', '--peer', '127.0.0.1:9']
    const fetch = spawnDistro(['fetch', id, ...words, '--state-dir', state('fetch')])

    expect(await fetch.exited, fetch.output).toEqual({ code: 3, signal: null })
    expect(fetch.stdout).toEqual([])
    expect(fetch.stderr.join('\n')).toMatch(/^error: .+\.\n\s*hint: .+/m)
  })

  test('that is asked to stop leaves in order with exit code 143', async () => {
    const { out, state } = await folders()
    const id = '0123456789abcdef0123456789abcdef01234567'
    const fetch = spawnDistro(['fetch', id, '--out', out, ...loopback, '--no-dht', '--peer', '127.0.0.1:9', '--state-dir', state('fetch')])
    await fetch.event('ready')
    expect((await fetch.stop('SIGTERM')).code, fetch.output).toBe(143)
    // Whoever is not done after five seconds leaves without a word.
    expect(fetch.events('error')).toMatchObject([{ code: 'TERMINATED', exitCode: 143 }])
  })

  test('that is asked again and again until it is gone leaves at once, and by Ctrl-C with exit code 130', async () => {
    const { out, state } = await folders()
    const id = '0123456789abcdef0123456789abcdef01234567'
    const fetch = spawnDistro(['fetch', id, '--out', out, ...loopback, '--no-dht', '--peer', '127.0.0.1:9', '--state-dir', state('fetch')])
    await fetch.event('ready')
    const impatience = setInterval(() => fetch.signal('SIGINT'), 1)
    onTestFinished(() => clearInterval(impatience))
    expect(await fetch.exited, fetch.output).toEqual({ code: 130, signal: null })
  })
})

const contentBytes = 6_000_000

async function folders() {
  const root = await temporaryFolder()
  const content = join(root, 'content')
  await writeRandomTree(content, { seed: 11, files: 30, totalBytes: contentBytes })
  const out = join(root, 'out')
  await mkdir(out)
  return { root, content, out, state: (name: string): string => join(root, `state-${name}`) }
}

function firstAddress(ready: DistroEvent): string {
  return String((ready.listen as readonly unknown[])[0])
}
