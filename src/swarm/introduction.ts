import { SUBNET_ZONES } from '../base/zone-name.ts'
import type { ExtensionHandshake } from '../wire/extension-messages.ts'
import { OWN_EXTENSION_IDS } from '../wire/extension-protocol.ts'
import { allowedFastSet } from './allowed-fast.ts'
import { LIMITS } from './limits.ts'
import type { Peer } from './peer.ts'
import type { SwarmOptions } from './swarm-types.ts'
import type { TorrentSession } from './torrent-session.ts'

/** The first messages to a peer: what we have, then what we can do. */
export function introduce(peer: Peer, options: SwarmOptions, torrent: TorrentSession | undefined, metadataBytes: number): void {
  sendPieces(peer, torrent)
  if (peer.link.peer.supportsExtensions) sendExtensionHandshake(peer, options, metadataBytes, torrent?.downloader.isComplete === true)
  if (peer.link.peer.supportsDht && options.dhtPort > 0) peer.link.port(options.dhtPort)
  if (torrent !== undefined && peer.link.peer.supportsFast) grantFastPieces(peer, options.infoHash, torrent)
}

/** The extended handshake (BEP 10); sent again when something in it changes, such as the metadata becoming known. */
export function sendExtensionHandshake(peer: Peer, options: SwarmOptions, metadataBytes: number, isUploadOnly: boolean): void {
  peer.link.extensionHandshake({
    extensions: ownExtensions(options),
    client: options.clientName,
    requestQueueLimit: LIMITS.queuedRequests,
    yourAddress: peer.link.address.host,
    isUploadOnly,
    ...(options.copies === 'gathered' ? { gathersCopies: true } : {}),
    ...(options.zone === undefined || options.zone === SUBNET_ZONES ? {} : { zone: options.zone }),
    ...(options.listenPort > 0 ? { listenPort: options.listenPort } : {}),
    ...(metadataBytes > 0 ? { metadataSizeBytes: metadataBytes } : {}),
  })
}

/** A second extended handshake (BEP 10) with what our host is called; it is for those that count copies, and what was told before stays. */
export function tellHostName(peer: Peer, options: SwarmOptions): void {
  const { hostName } = options
  if (hostName !== undefined) peer.link.extensionHandshake({ extensions: ownExtensions(options), hostName })
}

function ownExtensions({ usesPeerExchange, copies }: SwarmOptions): ExtensionHandshake['extensions'] {
  const { peerExchange, copy, copyHeard, ...always } = OWN_EXTENSION_IDS
  return {
    ...always,
    ...(usesPeerExchange ? { peerExchange } : {}),
    ...(copies === undefined ? {} : { copyHeard }),
    ...(copies === 'counted' || copies === 'gathered' ? { copy } : {}),
  }
}

function sendPieces(peer: Peer, torrent: TorrentSession | undefined): void {
  const isFast = peer.link.peer.supportsFast
  const offered = torrent?.offered
  if (offered === undefined || offered.count === 0) {
    if (isFast) peer.link.haveNone()
  } else if (offered.isComplete && isFast) peer.link.haveAll()
  else peer.link.bitfield(offered.bytes)
}

/**
 * A newcomer may take a few pieces before it is unchoked, so that it soon has something to give (BEP 6). Not from an origin that has
 * pieces nobody else has: the set is the same for all hosts of a /24, so it would send all of them the same few.
 */
function grantFastPieces(peer: Peer, infoHash: Uint8Array, torrent: TorrentSession): void {
  if (torrent.superSeeder?.isDone === false) return
  for (const piece of allowedFastSet(peer.link.address.host, infoHash, torrent.layout.pieceCount, LIMITS.grantedFastPieces)) {
    if (!torrent.offered.has(piece)) continue
    peer.grantedFast.push(piece)
    peer.link.allowedFast(piece)
  }
}
