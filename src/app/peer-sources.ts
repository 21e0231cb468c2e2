import type { PeerSource } from '../discovery/peer-source.ts'
import { StaticPeers } from '../discovery/static-peers.ts'
import type { Network } from './network.ts'
import type { NetworkRequest } from './network-request.ts'
import type { SwarmIdentity } from './swarm-identity.ts'

/**
 * The ways of finding peers that apply to a torrent. A private one uses trackers and what the person typed, nothing else (BEP 27).
 * Each brings code of its own, so those that are not used are not loaded.
 */
export async function peerSources(
  request: NetworkRequest,
  identity: SwarmIdentity,
  network: Network,
  peerId: Uint8Array,
): Promise<PeerSource[]> {
  const { infoHash, isPrivate } = identity
  const sources: PeerSource[] = []
  if (request.peers.length > 0) sources.push(new StaticPeers({ peers: request.peers, origin: 'static' }))
  if (identity.magnetPeers.length > 0) sources.push(new StaticPeers({ peers: identity.magnetPeers, origin: 'magnet' }))
  if (network.dht !== undefined) {
    const { DhtPeerSource } = await import('../discovery/dht-peer-source.ts')
    sources.push(new DhtPeerSource({ node: network.dht, infoHash, listenPort: network.port }))
  }
  if (request.usesLocalDiscovery && !isPrivate) {
    const { LocalDiscovery } = await import('../discovery/lsd.ts')
    sources.push(new LocalDiscovery({ infoHash, listenPort: network.port, bindAddress: request.bindAddress }))
  }
  const trackers = [...request.trackers.map((url) => [url]), ...identity.trackers]
  if (trackers.length > 0) {
    const bytesLeft = identity.bytesLeft === undefined ? {} : { bytesLeft: identity.bytesLeft }
    const { TrackerPeerSource } = await import('../discovery/tracker.ts')
    sources.push(
      new TrackerPeerSource({ tiers: trackers, typed: request.trackers, infoHash, peerId, listenPort: network.port, ...bytesLeft }),
    )
  }
  return sources
}
