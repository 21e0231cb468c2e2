import { describe, expect, test } from 'vitest'
import type { DistroProcess, EventOptions } from '../support/distro-process.ts'
import { spawnDistro } from '../support/spawn-distro.ts'
import type { Address } from './clients/client.ts'
import { isInstalled } from './clients/installed.ts'
import { libtorrent } from './clients/libtorrent.ts'
import { makeContent, onLoopback } from './content.ts'

/** The flag of `peer_info.source` in libtorrent for a peer learnt by peer exchange. */
const FROM_PEX = 4

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
      id: content.magnet,
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
    const seed = await libtorrent.start({ folder: content.seedFolder, id: content.torrent, state: hub })
    await seed.finished()
    const middle = await libtorrent.start({ folder: hub, id: content.torrent, peers: [['127.0.0.1', seed.port]], state: hub })
    await middle.finished()
    const words = ['fetch', content.torrent, '--out', out, '--keep-seeding', '--peer', `127.0.0.1:${middle.port}`]
    const fetch = spawnDistro([...words, ...onLoopback(await content.folder('distro'))])

    const isTheSeed: EventOptions = { accepts: ({ address }) => address === `127.0.0.1:${seed.port}`, timeoutMs: 90_000 }
    expect(await fetch.event('peer', isTheSeed)).toMatchObject({ origin: 'pex' })
  })

  test('tells libtorrent of a peer of distro', async () => {
    const content = await makeContent()
    const [out, other] = [await content.folder('out'), await content.folder('other')]
    const hub = spawnDistro(['seed', content.tree, '--torrent', content.torrent, ...onLoopback(await content.folder('distro'))])
    const [address] = (await hub.event('ready')).listen as string[]
    const peers: Address[] = [['127.0.0.1', Number(address?.split(':')[1])]]
    const first = await libtorrent.start({ folder: other, id: content.torrent, peers, state: other })
    await first.finished()
    const second = await libtorrent.start({ folder: out, id: content.torrent, peers, state: out })

    await second.finished()
    await content.expectCopy(out)
    await second.event(
      'peers',
      ({ peers: seen = [] }) => seen.some(({ address, origins }) => address === `127.0.0.1:${first.port}` && (origins & FROM_PEX) !== 0),
      90_000,
    )
  })
})

async function startNode(state: string): Promise<{ readonly node: DistroProcess; readonly address: Address }> {
  const node = spawnDistro(['dht', '--json', '--bind', '127.0.0.1', '--port', '0', '--state-dir', state])
  const [host = '', port = ''] = String((await node.event('listening')).address).split(':')
  return { node, address: [host, Number(port)] }
}
