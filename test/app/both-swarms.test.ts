import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { VerbEvents } from '../../src/app/events.ts'
import { Participation } from '../../src/app/network/participation.ts'
import type { SwarmIdentity } from '../../src/app/network/swarm-identity.ts'
import { toHex } from '../../src/base/bytes.ts'
import { Events } from '../../src/base/events.ts'
import { decodeLsdMessage } from '../../src/discovery/lsd-message.ts'
import { LSD_PORT, openLsdSocket } from '../../src/discovery/lsd-socket.ts'
import { encodeBencode } from '../../src/torrent/bencode.ts'
import { shortInfoHash } from '../../src/torrent/info-hash.ts'
import { formatMagnet } from '../../src/torrent/magnet.ts'
import { decodeMetainfo } from '../../src/torrent/metainfo.ts'
import { encodeHandshake } from '../../src/wire/handshake.ts'
import { compactPeer, dictionary } from '../discovery/support/krpc-sample.ts'
import { connected, startDht } from '../discovery/support/start-dht.ts'
import { differingPaths } from '../support/differing-paths.ts'
import { SeededRandom } from '../support/seeded-random.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'
import { buildTorrent } from '../torrent/build-v2.ts'
import { loopback } from './support/loopback-request.ts'
import { startFetch, startSeed } from './support/running-verb.ts'

/** A folder, a hybrid .torrent of it, and its info-hashes. */
async function hybrid(changes = {}) {
  const folder = await temporaryFolder()
  const files = [
    { path: ['a', 'large'], content: new SeededRandom(1).bytes(100_000) },
    { path: ['b'], content: new SeededRandom(2).bytes(300) },
  ]
  const tree = join(folder, 'release')
  for (const { path, content } of files) {
    await mkdir(dirname(join(tree, ...path)), { recursive: true })
    await writeFile(join(tree, ...path), content)
  }
  const { bytes } = buildTorrent(files, 16_384, 'hybrid', changes)
  const torrent = join(folder, 'a.torrent')
  await writeFile(torrent, bytes)
  const { infoHash, infoBytes, v2 } = decodeMetainfo(bytes)
  const infoHashV2 = v2?.infoHash ?? new Uint8Array()
  return {
    folder,
    tree,
    torrent,
    infoBytes,
    infoHash,
    infoHashV2,
    short: shortInfoHash(infoHashV2),
    seedPlan: { path: tree, torrentFile: torrent },
  }
}

/** Somebody who knows the torrent by what `identity` says of it, and has nothing. */
async function participant(identity: Pick<SwarmIdentity, 'infoHash' | 'infoHashV2'>, network = loopback()): Promise<Participation> {
  const unsaid = { isPrivate: false, trackers: [], magnetPeers: [], bytesLeft: undefined, isBrief: false }
  const peer = await Participation.join(network, { ...identity, ...unsaid }, new Events<VerbEvents>())
  onTestFinished(() => peer.stop())
  return peer
}

const metadataOf = (peer: Participation): Promise<Uint8Array> => new Promise((resolve) => peer.swarm.events.on('metadata', resolve))

interface Announce {
  readonly infoHash: string
  readonly event: string | null
  readonly uploaded: string | null
}

/** A tracker that knows one peer, and writes down what it is told. */
async function startTracker(host = '127.0.0.1', port = 9): Promise<{ readonly url: string; readonly announces: Announce[] }> {
  const announces: Announce[] = []
  const server = createServer(({ url = '' }, response) => {
    // The info-hash is escaped byte by byte, and is no text.
    const raw = /[?&]info_hash=([^&]*)/.exec(url)?.[1] ?? ''
    const infoHash = Buffer.from(
      raw.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
      'latin1',
    )
    const query = new URL(url, 'http://tracker').searchParams
    announces.push({ infoHash: toHex(infoHash), event: query.get('event'), uploaded: query.get('uploaded') })
    response.end(encodeBencode(dictionary({ interval: 1_800, peers: compactPeer(host, port) })))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/announce`, announces }
}

describe('a hybrid torrent', () => {
  it('is given to a peer that knows it by either info-hash alone, and to one that knows both', async () => {
    const { infoHash, infoHashV2, short, infoBytes, seedPlan } = await hybrid()
    const { listen } = await startSeed(seedPlan).event('ready')
    const known: Pick<SwarmIdentity, 'infoHash' | 'infoHashV2'>[] = [
      { infoHash },
      { infoHash: short },
      { infoHash: short, infoHashV2 },
      { infoHash, infoHashV2 },
    ]
    for (const identity of known) {
      const peer = await participant(identity, loopback({ peers: listen }))
      expect(Buffer.from(await metadataOf(peer))).toEqual(Buffer.from(infoBytes))
    }
  })

  it.each(['v1', 'v2'] as const)('is sought at peers that know its info-hash of %s alone', async (half) => {
    const { infoHash, infoHashV2, short, seedPlan } = await hybrid()
    const seeker = await participant(half === 'v1' ? { infoHash } : { infoHash: short, infoHashV2 })
    const seeding = startSeed({ ...seedPlan, network: loopback({ peers: seeker.addresses }) })
    // The seed did the dialling: nobody told the other of it.
    expect((await seeding.event('peer')).address).toEqual(seeker.addresses[0])
    await metadataOf(seeker)
  })

  it('is not sought once more where a peer hangs up under both', async () => {
    const { seedPlan } = await hybrid()
    const stranger = await participant({ infoHash: new Uint8Array(20).fill(7) })
    const network = loopback({ peers: stranger.addresses })
    const seeding = startSeed({ ...seedPlan, network })
    const { message } = await seeding.event('warning')
    expect(message).toContain('cannot be reached')
    expect(seeding.all('peer')).toEqual([])
  })

  it('has one connection with a peer that comes under both info-hashes', async () => {
    const { infoHash, short, seedPlan } = await hybrid()
    const seeding = startSeed(seedPlan)
    const { listen } = await seeding.event('ready')
    const peerId = new SeededRandom(3).bytes(20)
    const come = async (hash: Uint8Array): Promise<Socket> => {
      const socket = connect({ host: '127.0.0.1', port: listen[0]?.port ?? 0 })
      onTestFinished(() => void socket.destroy())
      socket.write(encodeHandshake({ infoHash: hash, peerId, supportsDht: false }))
      await once(socket, 'data')
      return socket
    }
    const first = await come(infoHash)
    const second = await come(short)
    if (!second.closed) await once(second.resume(), 'close')
    expect(first.closed).toBe(false)
    expect(seeding.all('peer').map(({ kind }) => kind)).toEqual(['connected'])
  })

  it('is fetched by a magnet of both, and by the .torrent', async () => {
    const { infoHash, infoHashV2, folder, torrent, seedPlan } = await hybrid()
    const { listen } = await startSeed(seedPlan).event('ready')
    for (const [way, id] of Object.entries({ magnet: formatMagnet({ infoHash, infoHashV2 }), torrent })) {
      const { path } = await startFetch({ id, outDir: join(folder, way), network: loopback({ peers: listen }) }).result
      expect(await differingPaths(seedPlan.path, path)).toEqual([])
    }
  })

  it('is announced to trackers under both info-hashes, and only one of them hears of the traffic', async () => {
    const { infoHash, short, folder, torrent, seedPlan } = await hybrid()
    const tracker = await startTracker()
    const seeding = startSeed({ ...seedPlan, network: loopback({ trackers: [tracker.url] }) })
    const { listen } = await seeding.event('ready')
    await startFetch({ id: torrent, outDir: join(folder, 'out'), network: loopback({ peers: listen }) }).result
    await seeding.stop()
    const told = (hash: Uint8Array): (string | null)[][] =>
      tracker.announces.filter((each) => each.infoHash === toHex(hash)).map(({ event, uploaded }) => [event, uploaded])
    expect(told(infoHash)).toEqual([
      ['started', '0'],
      ['stopped', expect.stringMatching(/^[1-9]\d{5}$/)],
    ])
    expect(told(short)).toEqual([
      ['started', '0'],
      ['stopped', '0'],
    ])
  })

  it('is announced to the DHT under both info-hashes', async () => {
    const first = await startDht()
    const { infoHash, short, seedPlan } = await hybrid()
    const dhtUse = { usesDht: true, dhtBootstrap: [first.address] }
    const { listen } = await startSeed({ ...seedPlan, network: loopback(dhtUse) }).event('ready')
    const asker = await startDht({ bootstrap: [first.address] })
    await connected(asker)
    const found = new Set<string>()
    asker.on('peers', (peers) => {
      if (peers.addresses.some(({ port }) => port === listen[0]?.port)) found.add(peers.infoHash)
    })
    const hashes = [infoHash, short]
    await until('both info-hashes in the DHT', async () => {
      for (const each of hashes) await asker.lookUp(each)
      return hashes.every((each) => found.has(toHex(each))) || undefined
    })
  })

  it('is announced to the local network under both info-hashes at once', async (context) => {
    const heard: string[][] = []
    const socket = await openLsdSocket({ name: 'lo', family: 'IPv4', address: '127.0.0.1' }, LSD_PORT, (bytes) => {
      const message = decodeLsdMessage(bytes)
      if (message.ok) heard.push([...message.value.infoHashes])
    })
    onTestFinished(() => socket?.close())
    if (socket === undefined || !(await socket.send(Buffer.from('?')))) return context.skip()
    const { infoHash, short, seedPlan } = await hybrid()
    startSeed({ ...seedPlan, network: loopback({ usesLocalDiscovery: true }) })
    await until('an announcement of both', async () =>
      heard.find((hashes) => hashes.includes(toHex(infoHash)) && hashes.includes(toHex(short))),
    )
  })
})

describe('a hybrid torrent that is known by its v1 info-hash alone', () => {
  it('is joined under the other as soon as its metadata is known', async () => {
    const { infoHash, infoHashV2, short, folder, seedPlan } = await hybrid()
    const { listen } = await startSeed(seedPlan).event('ready')
    const tracker = await startTracker()
    const network = loopback({ peers: listen, trackers: [tracker.url] })
    const fetching = startFetch({ id: toHex(infoHash), outDir: join(folder, 'out'), network, keepSeeding: true })
    const { listen: listenToo } = await fetching.event('ready')
    await fetching.event('done')
    const asking = await participant({ infoHash: short, infoHashV2 }, loopback({ peers: listenToo }))
    await metadataOf(asking)
    await until(
      'an announce under the other info-hash',
      async () => tracker.announces.some((each) => each.infoHash === toHex(short)) || undefined,
    )
  })

  it('and is private is joined under the other at its trackers, and nowhere else', async () => {
    const before = udpSockets()
    const { infoHash, short, folder, seedPlan } = await hybrid({ private: 1 })
    const { listen } = await startSeed(seedPlan).event('ready')
    const tracker = await startTracker()
    const open = { usesDht: true, usesLocalDiscovery: true, dhtBootstrap: [{ host: '127.0.0.1', port: 9 }] }
    const network = loopback({ ...open, peers: listen, trackers: [tracker.url] })
    const fetching = startFetch({ id: toHex(infoHash), outDir: join(folder, 'out'), network, keepSeeding: true })
    await fetching.event('done')
    await until(
      'an announce under the other info-hash',
      async () => tracker.announces.some((each) => each.infoHash === toHex(short)) || undefined,
    )
    await until('end of the UDP sockets', async () => udpSockets() <= before || undefined)
  })
})

function udpSockets(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind.startsWith('UDP')).length
}
