import type { Bitfield } from '../base/bitfield.ts'
import type { Connections } from './connections.ts'
import type { MetadataExchange } from './metadata-exchange.ts'
import type { Peer } from './peer.ts'
import type { PeerEvent, PeerStatus, SwarmStatus } from './swarm-types.ts'
import type { TorrentSession } from './torrent-session.ts'

/** What the figures are taken from. */
export interface StatusParts {
  readonly peers: ReadonlyMap<number, Peer>
  readonly torrent: TorrentSession | undefined
  readonly wanted: Bitfield
  readonly connections: Connections
  readonly metadata: MetadataExchange
  /** Block bytes of peers that left. */
  readonly departedDownBytes: number
  readonly departedUpBytes: number
}

/** The figures of this moment. */
export function statusOf({ peers, torrent, wanted, connections, metadata, ...departed }: StatusParts): SwarmStatus {
  const traffic = trafficOf(peers.values())
  const { webSeeds, downloader } = torrent ?? {}
  return {
    ...traffic,
    ...contentOf(torrent, wanted),
    downBytesPerSecond: traffic.downBytesPerSecond + (webSeeds?.bytesPerSecond ?? 0),
    downloadedBytes: departed.departedDownBytes + traffic.downloadedBytes + (webSeeds?.downloadedBytes ?? 0),
    webSeedBytes: downloader?.webSeedBytes ?? 0,
    earlierBytes: downloader?.earlierBytes ?? 0,
    webSeeds: webSeeds?.usable ?? 0,
    uploadedBytes: departed.departedUpBytes + traffic.uploadedBytes,
    wastedBytes: downloader?.wastedBytes ?? 0,
    corruptPieces: downloader?.corruptPieces ?? 0,
    peers: peers.size - connections.visiting,
    knownAddresses: connections.waiting,
    bannedPeers: connections.banned,
    metadataRefusals: metadata.refusals,
    zones: connections.traffic,
  }
}

/** What the peers move at this moment, and moved since they connected. */
function trafficOf(
  peers: Iterable<Peer>,
): Pick<SwarmStatus, 'downBytesPerSecond' | 'upBytesPerSecond' | 'downloadedBytes' | 'uploadedBytes' | 'seeds'> {
  const sum = { downBytesPerSecond: 0, upBytesPerSecond: 0, downloadedBytes: 0, uploadedBytes: 0, seeds: 0 }
  for (const peer of peers) {
    sum.downBytesPerSecond += peer.downMeter.bytesPerSecond()
    sum.upBytesPerSecond += peer.upMeter.bytesPerSecond()
    sum.downloadedBytes += peer.downMeter.totalBytes
    sum.uploadedBytes += peer.upMeter.totalBytes
    if (peer.isSeed) sum.seeds++
  }
  return sum
}

/** How much of what is wanted is here; nothing before the info dictionary is known. */
function contentOf(torrent: TorrentSession | undefined, wanted: Bitfield): Pick<SwarmStatus, 'bytesDone' | 'bytesTotal'> {
  let bytesDone = 0
  let bytesTotal = 0
  for (let piece = 0; torrent !== undefined && piece < wanted.length; piece++) {
    if (!wanted.has(piece)) continue
    const bytes = torrent.layout.pieceBytes(piece)
    bytesTotal += bytes
    if (torrent.have.has(piece)) bytesDone += bytes
  }
  return { bytesDone, bytesTotal }
}

/** One peer's line in a table. */
export function peerStatusOf(peer: Peer): PeerStatus {
  return {
    address: peer.link.address,
    peerId: peer.id,
    client: peer.extension?.client,
    hostName: peer.extension?.hostName,
    zone: peer.zoneName,
    progress: peer.pieces === undefined || peer.pieces.length === 0 ? 0 : peer.pieces.count / peer.pieces.length,
    downloadedBytes: peer.downMeter.totalBytes,
    uploadedBytes: peer.upMeter.totalBytes,
    downBytesPerSecond: peer.downMeter.bytesPerSecond(),
    upBytesPerSecond: peer.upMeter.bytesPerSecond(),
  }
}

/** What happened to a peer, with its figures of this moment. */
export function peerEventOf(peer: Peer, kind: PeerEvent['kind'], reason?: string): PeerEvent {
  const { link, origin, id, extension, downMeter, upMeter } = peer
  const traffic = { downloadedBytes: downMeter.totalBytes, uploadedBytes: upMeter.totalBytes }
  return { kind, address: link.address, origin, peerId: id, client: extension?.client, reason, ...traffic }
}
