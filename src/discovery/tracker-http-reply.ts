import { isIP } from 'node:net'
import type { PeerAddress } from '../base/address.ts'
import { type Decoded, decoded, undecodable } from '../base/decoded.ts'
import { ipBytes, ipText } from '../base/ip-address.ts'
import {
  asBytes,
  asDictionary,
  asInteger,
  asList,
  asText,
  type Bencode,
  type BencodeDictionary,
  decodeBencode,
} from '../torrent/bencode.ts'
import { decodeCompactPeers } from './compact-peers.ts'
import { boundedIntervalMs, MAX_TRACKER_PEERS, printable, type TrackerReply } from './tracker-announce.ts'

/** The answer of an HTTP tracker, and the mark by which it knows us next time (BEP 3). */
export interface TrackerHttpReply extends TrackerReply {
  /** At most 256 bytes. */
  readonly trackerId: Uint8Array | undefined
}

/** A longer answer is not read to its end, in bytes. */
export const MAX_TRACKER_REPLY_BYTES: number = 1024 * 1024

/**
 * Reads the body of an HTTP tracker's answer: peers compact (BEP 23), as dictionaries (BEP 3) or IPv6 (BEP 7).
 * Names instead of addresses, and entries with a port out of range, are left out. A `failure reason` is a fault.
 */
export function decodeTrackerHttpReply(bytes: Uint8Array): Decoded<TrackerHttpReply> {
  const reply = decodeBencode(bytes, { canonical: false, maxBytes: MAX_TRACKER_REPLY_BYTES, maxDepth: 8, maxTokens: 50_000 })
  if (!reply.ok) return undecodable('its answer is not that of a tracker')
  const fields = asDictionary(reply.value)
  if (fields === undefined) return undecodable('its answer is not that of a tracker')
  const failure = asBytes(fields.get('failure reason'))
  if (failure !== undefined) return undecodable(`it says "${printable(failure)}"`)
  const peers = peersOf(fields)
  if (!peers.ok) return peers
  const minSeconds = asInteger(fields.get('min interval'))
  const warning = asBytes(fields.get('warning message'))
  const trackerId = asBytes(fields.get('tracker id'))
  return decoded({
    peers: peers.value,
    intervalMs: boundedIntervalMs(asInteger(fields.get('interval'))),
    minIntervalMs: minSeconds === undefined ? undefined : boundedIntervalMs(minSeconds),
    warning: warning === undefined || warning.length === 0 ? undefined : printable(warning),
    trackerId: trackerId === undefined || trackerId.length > 256 ? undefined : trackerId,
  })
}

function peersOf(fields: BencodeDictionary): Decoded<readonly PeerAddress[]> {
  const peers = fields.get('peers')
  const listed = asList(peers)
  const ipv4 = listed === undefined ? compactPeers(peers, 4) : decoded(listedPeers(listed))
  if (!ipv4.ok) return ipv4
  const ipv6 = compactPeers(fields.get('peers6'), 16)
  if (!ipv6.ok) return ipv6
  return decoded([...ipv4.value, ...ipv6.value].slice(0, MAX_TRACKER_PEERS))
}

function compactPeers(value: Bencode | undefined, addressBytes: 4 | 16): Decoded<readonly PeerAddress[]> {
  if (value === undefined) return decoded([])
  const bytes = asBytes(value)
  return bytes === undefined ? undecodable('its peers are no list') : decodeCompactPeers(bytes, addressBytes, MAX_TRACKER_PEERS)
}

function listedPeers(entries: readonly Bencode[]): readonly PeerAddress[] {
  const peers: PeerAddress[] = []
  for (const entry of entries) {
    if (peers.length === MAX_TRACKER_PEERS) break
    const host = asText(asDictionary(entry)?.get('ip'))
    const port = asInteger(asDictionary(entry)?.get('port'))
    const address = host === undefined || isIP(host) === 0 ? undefined : ipBytes(host)
    if (address !== undefined && port !== undefined && port >= 1 && port <= 65_535) peers.push({ host: ipText(address), port })
  }
  return peers
}
