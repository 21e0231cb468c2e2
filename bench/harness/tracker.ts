import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Long enough that nobody asks twice during a run. */
const INTERVAL_SECONDS = 1800

/** The word that makes the benchmark's own bundle a tracker process. */
export const TRACKER_WORD = '--tracker-process'

/** A running tracker: the least that BEP 3 and BEP 23 ask of one, for one benchmark on a closed network. */
export interface Tracker {
  readonly announceUrl: string
  /** Resolves as soon as a peer with this port announces that it has everything. */
  seedOn(port: number): Promise<void>
  close(): void
}

/** Starts a tracker on an IPv4 address; port 0 takes a free one. `onSeed` hears of each announce with nothing left. */
export function startTracker(address: string, port: number, onSeed: (port: number) => void = () => {}): Promise<Tracker> {
  const swarms = new Map<string, Map<string, Buffer>>()
  const seeds = new Set<number>()
  const waiters = new Map<number, () => void>()
  const server = createServer((request, response) => {
    const query = readQuery(request.url ?? '')
    const peer = compactPeer(request.socket.remoteAddress ?? '', Number(query.get('port')))
    const swarm = swarms.get(query.get('info_hash') ?? '') ?? new Map<string, Buffer>()
    swarms.set(query.get('info_hash') ?? '', swarm)
    const key = peer.toString('hex')
    const others = [...swarm].filter(([other]) => other !== key).map(([, bytes]) => bytes)
    if (query.get('event') === 'stopped') swarm.delete(key)
    else swarm.set(key, peer)
    response.end(answer(others))
    if (query.get('left') !== '0' || query.get('event') === 'stopped') return
    const seedPort = Number(query.get('port'))
    seeds.add(seedPort)
    waiters.get(seedPort)?.()
    onSeed(seedPort)
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, address, () => resolve(trackerOn(server, address, seeds, waiters)))
  })
}

function trackerOn(server: Server, address: string, seeds: Set<number>, waiters: Map<number, () => void>): Tracker {
  const { port } = server.address() as AddressInfo
  return {
    announceUrl: `http://${address}:${port}/announce`,
    seedOn: (seedPort) => new Promise((resolve) => (seeds.has(seedPort) ? resolve() : waiters.set(seedPort, resolve))),
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** Splits the query by hand, because an info-hash is bytes and not UTF-8. */
function readQuery(url: string): Map<string, string> {
  const pairs = url.slice(url.indexOf('?') + 1).split('&')
  return new Map(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), bytesOf(pair.slice(pair.indexOf('=') + 1))]))
}

function bytesOf(escaped: string): string {
  return escaped.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

function compactPeer(address: string, port: number): Buffer {
  const octets = address.replace('::ffff:', '').split('.').map(Number)
  return Buffer.from([...octets, port >> 8, port & 255])
}

function answer(peers: readonly Buffer[]): Buffer {
  const head = `d8:intervali${INTERVAL_SECONDS}e12:min intervali${INTERVAL_SECONDS}e5:peers${6 * peers.length}:`
  return Buffer.concat([Buffer.from(head), ...peers, Buffer.from('e')])
}
