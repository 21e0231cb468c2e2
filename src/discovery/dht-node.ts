/**
 * One node of the DHT (BEP 5), shared by every transfer of the process. The library keeps the routing table, walks towards an info-hash,
 * and answers others; bootstrapping, persistence, announcing and the cheap look-ups at the nearest nodes are done here, over the same
 * guarded socket.
 */
import DHT from 'bittorrent-dht'
import type { PeerAddress } from '../base/address.ts'
import { toHex } from '../base/bytes.ts'
import type { Clock, Timer } from '../base/clock.ts'
import { DistroError } from '../base/errors.ts'
import { Events } from '../base/events.ts'
import { type NetworkScope, scopeOf } from '../base/network-scope.ts'
import { type Random, shuffle } from '../base/random.ts'
import { systemClock } from '../base/system-clock.ts'
import { systemRandom } from '../base/system-random.ts'
import { bindUdp } from './bind-udp.ts'
import { loadDhtNodes, saveDhtNodes } from './dht-state.ts'
import { type DatagramCounts, GuardedSocket } from './guarded-socket.ts'
import type { HostPort } from './host-port.ts'
import type { DhtContact } from './krpc-answer.ts'
import { NearestNodes } from './nearest-nodes.ts'
import { resolveHost } from './resolve-host.ts'

/** The routers of the public DHT. */
export const PUBLIC_DHT_ROUTERS: readonly HostPort[] = [
  { host: 'router.bittorrent.com', port: 6881 },
  { host: 'router.utorrent.com', port: 6881 },
  { host: 'dht.transmissionbt.com', port: 6881 },
  { host: 'dht.libtorrent.org', port: 25401 },
]

/** How a DHT node is set up. */
export interface DhtNodeOptions {
  /** The IPv4 address to bind; `0.0.0.0` for all. */
  readonly host: string
  /** UDP port; 0 for any. */
  readonly port: number
  /** True if another port will not do: `start` then fails when it is taken. */
  readonly isPortFixed: boolean
  /** Where to start; undefined means the public DHT, an empty list a network of which this is the first node. */
  readonly bootstrap: readonly HostPort[] | undefined
  /** Where the routing table is kept between runs; undefined: nowhere. */
  readonly stateFile?: string | undefined
  /** BEP 43: ask without answering, for a fetch too short to be of use to others. Default false. */
  readonly isReadOnly?: boolean
}

/** What `DhtNode` tells. */
export interface DhtNodeEvents {
  /** Peers of an info-hash, by a look-up or because they announced themselves to this node. */
  peers: { readonly infoHash: string; readonly addresses: readonly PeerAddress[] }
  /** The routing table was empty and is not any more. */
  connected: undefined
}

/** Figures of this moment. */
export interface DhtStats {
  readonly nodes: number
  readonly datagrams: DatagramCounts
}

const BOOTSTRAP_RETRY_MS = [2_000, 3_000, 5_000, 10_000, 20_000, 20_000, 60_000] as const
const SAVE_PERIOD_MS = 5 * 60_000
/** A node changes what it wants to see every 5 minutes and takes the last two (BEP 5). */
const TOKEN_LIFETIME_MS = 4 * 60_000
const SAVED_NODES_ASKED = 16
const NEAREST_ANNOUNCED = 16
const NEAREST_ASKED = 8
const MAX_STRANGERS_TESTED = 16
const MAX_TARGETS = 256

export class DhtNode {
  readonly #events = new Events<DhtNodeEvents>()
  readonly #clock: Clock
  readonly #random: Random
  readonly #nearest = new Map<string, NearestNodes>()
  readonly #strangers = new Set<string>()
  readonly #unfinished = new Set<() => void>()
  readonly #timers = new Set<Timer>()
  readonly #unknownNames = new Set<string>()
  #options: DhtNodeOptions | undefined
  #socket: GuardedSocket | undefined
  #dht: DHT | undefined
  #nodeId: Buffer = Buffer.alloc(0)
  #scope: NetworkScope = 'public'
  #saved: PeerAddress[] = []

  constructor(clock: Clock = systemClock, random: Random = systemRandom) {
    this.#clock = clock
    this.#random = random
  }

  /** Calls `listener` for each later event; returns the function that stops it. */
  on<Type extends keyof DhtNodeEvents>(type: Type, listener: (payload: DhtNodeEvents[Type]) => void): () => void {
    return this.#events.on(type, listener)
  }

  /**
   * Binds the socket and begins to look for other nodes; resolves once it listens.
   * Throws LISTEN_FAILED if the port is fixed and taken, or the address is not an IPv4 address of ours.
   */
  async start(options: DhtNodeOptions): Promise<void> {
    if (options.host.includes(':')) {
      throw new DistroError('LISTEN_FAILED', `The DHT speaks IPv4 only and cannot bind ${options.host}.`, {
        hint: 'Leave --bind out, or give it an IPv4 address; every verb but dht can do without it, with --no-dht.',
      })
    }
    const udp = await bindUdp(options, options.isPortFixed)
    this.#options = options
    this.#scope = options.bootstrap === undefined ? 'public' : options.bootstrap.length === 0 ? 'host' : 'private'
    this.#nodeId = Buffer.from(this.#random.bytes(20))
    const socket = this.#guard(udp, options)
    this.#socket = socket
    this.#dht = this.#startLibrary(socket)
    this.#timers.add(this.#clock.every(SAVE_PERIOD_MS, () => void this.#save()))
    void this.#join(options)
  }

  /** Keeps the routing table for the next run and lets go of the socket and all timers. */
  async stop(): Promise<void> {
    const dht = this.#dht
    if (dht === undefined) return
    await this.#save()
    this.#dht = undefined
    for (const timer of this.#timers) timer.cancel()
    await new Promise<void>((resolve) => dht.destroy(resolve))
    for (const finish of [...this.#unfinished]) finish()
  }

  /** Where this node listens. Throws INTERNAL before `start`. */
  get address(): PeerAddress {
    if (this.#socket === undefined) throw new DistroError('INTERNAL', 'The DHT node has no address before it is started.')
    const { address, port } = this.#socket.address()
    return { host: address, port }
  }

  /** Nodes in the routing table. */
  get nodeCount(): number {
    return this.#dht?.nodes.count() ?? 0
  }

  get stats(): DhtStats {
    return { nodes: this.nodeCount, datagrams: this.#socket?.counts ?? { received: 0, sent: 0, dropped: {} } }
  }

  /** Hosts to start from whose names were not found when they were last looked up. */
  get unknownNames(): readonly string[] {
    return [...this.#unknownNames]
  }

  /** How far the addresses of this network reach; decides which peers may be dialled. */
  get scope(): NetworkScope {
    return this.#scope
  }

  /** Tests a node that somebody told us of, such as a peer by its port message (BEP 5), and keeps it if it answers. */
  addNode(address: PeerAddress): void {
    const key = `${address.host}:${address.port}`
    if (this.#socket === undefined || this.#strangers.size >= MAX_STRANGERS_TESTED || this.#strangers.has(key)) return
    this.#strangers.add(key)
    void this.#socket.ask(address, 'ping').then((answer) => {
      this.#strangers.delete(key)
      if (answer !== undefined) this.#keep(answer.from)
    })
  }

  /** Walks to the nodes nearest to `infoHash` and asks them for peers; resolves with how many nodes answered. */
  lookUp(infoHash: Uint8Array): Promise<number> {
    const dht = this.#dht
    if (dht === undefined) return Promise.resolve(0)
    return new Promise((resolve) => {
      const finish = (answers = 0): void => {
        this.#unfinished.delete(finish)
        resolve(answers)
      }
      this.#unfinished.add(finish)
      dht.lookup(Buffer.from(infoHash), (_error, answers) => finish(answers))
    })
  }

  /** Asks the 8 nearest nodes of earlier look-ups once more; resolves with how many answered. */
  async ask(infoHash: Uint8Array): Promise<number> {
    const nearest = this.#nearest.get(toHex(infoHash))
    const socket = this.#socket
    if (nearest === undefined || socket === undefined) return 0
    let answers = 0
    await Promise.all(
      nearest.first(NEAREST_ASKED).map(async (node) => {
        const answer = await socket.ask(node, 'get_peers', { info_hash: infoHash })
        if (answer === undefined) return nearest.delete(node)
        answers++
        nearest.add({ ...answer.from, token: answer.token, answeredMs: this.#clock.nowMs() })
        this.#tell(infoHash, answer.peers)
      }),
    )
    return answers
  }

  /** Announces that we have a peer of `infoHash` on TCP `port`, after a look-up; resolves with how many nodes took note of it. */
  async announce(infoHash: Uint8Array, port: number): Promise<number> {
    await this.lookUp(infoHash)
    const socket = this.#socket
    const near = this.#nearest.get(toHex(infoHash))?.first(NEAREST_ANNOUNCED) ?? []
    const freshMs = this.#clock.nowMs() - TOKEN_LIFETIME_MS
    const answers = near.map(async (node) => {
      if (node.token === undefined || node.answeredMs < freshMs || socket === undefined) return 0
      const answer = await socket.ask(node, 'announce_peer', { info_hash: infoHash, port, implied_port: 0, token: node.token })
      return answer === undefined ? 0 : 1
    })
    return (await Promise.all(answers)).reduce<number>((sum, taken) => sum + taken, 0)
  }

  #guard(udp: ConstructorParameters<typeof GuardedSocket>[0]['socket'], options: DhtNodeOptions): GuardedSocket {
    return new GuardedSocket({
      clock: this.#clock,
      random: this.#random,
      socket: udp,
      nodeId: this.#nodeId,
      scope: () => this.#scope,
      portsPerAddress: options.bootstrap === undefined ? 8 : 100,
      isReadOnly: options.isReadOnly === true,
      isKnown: (id, { host, port }) => {
        const known = this.#dht?.nodes.get(id)
        return known?.host === host && known.port === port
      },
      onStranger: (address) => this.addNode(address),
      onAnswer: (infoHash, { from, token }) => this.#nearestOf(infoHash).add({ ...from, token, answeredMs: this.#clock.nowMs() }),
    })
  }

  #startLibrary(socket: GuardedSocket): DHT {
    const dht = new DHT({ nodeId: this.#nodeId, socket, bootstrap: false, maxAge: 30 * 60_000, maxPeers: 5_000, timeout: 2_000 })
    dht.on('peer', (peer, infoHash) => this.#tell(infoHash, [peer]))
    dht.on('announce', (peer, infoHash) => this.#tell(infoHash, [peer]))
    dht.on('warning', () => {})
    dht.on('error', () => {})
    dht.on('node', () => {
      if (dht.nodes.count() === 1) queueMicrotask(() => this.#events.emit('connected', undefined))
    })
    dht.listen()
    return dht
  }

  /** Looks for nodes now, and again while there are none. */
  async #join(options: DhtNodeOptions): Promise<void> {
    const saved = options.stateFile === undefined ? [] : await loadDhtNodes(options.stateFile, networkOf(options))
    this.#saved = shuffle([...saved], this.#random)
    for (let attempt = 0; this.#dht !== undefined; attempt++) {
      if (this.nodeCount < NEAREST_ASKED) await this.#bootstrap(options)
      await this.#pause(BOOTSTRAP_RETRY_MS[Math.min(attempt, BOOTSTRAP_RETRY_MS.length - 1)] as number)
    }
  }

  async #bootstrap(options: DhtNodeOptions): Promise<void> {
    const nodesBefore = this.nodeCount
    const saved = this.#saved.splice(0, SAVED_NODES_ASKED)
    const routers = (options.bootstrap ?? PUBLIC_DHT_ROUTERS).map(({ host, port }) => this.#askRouter(host, port))
    await Promise.all([...saved.map((address) => this.#askForNodes(address)), ...routers])
    if (this.nodeCount > nodesBefore) await this.lookUp(this.#nodeId)
  }

  async #askRouter(name: string, port: number): Promise<void> {
    const hosts = await resolveHost(name, 4)
    if (this.#options?.bootstrap !== undefined && scopeOf(hosts) === 'host') this.#scope = 'host'
    const host = hosts[0]
    if (host === undefined) {
      this.#unknownNames.add(name)
      return
    }
    this.#unknownNames.delete(name)
    await this.#askForNodes({ host, port })
  }

  async #askForNodes(address: PeerAddress): Promise<void> {
    const answer = await this.#socket?.ask(address, 'find_node', { target: this.#nodeId })
    if (answer === undefined) return
    this.#keep(answer.from)
    for (const node of answer.nodes) this.#keep(node)
  }

  #keep(node: DhtContact): void {
    const id = Buffer.from(node.id)
    if (!id.equals(this.#nodeId)) this.#dht?.addNode({ id, host: node.host, port: node.port })
  }

  #nearestOf(infoHash: Uint8Array): NearestNodes {
    const key = toHex(infoHash)
    const known = this.#nearest.get(key)
    if (known !== undefined) return known
    for (const oldest of this.#nearest.keys()) {
      if (this.#nearest.size < MAX_TARGETS) break
      this.#nearest.delete(oldest)
    }
    const nearest = new NearestNodes(infoHash, NEAREST_ANNOUNCED)
    this.#nearest.set(key, nearest)
    return nearest
  }

  #tell(infoHash: Uint8Array, addresses: readonly PeerAddress[]): void {
    if (addresses.length > 0) this.#events.emit('peers', { infoHash: toHex(infoHash), addresses })
  }

  async #save(): Promise<void> {
    const options = this.#options
    const nodes = this.#dht?.toJSON().nodes ?? []
    if (options?.stateFile === undefined || nodes.length === 0) return
    // The table is a convenience for the next run: a full or read-only disk is no reason to stop.
    await saveDhtNodes(options.stateFile, networkOf(options), nodes).catch(() => {})
  }

  #pause(delayMs: number): Promise<void> {
    // A node that was stopped meanwhile has nothing to wait for.
    if (this.#dht === undefined) return Promise.resolve()
    return new Promise((resolve) => {
      const finish = (): void => {
        timer.cancel()
        this.#unfinished.delete(finish)
        this.#timers.delete(timer)
        resolve()
      }
      const timer = this.#clock.after(delayMs, finish)
      this.#timers.add(timer)
      this.#unfinished.add(finish)
    })
  }
}

/** The name under which the nodes of a network are kept. */
function networkOf({ bootstrap }: DhtNodeOptions): string {
  if (bootstrap === undefined) return 'public'
  return bootstrap
    .map(({ host, port }) => `${host}:${port}`)
    .toSorted()
    .join(',')
}
