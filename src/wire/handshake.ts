import { type Decoded, decoded, undecodable } from '../base/decoded.ts'
import type { OwnHandshake, PeerHandshake } from './link.ts'

/** Bytes of a handshake: 1 + 19 of protocol name, 8 reserved, 20 of info-hash, 20 of peer id (BEP 3). */
export const HANDSHAKE_BYTES = 68

const protocol = Buffer.from('\x13BitTorrent protocol', 'latin1')
const reservedStart = protocol.length
const infoHashStart = reservedStart + 8
const peerIdStart = infoHashStart + 20

// Reserved bits as [byte, mask]: extension protocol (BEP 10), fast extension (BEP 6), DHT (BEP 5), v2 (BEP 52).
const extensionBit = [5, 0x10] as const
const fastBit = [7, 0x04] as const
const dhtBit = [7, 0x01] as const
const v2Bit = [7, 0x10] as const

/** The 68 bytes that open a connection; we always offer the fast extension and the extension protocol, and v2 where the torrent has it. */
export function encodeHandshake(own: OwnHandshake): Uint8Array {
  const bytes = new Uint8Array(HANDSHAKE_BYTES)
  bytes.set(protocol)
  const bits = [extensionBit, fastBit, ...(own.supportsDht ? [dhtBit] : []), ...(own.infoHashV2 === undefined ? [] : [v2Bit])]
  for (const [byte, mask] of bits) {
    bytes[reservedStart + byte] = (bytes[reservedStart + byte] as number) | mask
  }
  bytes.set(own.infoHash, infoHashStart)
  bytes.set(own.peerId, peerIdStart)
  return bytes
}

/** What 68 bytes say of the peer; they are copied. Reserved bits that we do not know are ignored, as BEP 10 wants. */
export function decodeHandshake(bytes: Uint8Array): Decoded<PeerHandshake> {
  if (bytes.length !== HANDSHAKE_BYTES) return undecodable(`a handshake of ${bytes.length} bytes instead of ${HANDSHAKE_BYTES}`)
  if (!startsLikeHandshake(bytes, bytes.length)) return undecodable('not the BitTorrent protocol')
  const has = ([byte, mask]: readonly [number, number]): boolean => ((bytes[reservedStart + byte] as number) & mask) !== 0
  return decoded({
    infoHash: Uint8Array.from(bytes.subarray(infoHashStart, peerIdStart)),
    peerId: Uint8Array.from(bytes.subarray(peerIdStart)),
    supportsFast: has(fastBit),
    supportsExtensions: has(extensionBit),
    supportsDht: has(dhtBit),
    supportsV2: has(v2Bit),
  })
}

/** False as soon as the first `length` bytes cannot become a handshake any more, so that strangers are let go at their first byte. */
export function startsLikeHandshake(bytes: Uint8Array, length: number): boolean {
  for (let index = 0; index < Math.min(length, protocol.length); index++) if (bytes[index] !== protocol[index]) return false
  return true
}
