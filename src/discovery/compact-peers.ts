import type { PeerAddress } from '../base/address.ts'
import { type Decoded, decoded, undecodable } from '../base/decoded.ts'
import { ipText } from '../base/ip-address.ts'

/**
 * Peers in the compact form of BEP 23 (`addressBytes` 4: six bytes a peer) or BEP 7 (16: eighteen bytes a peer), at most `limit` of them.
 * Entries with port 0 are left out; the fault is a length that is not a multiple.
 */
export function decodeCompactPeers(bytes: Uint8Array, addressBytes: 4 | 16, limit: number): Decoded<readonly PeerAddress[]> {
  const entryBytes = addressBytes + 2
  if (bytes.length % entryBytes !== 0) return undecodable(`${bytes.length} bytes of peers, not a multiple of ${entryBytes}`)
  const peers: PeerAddress[] = []
  for (let start = 0; start < bytes.length && peers.length < limit; start += entryBytes) {
    const portStart = start + addressBytes
    const port = ((bytes[portStart] as number) << 8) | (bytes[portStart + 1] as number)
    if (port !== 0) peers.push({ host: ipText(bytes.subarray(start, portStart)), port })
  }
  return decoded(peers)
}
