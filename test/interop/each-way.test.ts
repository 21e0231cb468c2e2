import { describe, expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { spawnDistro } from '../support/spawn-distro.ts'
import { clients } from './clients/all.ts'
import { isInstalled } from './clients/installed.ts'
import { makeContent, onLoopback } from './content.ts'

// The format that every client takes; tests of hybrids are in bittorrent-v2.test.ts and v2-transfers.test.ts.
describe.each(clients.filter(isInstalled))('$name', (client) => {
  test.each(['torrent', 'magnet'] as const)('seeds to distro, which knows the %s', async (kind) => {
    const content = await makeContent('v1')
    const out = await content.folder('out')
    const seed = await client.start({ folder: content.seedFolder, id: content.torrent, state: await content.folder('client') })
    await seed.finished()
    const words = ['fetch', content[kind], '--out', out, '--peer', `127.0.0.1:${seed.port}`, '--timeout', '90s']
    const fetch = spawnDistro([...words, ...onLoopback(await content.folder('distro'))])

    expect(await fetch.exited, fetch.output).toEqual({ code: 0, signal: null })
    await content.expectCopy(out)
    expect(fetch.events('peer').map(({ kind }) => kind)).not.toContain('banned')
  })

  test.each(['torrent', 'magnet'] as const)('fetches from distro, knowing the %s', async (kind) => {
    const content = await makeContent('v1')
    const out = await content.folder('out')
    const port = await freePort()
    const leech = await client.start({
      folder: out,
      id: content[kind],
      peers: [['127.0.0.1', port]],
      state: await content.folder('client'),
    })
    const words = ['seed', content.tree, '--torrent', content.torrent, '--peer', `127.0.0.1:${leech.port}`]
    const seed = spawnDistro([...words, ...onLoopback(await content.folder('distro'), port)])

    await leech.finished(90_000)
    await content.expectCopy(out)
    expect(seed.events('peer').map(({ kind }) => kind)).not.toContain('banned')
  })
})
