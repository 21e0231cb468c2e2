import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { merkleTreesOf } from '../../../src/app/torrents/merkle-trees-of.ts'
import type { PeerAddress } from '../../../src/base/address.ts'
import { equalBytes } from '../../../src/base/bytes.ts'
import { RateLimit } from '../../../src/base/rate-limit.ts'
import { systemClock } from '../../../src/base/system-clock.ts'
import { systemRandom } from '../../../src/base/system-random.ts'
import { contentStamps } from '../../../src/store/content-stamps.ts'
import { SeedStore } from '../../../src/store/seed-store.ts'
import type { PieceStore } from '../../../src/swarm/piece-store.ts'
import { Swarm } from '../../../src/swarm/swarm.ts'
import type { Metainfo } from '../../../src/torrent/info.ts'
import { decodeMetainfo } from '../../../src/torrent/metainfo.ts'
import { PieceGeometry } from '../../../src/torrent/piece-geometry.ts'
import { encodeHandshake } from '../../../src/wire/handshake.ts'
import { TcpTransport } from '../../../src/wire/tcp-transport.ts'

/** What a liar has, and how it lies. */
export interface LiarPlan {
  readonly torrentFile: string
  /** The right content. */
  readonly root: string
  /** An address of loopback. */
  readonly host: string
  /** Changes the bytes of a block before they are sent. */
  readonly falsify?: (piece: number, begin: number, body: Uint8Array) => void
  /** Sent in place of the info dictionary. */
  readonly infoBytes?: Uint8Array
  readonly upBytesPerSecond?: number
  /** Tells its peers of each other, also where it must not. */
  readonly usesPeerExchange?: boolean
}

/** A seed on real sockets, made of our own swarm and transport, that tells lies; it leaves when the test is over. */
export async function startLiar(plan: LiarPlan): Promise<PeerAddress> {
  const torrent = await readTorrent(plan.torrentFile)
  const { infoHash, infoBytes, info } = torrent
  const infoHashV2 = torrent.v2?.infoHash
  const transport = new TcpTransport({ clock: systemClock, localAddress: plan.host })
  const own = { infoHash, infoHashV2, peerId: randomBytes(20), supportsDht: false }
  const { port } = await transport.listen({
    host: plan.host,
    port: 0,
    accepts: (wanted) => (equalBytes(wanted, infoHash) ? own : undefined),
    onLink: (link) => swarm.accept(link),
  })
  const swarm = new Swarm({
    clock: systemClock,
    random: systemRandom,
    dialer: transport,
    infoHash,
    infoHashV2,
    peerId: own.peerId,
    listenPort: port,
    dhtPort: 0,
    usesPeerExchange: plan.usesPeerExchange ?? false,
    maxPeers: 50,
    upLimit: new RateLimit(systemClock, plan.upBytesPerSecond ?? Number.POSITIVE_INFINITY),
    downLimit: new RateLimit(systemClock, Number.POSITIVE_INFINITY),
    mayDial: () => false,
    clientName: 'liar',
  })
  const stamps = await contentStamps(info, plan.root)
  const honest = new SeedStore({ info, root: plan.root, stamps, clock: systemClock })
  const { verified } = honest
  swarm.setTorrent({
    infoBytes: plan.infoBytes ?? infoBytes,
    layout: new PieceGeometry(info),
    store: lying(honest, plan.falsify),
    wanted: verified,
    servable: verified,
    trees: merkleTreesOf(torrent),
  })
  swarm.start()
  onTestFinished(async () => {
    swarm.stop()
    await transport.close()
    await honest.close()
  })
  return { host: plan.host, port }
}

function lying(honest: SeedStore, falsify: LiarPlan['falsify']): PieceStore {
  return {
    verified: honest.verified,
    blockMemory: honest.blockMemory,
    acquireSlot: () => -1,
    slotOffset: () => 0,
    releaseSlot: () => undefined,
    commit: () => undefined,
    read: (piece, begin, bodies, done) =>
      honest.read(piece, begin, bodies, (error) => {
        let offset = begin
        for (const body of bodies) {
          falsify?.(piece, offset, body)
          offset += body.length
        }
        done(error)
      }),
  }
}

/** Listens on `host` and hands every connection to `talk` once the other side has said who it is. */
export async function startRawPeer(host: string, talk: (socket: Socket) => void): Promise<PeerAddress> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    talk(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  return { host, port: typeof address === 'object' ? (address?.port ?? 0) : 0 }
}

/** Our 68 bytes for a torrent, under a peer id that nobody has. */
export function handshakeFor(infoHash: Uint8Array): Uint8Array {
  return encodeHandshake({ infoHash, peerId: randomBytes(20), supportsDht: false })
}

/** A message of BEP 3: its length, its id and its payload. */
export function message(id: number, payload: Uint8Array | string = ''): Uint8Array {
  const body = typeof payload === 'string' ? Buffer.from(payload, 'latin1') : payload
  const framed = Buffer.alloc(5 + body.length)
  framed.writeUInt32BE(1 + body.length)
  framed[4] = id
  framed.set(body, 5)
  return framed
}

/** The torrent in a file. */
export async function readTorrent(torrentFile: string): Promise<Metainfo> {
  return decodeMetainfo(await readFile(torrentFile))
}
