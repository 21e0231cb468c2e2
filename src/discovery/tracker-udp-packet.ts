import type { PeerAddress } from '../base/address.ts'
import { type Decoded, decoded, undecodable } from '../base/decoded.ts'
import { decodeCompactPeers } from './compact-peers.ts'
import { boundedIntervalMs, MAX_TRACKER_PEERS, printable, type TrackerAnnounce, type TrackerReply } from './tracker-announce.ts'

/** BEP 15: what every connect request starts with. */
const PROTOCOL_ID = 0x41727101980n

const actions = { connect: 0, announce: 1, error: 3 } as const
const events = { started: 2, completed: 1, stopped: 3 } as const
const URL_DATA_OPTION = 2

/** Asks for a connection id. */
export function encodeUdpConnect(transactionId: number): Uint8Array {
  const packet = Buffer.alloc(16)
  packet.writeBigUInt64BE(PROTOCOL_ID, 0)
  packet.writeUInt32BE(actions.connect, 8)
  packet.writeUInt32BE(transactionId, 12)
  return packet
}

/** Announces; `path` is what follows the host in the tracker's URL and goes along by BEP 41. */
export function encodeUdpAnnounce(announce: TrackerAnnounce, connectionId: Uint8Array, transactionId: number, path: string): Uint8Array {
  const packet = Buffer.alloc(98)
  packet.set(connectionId, 0)
  packet.writeUInt32BE(actions.announce, 8)
  packet.writeUInt32BE(transactionId, 12)
  packet.set(announce.infoHash, 16)
  packet.set(announce.peerId, 36)
  packet.writeBigUInt64BE(BigInt(announce.downloadedBytes), 56)
  packet.writeBigUInt64BE(BigInt(announce.bytesLeft), 64)
  packet.writeBigUInt64BE(BigInt(announce.uploadedBytes), 72)
  packet.writeUInt32BE(announce.event === undefined ? 0 : events[announce.event], 80)
  packet.writeUInt32BE(announce.key, 88)
  packet.writeUInt32BE(announce.peersWanted, 92)
  packet.writeUInt16BE(announce.listenPort, 96)
  return Buffer.concat([packet, urlData(path)])
}

function urlData(path: string): Uint8Array {
  const bytes = Buffer.from(path, 'latin1')
  const options: Uint8Array[] = []
  for (let start = 0; start < bytes.length; start += 255) {
    const part = bytes.subarray(start, start + 255)
    options.push(Uint8Array.of(URL_DATA_OPTION, part.length), part)
  }
  return Buffer.concat(options)
}

/** The transaction that a packet answers, or undefined if it is too short to say. */
export function udpTransactionId(packet: Uint8Array): number | undefined {
  return packet.length < 8 ? undefined : viewOf(packet).getUint32(4)
}

/** The 8 bytes of the connection id in the answer to a connect request. */
export function decodeUdpConnection(packet: Uint8Array): Decoded<Uint8Array> {
  const fault = faultOf(packet, actions.connect, 16)
  return fault === undefined ? decoded(packet.slice(8, 16)) : undecodable(fault)
}

/** The answer to an announce; `addressBytes` is 4 if it came over IPv4 and 16 if over IPv6. */
export function decodeUdpAnnounceReply(packet: Uint8Array, addressBytes: 4 | 16): Decoded<TrackerReply> {
  const fault = faultOf(packet, actions.announce, 20)
  if (fault !== undefined) return undecodable(fault)
  const peers = decodeCompactPeers(packet.subarray(20), addressBytes, MAX_TRACKER_PEERS)
  if (!peers.ok) return peers
  return decoded(replyOf(peers.value, viewOf(packet).getUint32(8)))
}

function replyOf(peers: readonly PeerAddress[], intervalSeconds: number): TrackerReply {
  return { peers, intervalMs: boundedIntervalMs(intervalSeconds), minIntervalMs: undefined, warning: undefined }
}

function faultOf(packet: Uint8Array, action: number, minBytes: number): string | undefined {
  if (packet.length < 8) return 'its answer is too short'
  const answered = viewOf(packet).getUint32(0)
  if (answered === actions.error) return `it says "${printable(packet.subarray(8))}"`
  if (answered !== action) return 'it answers something that was not asked'
  return packet.length < minBytes ? 'its answer is too short' : undefined
}

function viewOf(packet: Uint8Array): DataView {
  return new DataView(packet.buffer, packet.byteOffset, packet.length)
}
