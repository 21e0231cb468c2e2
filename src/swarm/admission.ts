import type { PeerAddress } from '../base/address.ts'
import { equalBytes } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import type { PeerLink } from '../wire/link.ts'
import type { BanList } from './ban-list.ts'
import type { Peer } from './peer.ts'

/** Two connections with the same peer are the doing of both when the older one is younger than this. */
const CROSSING_MS = 5_000
/** A peer that is at work may have to make room once it has been here for so long, if nobody came in the time after that. */
const SETTLED_MS = 5_000
const CALM_MS = 1_000

/** Why a peer may not stay. */
export const NO_ROOM = 'no room for more peers'

/** What admission works with. */
export interface AdmissionParts {
  readonly clock: Clock
  readonly peerId: Uint8Array
  /** Peers at most, at this moment. */
  mostPeers(): number
  readonly peers: ReadonlyMap<number, Peer>
  readonly bans: BanList
  /** Places beyond those for peers that come to tell of their copies and leave again. */
  readonly visitors: number
  /** Places that are kept for peers of other zones to which we connect. */
  readonly places: { readonly reserved: number; readonly isShortAcross: boolean }
  priority(address: PeerAddress): number
}

/** Decides whether a link may join; closes another one where that is the price. Returns why it may not, if so. */
export function refusalOf(link: PeerLink, parts: AdmissionParts): string | undefined {
  if (equalBytes(link.peer.peerId, parts.peerId)) return 'it is ourselves'
  if (parts.bans.hasLink(link)) return 'banned'
  for (const other of [...parts.peers.values()]) {
    if (!equalBytes(other.link.peer.peerId, link.peer.peerId)) continue
    if (!isOlderToGo(other, link, parts)) return 'connected already'
    other.link.close('connected twice')
  }
  const most = parts.mostPeers()
  const reserved = link.direction === 'incoming' ? parts.places.reserved : 0
  if (parts.peers.size < most - reserved || makeRoom(link, parts)) return undefined
  const mayVisit = link.direction === 'incoming' && link.peer.supportsExtensions && parts.peers.size < most + parts.visitors
  return mayVisit ? undefined : NO_ROOM
}

/**
 * Two peers that dial each other at the same moment get two connections, and both ends must drop the same one: the one that the
 * peer with the lower id opened. A connection that is no longer young stays in any case.
 */
function isOlderToGo(older: Peer, link: PeerLink, parts: AdmissionParts): boolean {
  if (older.link.direction === link.direction) return false
  if (parts.clock.nowMs() - older.connectedMs > CROSSING_MS) return false
  const isOursHigher = Buffer.compare(parts.peerId, link.peer.peerId) > 0
  return link.direction === (isOursHigher ? 'outgoing' : 'incoming')
}

/**
 * When all places are taken, a newcomer takes that of a peer which is of no use, so that silent connections cannot keep others out;
 * else one with a higher canonical priority takes that of the lowest (BEP 40) that may go.
 */
function makeRoom(link: PeerLink, parts: AdmissionParts): boolean {
  const nowMs = parts.clock.nowMs()
  let newestMs = Number.NEGATIVE_INFINITY
  for (const peer of parts.peers.values()) {
    newestMs = Math.max(newestMs, peer.connectedMs)
    if (peer.origin === 'static' || !peer.isIdle(nowMs)) continue
    peer.link.close('made room: it asked for nothing and had nothing to give')
    return true
  }
  const isCalm = nowMs - newestMs >= CALM_MS
  let lowest: Peer | undefined
  let lowestPriority = parts.priority(link.address)
  for (const peer of parts.peers.values()) {
    if (peer.origin === 'static' || (peer.zone.relation === 'other' && parts.places.isShortAcross)) continue
    if (peer.isAtWork && !(isCalm && isReplaceable(peer, nowMs))) continue
    const priority = parts.priority(peer.link.address)
    if (priority >= lowestPriority) continue
    lowest = peer
    lowestPriority = priority
  }
  lowest?.link.close('made room for another peer')
  return lowest !== undefined
}

/**
 * Hosts that came early know only each other and have no room, so those that come later would know only each other too, and get all from
 * the origin once more: the graph stays a random one only if early connections give way. Not those that we chose ourselves, which
 * nobody who dials us can take away, nor those with hosts that are behind us, nor those in a zone, where everybody has to know the others.
 */
function isReplaceable(peer: Peer, nowMs: number): boolean {
  const { link, zone, amInterested, connectedMs } = peer
  return link.direction === 'incoming' && zone.relation === 'unknown' && amInterested && nowMs - connectedMs >= SETTLED_MS
}
