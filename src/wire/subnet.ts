import { hostFromBytes, hostToBytes } from './compact-address.ts'

/** The IPv4 /24 or IPv6 /64 of an address, such as `10.0.3.0/24` or `2001:db8::/64`; undefined if `host` is no IP address. */
export function subnetOf(host: string): string | undefined {
  const bytes = hostToBytes(host)
  if (bytes === undefined) return undefined
  const prefixBytes = bytes.length === 4 ? 3 : 8
  return `${hostFromBytes(bytes.fill(0, prefixBytes))}/${8 * prefixBytes}`
}
