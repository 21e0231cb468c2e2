import type { PeerAddress } from '../base/address.ts'
import { hostToBytes } from '../wire/compact-address.ts'
import type { OwnAddress } from './own-address.ts'

const POLYNOMIAL = 0x82f63b78 // Castagnoli, reflected

/**
 * The canonical priority of a connection between two addresses (BEP 40): both ends compute the same number, and when there are more
 * candidates than places the higher one is preferred, which spreads connections evenly and keeps nobody out.
 * 0 if the addresses are of different families.
 */
export function canonicalPriority(ours: PeerAddress, theirs: PeerAddress): number {
  if (ours.host === theirs.host) return crc32c(sorted(portBytes(ours.port), portBytes(theirs.port)))
  const first = hostToBytes(ours.host)
  const second = hostToBytes(theirs.host)
  if (first === undefined || second === undefined || first.length !== second.length) return 0
  const [masked, other] = first.length === 4 ? maskedPair(first, second, [2, 3]) : maskedPair(first, second, [6, 7])
  return crc32c(sorted(masked, other))
}

/** The priorities of the addresses that a host knows, each computed once: when its places are taken it asks for all of them at each newcomer. */
export class CanonicalPriorities {
  readonly #own: OwnAddress
  readonly #known = new WeakMap<PeerAddress, number>()

  constructor(own: OwnAddress) {
    this.#own = own
  }

  /** The priority of `address`; 0 for all of them until our own is known. */
  of(address: PeerAddress): number {
    if (this.#own.host === '') return 0
    let priority = this.#known.get(address)
    if (priority === undefined) {
      priority = canonicalPriority(this.#own, address)
      this.#known.set(address, priority)
    }
    return priority
  }
}

/**
 * Host bytes with the far part masked by 0x55, so that a range of addresses cannot choose its priority: the nearer two hosts are,
 * the more of their bytes count. `levels` are the prefixes, in bytes, that must be equal for one byte more to count in full.
 */
function maskedPair(first: Uint8Array, second: Uint8Array, levels: readonly number[]): [Uint8Array, Uint8Array] {
  let kept = levels[0] as number
  for (const level of levels) {
    if (!first.subarray(0, level).every((byte, index) => byte === second[index])) break
    kept = level + 1
  }
  const mask = (bytes: Uint8Array): Uint8Array => bytes.map((byte, index) => (index < kept ? byte : byte & 0x55))
  return [mask(first), mask(second)]
}

function sorted(first: Uint8Array, second: Uint8Array): Uint8Array {
  const isOrdered = Buffer.compare(first, second) <= 0
  return Buffer.concat(isOrdered ? [first, second] : [second, first])
}

function portBytes(port: number): Uint8Array {
  return Uint8Array.of(port >> 8, port & 255)
}

function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1
  }
  return (crc ^ 0xffffffff) >>> 0
}
