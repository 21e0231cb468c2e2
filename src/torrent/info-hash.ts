import { fromHex } from '../base/bytes.ts'

/** The 20 bytes of a v1 info-hash in 40 hexadecimal or 32 base32 characters (BEP 9), in either case; undefined if `text` is neither. */
export function parseInfoHash(text: string): Uint8Array | undefined {
  if (text.length === 40) return fromHex(text)
  return /^[A-Za-z2-7]{32}$/.test(text) ? fromBase32(text.toUpperCase()) : undefined
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
