import { createHash } from 'node:crypto'

/**
 * The pieces that a choked peer may ask for (BEP 6): both sides can compute them from the peer's IPv4 address and the info-hash.
 * Returns min(`count`, `pieceCount`) distinct pieces; none for an IPv6 address, for which the BEP defines nothing.
 */
export function allowedFastSet(host: string, infoHash: Uint8Array, pieceCount: number, count: number): number[] {
  const octets = host.split('.').map(Number)
  if (octets.length !== 4) return []
  let digest: Uint8Array = Uint8Array.of(...octets.slice(0, 3), 0, ...infoHash)
  const pieces = new Set<number>()
  const wanted = Math.min(count, pieceCount)
  while (pieces.size < wanted) {
    digest = createHash('sha1').update(digest).digest()
    const view = new DataView(digest.buffer, digest.byteOffset, 20)
    for (let offset = 0; offset < 20 && pieces.size < wanted; offset += 4) pieces.add(view.getUint32(offset) % pieceCount)
  }
  return [...pieces]
}
