import type { PeerSource } from '../../discovery/peer-source.ts'
import { StaticPeers } from '../../discovery/static-peers.ts'
import type { Network } from './network.ts'
import type { NetworkRequest } from './network-request.ts'
import type { SwarmIdentity } from './swarm-identity.ts'

/** What the sources of one torrent work with. */
export interface SourcesParts {
  readonly request: NetworkRequest
  readonly identity: SwarmIdentity
  readonly network: Network
  readonly peerId: Uint8Array
}

/** The peers that the person or the magnet named. */
export function namedSources({ request, identity }: SourcesParts): PeerSource[] {
  const sources: PeerSource[] = []
  if (request.peers.length > 0) sources.push(new StaticPeers({ peers: request.peers, origin: 'static' }))
  if (identity.magnetPeers.length > 0) sources.push(new StaticPeers({ peers: identity.magnetPeers, origin: 'magnet' }))
  return sources
}

/**
 * The ways of finding those that know a torrent by one info-hash of 20 bytes. A private one uses trackers, nothing else (BEP 27).
 * Each brings code of its own, so those that are not used are not loaded.
 */
export async function sourcesUnder(infoHash: Uint8Array, { request, identity, network, peerId }: SourcesParts): Promise<PeerSource[]> {
  const sources: PeerSource[] = []
  if (network.dht !== undefined) {
    const { DhtPeerSource } = await import('../../discovery/dht-peer-source.ts')
    sources.push(new DhtPeerSource({ node: network.dht, infoHash, listenPort: network.port }))
  }
  if (request.usesLocalDiscovery && !identity.isPrivate) {
    const { LocalDiscovery } = await import('../../discovery/lsd.ts')
    sources.push(new LocalDiscovery({ infoHash, node: await network.localDiscovery() }))
  }
  const trackers = [...request.trackers.map((url) => [url]), ...identity.trackers]
  if (trackers.length > 0) {
    const bytesLeft = identity.bytesLeft === undefined ? {} : { bytesLeft: identity.bytesLeft }
    const { TrackerPeerSource } = await import('../../discovery/tracker.ts')
    sources.push(
      new TrackerPeerSource({ tiers: trackers, typed: request.trackers, infoHash, peerId, listenPort: network.port, ...bytesLeft }),
    )
  }
  return sources
}

/** A source for a torrent that has another one of the kind, under another info-hash: only that one tells of our traffic and warns the person. */
export function asSecond(source: PeerSource): PeerSource {
  return {
    origin: source.origin,
    // What came of it is as good as what came of the first.
    tried: [],
    start: (listener) =>
      source.start({
        onPeers: (addresses) => listener.onPeers(addresses),
        onAnnounced: () => listener.onAnnounced(),
        onWarning: () => undefined,
      }),
    update: (state) => source.update({ ...state, uploadedBytes: 0, downloadedBytes: 0 }),
    stop: () => source.stop(),
  }
}
