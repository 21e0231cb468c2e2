import { describe, expect, test } from 'vitest'
import type { DistroProcess, EventOptions } from '../support/distro-process.ts'
import { spawnDistro } from '../support/spawn-distro.ts'
import type { Address } from './clients/client.ts'
import { isInstalled } from './clients/installed.ts'
import { libtorrent } from './clients/libtorrent.ts'
import { makeContent, onLoopback } from './content.ts'

describe.runIf(isInstalled(libtorrent))('a DHT that distro bootstraps', () => {
  test('lets distro find a libtorrent seed', async () => {
    const content = await makeContent()
    const out = await content.folder('out')
    const { node, address } = await startNode(await content.folder('dht'))
    const job = { folder: content.seedFolder, id: content.torrent, dhtBootstrap: [address], state: await content.folder('client') }
    await (await libtorrent.start(job)).finished()
    const words = ['fetch', content.infoHash, '--out', out, '--timeout', '90s']
    const fetch = spawnDistro([...words, ...onLoopback(await content.folder('distro'), 0, address.join(':'))])

    expect(await fetch.exited, `${fetch.output}\n${node.output}`).toEqual({ code: 0, signal: null })
    await content.expectCopy(out)
    expect(fetch.events('peer')[0]).toMatchObject({ origin: 'dht' })
  })

  test('lets libtorrent find a distro seed', async () => {
    const content = await makeContent()
    const out = await content.folder('out')
    const { address } = await startNode(await content.folder('dht'))
    const words = ['seed', content.tree, '--torrent', content.torrent]
    const seed = spawnDistro([...words, ...onLoopback(await content.folder('distro'), 0, address.join(':'))])
    await seed.event('ready')
    const leech = await libtorrent.start({
      folder: out,
      // Not the magnet: hashes of v2 that come while a piece is written may stop libtorrent (docs/formats.md).
      id: content.torrent,
      dhtBootstrap: [address],
      state: await content.folder('client'),
    })

    await leech.finished(90_000)
    await content.expectCopy(out)
  })
})

describe.runIf(isInstalled(libtorrent))('peer exchange', () => {
  test('tells distro of a peer of libtorrent', async () => {
    const content = await makeContent()
    const [out, hub] = [await content.folder('out'), await content.folder('hub')]
    // It hears of nobody, so that it is distro that has to dial.
    const seed = await libtorrent.start({ folder: content.seedFolder, id: content.torrent, pex: false, state: hub })
    await seed.finished()
    const middle = await libtorrent.start({ folder: hub, id: content.torrent, peers: [['127.0.0.1', seed.port]], state: hub })
    await middle.finished()
    const words = ['fetch', content.torrent, '--out', out, '--down-limit', '1M', '--peer', `127.0.0.1:${middle.port}`]
    const fetch = spawnDistro([...words, ...onLoopback(await content.folder('distro'))])

    const isTheSeed: EventOptions = { accepts: ({ address }) => address === `127.0.0.1:${seed.port}`, timeoutMs: 90_000 }
    expect(await fetch.event('peer', isTheSeed)).toMatchObject({ origin: 'pex' })
  })

  test('tells libtorrent of a peer of distro', async () => {
    const content = await makeContent()
    const [out, other] = [await content.folder('out'), await content.folder('other')]
    // Slow enough that nobody is whole before all know each other: seeds do not stay connected.
    const words = ['seed', content.tree, '--torrent', content.torrent, '--up-limit', '200k']
    const hub = spawnDistro([...words, ...onLoopback(await content.folder('distro'))])
    const [address] = (await hub.event('ready')).listen as string[]
    const peers: Address[] = [['127.0.0.1', Number(address?.split(':')[1])]]
    await libtorrent.start({ folder: other, id: content.torrent, peers, state: other })
    const second = await libtorrent.start({ folder: out, id: content.torrent, peers, state: out })

    // Both were told of distro only: whichever of them dialled the other heard of it there.
    await second.event('peers', ({ peers: seen = [] }) => seen.some(({ client }) => client.startsWith('libtorrent')), 90_000)
  })
})

async function startNode(state: string): Promise<{ readonly node: DistroProcess; readonly address: Address }> {
  const node = spawnDistro(['dht', '--json', '--bind', '127.0.0.1', '--port', '0', '--state-dir', state])
  const [host = '', port = ''] = String((await node.event('listening')).address).split(':')
  return { node, address: [host, Number(port)] }
}
