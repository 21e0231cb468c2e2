import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import type { PeerAddress } from '../../base/address.ts'
import { DistroError } from '../../base/errors.ts'
import { systemClock } from '../../base/system-clock.ts'
import type { DhtNode } from '../../discovery/dht-node.ts'
import type { LsdNode } from '../../discovery/lsd-node.ts'
import { type ListenRequest, TcpTransport } from '../../wire/tcp-transport.ts'
import type { NetworkRequest } from './network-request.ts'

/** The port that BitTorrent clients try first. */
export const USUAL_PORT = 6881

/** Whether there is a DHT node, and whether it leaves again soon. */
interface DhtUse {
  readonly usesDht: boolean
  readonly isBrief: boolean
}

type Reception = Pick<ListenRequest, 'accepts' | 'onLink'>

/** The sockets of one verb: a TCP port for peers, and the DHT's UDP port of the same number where it can be had. */
export class Network implements AsyncDisposable {
  readonly transport: TcpTransport
  /** The TCP port on which peers reach us. */
  readonly port: number
  readonly #bindAddress: string | undefined
  #dht: DhtNode | undefined
  #lsd: LsdNode | undefined

  private constructor(transport: TcpTransport, port: number, dht: DhtNode | undefined, bindAddress: string | undefined) {
    this.transport = transport
    this.port = port
    this.#dht = dht
    this.#bindAddress = bindAddress
  }

  /** Throws LISTEN_FAILED if we could not listen as `request` says, so that long work before `open` is not done in vain. */
  static async check(request: NetworkRequest): Promise<void> {
    await using transport = new TcpTransport({ clock: systemClock })
    await listen(transport, request, { accepts: () => undefined, onLink: (link) => link.close('not ready yet') })
  }

  /** Listens for the peers that `reception` lets in and starts the DHT if it is wanted. Throws LISTEN_FAILED. */
  static async open(request: NetworkRequest, dhtUse: DhtUse, reception: Reception): Promise<Network> {
    const transport = new TcpTransport({ clock: systemClock, localAddress: request.bindAddress })
    try {
      const port = await listen(transport, request, reception)
      const dht = dhtUse.usesDht ? await startDht(request, port, dhtUse.isBrief) : undefined
      return new Network(transport, port, dht, request.bindAddress)
    } catch (error) {
      await transport.close()
      throw error
    }
  }

  /** Our DHT node; undefined when there is none, or none any more. */
  get dht(): DhtNode | undefined {
    return this.#dht
  }

  /** Our node of local discovery, for all info-hashes. It opens sockets once somebody takes part, and closes them with the last. */
  async localDiscovery(): Promise<LsdNode> {
    const { LsdNode } = await import('../../discovery/lsd-node.ts')
    this.#lsd ??= new LsdNode({ host: this.#bindAddress ?? '::', listenPort: this.port })
    return this.#lsd
  }

  /** Leaves the DHT for good. */
  async leaveDht(): Promise<void> {
    const node = this.#dht
    this.#dht = undefined
    await node?.stop()
  }

  /** Addresses at which other machines may reach us: the bound one, or all of this machine; loopback only where there is no other. */
  addresses(): PeerAddress[] {
    const bound = this.#bindAddress
    if (bound !== undefined && bound !== '0.0.0.0' && bound !== '::') return [{ host: bound, port: this.port }]
    const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
    const usable = own.filter(({ address, internal }) => !internal && !address.toLowerCase().startsWith('fe80:'))
    const hosts = usable.filter(({ family }) => bound !== '0.0.0.0' || family === 'IPv4').map(({ address }) => address)
    return (hosts.length > 0 ? hosts : ['127.0.0.1']).map((host) => ({ host, port: this.port }))
  }

  async close(): Promise<void> {
    await Promise.all([this.transport.close(), this.leaveDht()])
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

async function listen(transport: TcpTransport, { port, bindAddress, maxPeers }: NetworkRequest, reception: Reception): Promise<number> {
  // Hosts behind one address (NAT) are ordinary in a fleet; still no address may take more than an eighth of all places.
  const maxPerAddress = Math.max(3, Math.ceil(maxPeers / 8))
  const tryPort = async (tried: number): Promise<number> =>
    (await transport.listen({ host: bindAddress, port: tried, maxPerAddress, ...reception })).port
  if (port !== undefined) return tryPort(port)
  try {
    return await tryPort(USUAL_PORT)
  } catch (error) {
    if (!(error instanceof DistroError) || error.code !== 'LISTEN_FAILED') throw error
    // If any free port will not do either, the port was not the trouble.
    return tryPort(0).catch(() => {
      throw error
    })
  }
}

async function startDht(request: NetworkRequest, port: number, isBrief: boolean): Promise<DhtNode> {
  // The DHT brings packages of its own: a verb that does not use it starts without loading them.
  const { DhtNode } = await import('../../discovery/dht-node.ts')
  const node = new DhtNode()
  await node.start({
    host: request.bindAddress ?? '0.0.0.0',
    port,
    isPortFixed: false,
    bootstrap: request.dhtBootstrap,
    stateFile: join(request.stateDir, 'dht-nodes.json'),
    // A node that is gone in a minute is of no use in the routing tables of the public DHT (BEP 43); a closed network needs every node.
    isReadOnly: isBrief && request.dhtBootstrap === undefined,
  })
  return node
}
