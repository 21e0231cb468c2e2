import { isIPv4, isIPv6 } from 'node:net'

/** The 4 or 16 bytes of an IP address in network order, or undefined if `host` is none. A zone (`%eth0`) is left out. */
export function hostToBytes(host: string): Uint8Array | undefined {
  if (isIPv4(host)) return Uint8Array.from(host.split('.'), Number)
  // The colon first: the expression behind `isIPv6` takes 3.5 ms to compile, which a start without IPv6 need not pay.
  if (!host.includes(':') || !isIPv6(host)) return undefined
  const [address] = host.split('%') as [string]
  const [head, tail] = address.split('::') as [string, string | undefined]
  const before = groups(head)
  const after = tail === undefined ? [] : groups(tail)
  const zeros = new Array<number>(8 - before.length - after.length).fill(0)
  return Uint8Array.from([...before, ...zeros, ...after].flatMap((group) => [group >> 8, group & 255]))
}

/** The IP address in 4 or 16 bytes, in its shortest form (RFC 5952); undefined for any other length. An IPv4-mapped address becomes IPv4. */
export function hostFromBytes(bytes: Uint8Array): string | undefined {
  if (bytes.length === 4) return bytes.join('.')
  if (bytes.length !== 16) return undefined
  if (bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255) return bytes.subarray(12).join('.')
  const words: string[] = []
  for (let at = 0; at < 16; at += 2) words.push((((bytes[at] as number) << 8) | (bytes[at + 1] as number)).toString(16))
  return shortened(words)
}

/** `host` as the rest of distro compares it: an IPv4-mapped IPv6 address, which dual-stack sockets report, becomes IPv4. */
export function plainHost(host: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(host)
  return mapped?.[1] ?? host
}

/** True for 127.0.0.0/8 and ::1. */
export function isLoopback(host: string): boolean {
  return host === '::1' || host.startsWith('127.')
}

/** The 16-bit numbers between the colons; the last may be written as an IPv4 address. */
function groups(text: string): number[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)]
    const [a, b, c, d] = group.split('.').map(Number) as [number, number, number, number]
    return [(a << 8) | b, (c << 8) | d]
  })
}

/** Writes the longest run of two or more zero groups, the first among equals, as `::`. */
function shortened(words: readonly string[]): string {
  let longest = { start: 0, length: 1 }
  for (let start = 0; start < words.length; start++) {
    let length = 0
    while (words[start + length] === '0') length++
    if (length > longest.length) longest = { start, length }
  }
  if (longest.length < 2) return words.join(':')
  return `${words.slice(0, longest.start).join(':')}::${words.slice(longest.start + longest.length).join(':')}`
}
