import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import type { PeerAddress } from '../../base/address.ts'
import type { Events } from '../../base/events.ts'
import { systemClock } from '../../base/system-clock.ts'
import { DhtNode } from '../../discovery/dht-node.ts'
import type { VerbEvents } from '../events.ts'
import { aborted } from '../waiting.ts'
import type { DhtRequest } from './dht-request.ts'

/** The port on which others expect a DHT node. */
const USUAL_PORT = 6881
/** A node that is alone for this long says so. */
const LONELY_MS = 10_000

/** Runs a DHT node until it is stopped; see `DhtVerb`. */
export async function dht(
  request: DhtRequest,
  onListening: (address: PeerAddress) => void,
  events: Events<VerbEvents>,
  signal: AbortSignal,
): Promise<void> {
  const node = new DhtNode()
  await node.start({
    host: request.bindAddress ?? '0.0.0.0',
    port: request.port ?? USUAL_PORT,
    isPortFixed: request.port !== undefined && request.port !== 0,
    bootstrap: request.bootstrap,
    stateFile: join(request.stateDir, 'dht-node.json'),
  })
  const lonely = systemClock.after(LONELY_MS, () => {
    if (request.bootstrap.length === 0 || node.nodeCount > 0) return
    events.emit('warning', { message: 'None of the nodes given with --dht-bootstrap has answered yet; they are asked again.' })
  })
  try {
    onListening(reachable(node.address))
    await aborted(signal)
  } finally {
    lonely.cancel()
    await node.stop()
  }
}

/** An address that others can use: listening on all addresses, the first one of this machine that is not loopback. */
function reachable(address: PeerAddress): PeerAddress {
  if (address.host !== '0.0.0.0') return address
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  const host = own.find(({ family, internal }) => family === 'IPv4' && !internal)?.address
  return { host: host ?? '127.0.0.1', port: address.port }
}
