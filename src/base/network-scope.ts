import type { PeerAddress } from './address.ts'
import { ipBytes } from './ip-address.ts'

/**
 * How far a network of peers reaches, and so which addresses in it make sense:
 * `public` is the Internet, `private` an organisation's own network, `host` this machine alone.
 */
export type NetworkScope = 'public' | 'private' | 'host'

/**
 * True if an address that somebody told us may be dialled.
 *
 * | address | public | private | host |
 * |---|---|---|---|
 * | port 0, or not an IP address in plain form | no | no | no |
 * | unspecified, multicast, broadcast, reserved, `169.254.169.254`, IPv4 inside IPv6 | no | no | no |
 * | IPv6 link-local (nothing says on which interface) | no | no | no |
 * | loopback | no | no | yes |
 * | RFC 1918, 100.64/10, 169.254/16, fc00::/7 | no | yes | yes |
 * | everything else | yes | yes | yes |
 *
 * The scope comes from whoever told: `host` for what the person typed and for the local network (the sender's address is seen, not claimed),
 * `public` for the public DHT and for peers of peers, so that strangers cannot make us knock on doors inside our own network.
 */
export function mayDial(address: PeerAddress, scope: NetworkScope): boolean {
  if (!Number.isInteger(address.port) || address.port < 1 || address.port > 65_535) return false
  const bytes = ipBytes(address.host)
  if (bytes === undefined) return false
  const reach = reachOf(bytes)
  return reach !== undefined && breadth[reach] >= breadth[scope]
}

/** The narrowest scope in which all of `hosts` make sense; names count as public. */
export function scopeOf(hosts: readonly string[]): NetworkScope {
  let scope: NetworkScope = 'public'
  for (const host of hosts) {
    const bytes = ipBytes(host === 'localhost' ? '127.0.0.1' : host)
    const reach = bytes === undefined ? undefined : reachOf(bytes)
    if (reach !== undefined && breadth[reach] < breadth[scope]) scope = reach
  }
  return scope
}

const breadth: Readonly<Record<NetworkScope, number>> = { host: 0, private: 1, public: 2 }

/** The widest scope in which an address can be reached; undefined for those that nobody can dial. */
function reachOf(bytes: Uint8Array): NetworkScope | undefined {
  return bytes.length === 4 ? reachOfIpv4(bytes) : reachOfIpv6(bytes)
}

function reachOfIpv4(bytes: Uint8Array): NetworkScope | undefined {
  const [a = 0, b = 0, c = 0, d = 0] = bytes
  if (a === 0 || a >= 224) return undefined
  if (a === 127) return 'host'
  // The address where clouds hand credentials to whoever asks from inside.
  if (a === 169 && b === 254) return c === 169 && d === 254 ? undefined : 'private'
  if (a === 10 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168) || (a === 100 && b >= 64 && b < 128)) return 'private'
  return 'public'
}

function reachOfIpv6(bytes: Uint8Array): NetworkScope | undefined {
  const [first = 0, second = 0] = bytes
  if (bytes.subarray(0, 10).every((byte) => byte === 0)) return isIpv6Loopback(bytes) ? 'host' : undefined
  if (first === 0xff || (first === 0xfe && second >= 0x80)) return undefined
  return (first & 0xfe) === 0xfc ? 'private' : 'public'
}

function isIpv6Loopback(bytes: Uint8Array): boolean {
  return bytes[15] === 1 && bytes.subarray(10, 15).every((byte) => byte === 0)
}
