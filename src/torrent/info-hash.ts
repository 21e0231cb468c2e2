import { fromHex } from '../base/bytes.ts'

/** The 20 bytes of a v1 info-hash in 40 hexadecimal or 32 base32 characters (BEP 9), in either case; undefined if `text` is neither. */
export function parseInfoHash(text: string): Uint8Array | undefined {
  if (text.length === 40) return fromHex(text)
  return /^[A-Za-z2-7]{32}$/.test(text) ? fromBase32(text.toUpperCase()) : undefined
}

/**
 * The 32 bytes of a v2 info-hash as magnets tag it: in hexadecimal a multihash of SHA-256, which is 0x12 and the length 0x20 before it
 * (BEP 9, 52). Undefined if `text` is something else.
 */
export function parseTaggedInfoHash(text: string): Uint8Array | undefined {
  return /^1220[0-9A-Fa-f]{64}$/.test(text) ? fromHex(text.slice(4)) : undefined
}

/** What peers, trackers and the DHT know a v2 torrent by: the first 20 bytes of its info-hash (BEP 52). */
export function shortInfoHash(infoHashV2: Uint8Array): Uint8Array {
  return infoHashV2.slice(0, 20)
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

function fromBase32(text: string): Uint8Array {
  const bytes = new Uint8Array((text.length * 5) / 8)
  let bits = 0
  let bitCount = 0
  let place = 0
  for (const character of text) {
    bits = ((bits << 5) | BASE32.indexOf(character)) & 0xfff
    bitCount += 5
    if (bitCount < 8) continue
    bitCount -= 8
    bytes[place++] = bits >> bitCount
  }
  return bytes
}
