/**
 * All addresses to which the 4 or 16 bytes of an address may lead: itself, or the IPv4 address inside of it in each form in which
 * a network may translate or tunnel it. One at least.
 */
export function meanings(bytes: Uint8Array): readonly [Uint8Array, ...Uint8Array[]] {
  if (bytes.length === 4) return [bytes]
  const hex = Buffer.from(bytes).toString('hex')
  return FORMS.find(({ form }) => form.test(hex))?.read(bytes) ?? [bytes]
}

interface Ipv4InIpv6 {
  /** Of the whole address in 32 hexadecimal digits. */
  readonly form: RegExp
  read(bytes: Uint8Array): readonly [Uint8Array, ...Uint8Array[]]
}

const FORMS: readonly Ipv4InIpv6[] = [
  // IPv4-mapped (RFC 4291), IPv4-translated (RFC 2765), and NAT64 with the well-known prefix (RFC 6052).
  { form: /^(?:0{20}ffff|0{16}ffff0000|0064ff9b0{16})/, read: (bytes) => [ipv4At(bytes, 12)] },
  // NAT64 of one's own network (RFC 8215).
  { form: /^0064ff9b0001/, read: ownTranslated },
  // 6to4 (RFC 3056).
  { form: /^2002/, read: (bytes) => [ipv4At(bytes, 2)] },
  // Teredo (RFC 4380): a server, and a client whose bits are inverted.
  { form: /^20010000/, read: (bytes) => [ipv4At(bytes, 4), ipv4At(bytes, 12).map((byte) => byte ^ 0xff)] },
  // ISATAP (RFC 5214), below any prefix.
  { form: /^.{16}0[02]005efe/, read: (bytes) => [bytes, ipv4At(bytes, 12)] },
]

/**
 * Nothing tells how long the prefix is, so all lengths that fit count (RFC 6052, 2.2: 48, 56, 64, 96), but for those with which no host
 * would be meant.
 */
function ownTranslated(bytes: Uint8Array): readonly [Uint8Array, ...Uint8Array[]] {
  const others = OWN_PREFIXES.map((places) => Uint8Array.from(places, (place) => bytes[place] ?? 0))
  return [ipv4At(bytes, 12), ...others.filter(([first = 0]) => first !== 0 && first < 224)]
}

/** Where the IPv4 address stands behind a prefix of 48, 56 and 64 bits; byte 8 is always skipped. */
const OWN_PREFIXES: readonly (readonly number[])[] = [
  [6, 7, 9, 10],
  [7, 9, 10, 11],
  [9, 10, 11, 12],
]

function ipv4At(bytes: Uint8Array, place: number): Uint8Array {
  return bytes.subarray(place, place + 4)
}
