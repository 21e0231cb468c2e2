import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NetworkRequest } from '../app/network/network-request.ts'
import type { Values } from './option.ts'
import type { listenOptions, networkOptions } from './options.ts'
import type { World } from './world.ts'

const USUAL_MAX_PEERS = 200

/** What the network flags ask for. */
export function networkRequest(
  values: Values<typeof networkOptions> & { readonly zone?: string | undefined },
  world: World,
): NetworkRequest {
  return {
    port: values.port,
    bindAddress: values.bind,
    peers: values.peer,
    usesDht: values.dht,
    dhtBootstrap: values.dhtBootstrap.length === 0 ? undefined : values.dhtBootstrap,
    usesLocalDiscovery: values.lsd,
    usesPeerExchange: values.pex,
    trackers: values.tracker,
    upBytesPerSecond: values.upLimit,
    downBytesPerSecond: values.downLimit,
    maxPeers: values.maxPeers ?? USUAL_MAX_PEERS,
    zone: values.zone,
    timeoutMs: values.timeout,
    stallTimeoutMs: values.stallTimeout,
    stateDir: stateFolder(values, world),
  }
}

/** The state folder: --state-dir, `$XDG_STATE_HOME/distro`, `~/.local/state/distro`, or a temporary one for an account without a home. */
export function stateFolder(values: Pick<Values<typeof listenOptions>, 'stateDir'>, world: World): string {
  if (values.stateDir !== undefined) return values.stateDir
  const { XDG_STATE_HOME: stateHome } = world.env
  if (stateHome !== undefined && stateHome !== '') return join(stateHome, 'distro')
  return world.home === undefined || world.home === '/' ? join(tmpdir(), 'distro-state') : join(world.home, '.local', 'state', 'distro')
}
