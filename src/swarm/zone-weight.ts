/** A number that stands for a peer in `zoneWeight`, from its 20-byte peer id: 32 bits, by FNV-1a. */
export function weightSeed(peerId: Uint8Array): number {
  let hash = 0x811c9dc5
  for (const byte of peerId) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}

/**
 * How much a peer is meant for a piece, 0 to 2^32 - 1: of the hosts of a zone that lack the piece, the one with the highest weight
 * gets it from outside (rendezvous hashing: Thaler and Ravishankar, 1998). Everybody computes the same, so nobody needs to be told; when
 * a host leaves, only its own pieces get another one. The mixing is the finalizer of MurmurHash3.
 */
export function zoneWeight(seed: number, piece: number): number {
  let hash = seed ^ Math.imul(piece + 1, 0x9e3779b1)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
