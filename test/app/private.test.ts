import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { NetworkRequest } from '../../src/app/network/network-request.ts'
import { differingPaths } from '../support/differing-paths.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'
import { startLiar } from './support/evil-peers.ts'
import { loopback } from './support/loopback-request.ts'
import { startFetch, startSeed } from './support/running-verb.ts'
import { writeFiles } from './support/write-files.ts'

/** Everything that could find peers is on; the only DHT node to start from is not there. */
const open: Partial<NetworkRequest> = { usesDht: true, usesLocalDiscovery: true, dhtBootstrap: [{ host: '127.0.0.1', port: 9 }] }

async function seededPrivately(upBytesPerSecond = Number.POSITIVE_INFINITY) {
  const root = await temporaryFolder()
  const content = await writeFiles(join(root, 'tree'), { 'a.bin': 1_200_000 })
  const torrent = join(root, 'tree.torrent')
  const network = loopback({ ...open, stateDir: join(root, 'state'), upBytesPerSecond })
  const seeding = startSeed({ path: content, isPrivate: true, torrentOut: torrent, network })
  const { magnet, listen, announced } = await seeding.event('ready')
  expect(announced).toBe(false)
  return { root, content, torrent, seeding, magnet, listen, network: loopback({ ...open, stateDir: join(root, 'state') }) }
}

describe('a private torrent', () => {
  it('is seeded and fetched without one UDP socket', async () => {
    const before = udpSockets()
    const { root, content, torrent, listen, network } = await seededPrivately()
    const fetching = startFetch({ id: torrent, outDir: join(root, 'out'), network: { ...network, peers: listen }, keepSeeding: true })
    const { path } = await fetching.event('done')
    expect(udpSockets()).toBe(before)
    expect(await differingPaths(content, path)).toEqual([])
  })

  it('has peers that are not told of each other', async () => {
    const { root, torrent, listen, network } = await seededPrivately(1_200_000)
    const fetches = ['one', 'two'].map((name) =>
      startFetch({ id: torrent, outDir: join(root, name), network: { ...network, peers: listen } }),
    )
    for (const fetching of fetches) await fetching.result
    const peers = fetches.flatMap((fetching) => fetching.all('peer'))
    expect(new Set(peers.map(({ address }) => address.port))).toEqual(new Set([listen[0]?.port]))
  })

  it('that a magnet led to closes the DHT, local discovery and peer exchange as soon as it is known', async () => {
    const before = udpSockets()
    const { root, magnet, network, listen } = await seededPrivately()
    const staying = startFetch({ id: magnet, outDir: join(root, 'stay'), network: { ...network, peers: listen }, keepSeeding: true })
    await staying.event('done')
    // The system takes a turn or two to close a socket.
    await until('end of the UDP sockets', async () => udpSockets() === before || undefined)
  })

  it('that a magnet led to is not spread by peers that speak of each other all the same', async () => {
    const { root, content, torrent, seeding } = await seededPrivately()
    const { infoHash } = await seeding.event('ready')
    await seeding.stop()
    const gossip = await startLiar({
      torrentFile: torrent,
      root: content,
      host: '127.0.0.2',
      upBytesPerSecond: 1_200_000,
      usesPeerExchange: true,
    })
    const network = loopback({ peers: [gossip] })
    const fetches = ['one', 'two'].map((name) => startFetch({ id: infoHash, outDir: join(root, name), network }))
    for (const fetching of fetches) expect(await fetching.event('metadata')).toMatchObject({ isPrivate: true })
    for (const fetching of fetches) await fetching.result
    const met = fetches.flatMap((fetching) => fetching.all('peer')).map(({ address }) => address.port)
    expect(new Set(met)).toEqual(new Set([gossip.port]))
  })
})

function udpSockets(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind.startsWith('UDP')).length
}
