/** Where a value stands in the bytes that hold it: from `start` up to, not including, `end`. */
export interface ByteSpan {
  readonly start: number
  readonly end: number
}

/**
 * Where the value of `key` stands in the dictionary that `bytes` spell, or undefined if it has no such key.
 * `bytes` have passed `decodeBencode`: the raw `info` of a torrent is hashed as it came (BEP 3).
 */
export function findBencodeSpan(bytes: Uint8Array, key: string): ByteSpan | undefined {
  if (bytes[0] !== DICTIONARY) return undefined
  for (let keyStart = 1; bytes[keyStart] !== END; ) {
    const start = skipValue(bytes, keyStart)
    const end = skipValue(bytes, start)
    if (spellsKey(bytes, start, key)) return { start, end }
    keyStart = end
  }
  return undefined
}

const DICTIONARY = 0x64
const LIST = 0x6c
const INTEGER = 0x69
const END = 0x65
const COLON = 0x3a
const ZERO = 0x30

/** The offset behind the value at `start`, in bytes that are known to be sound. */
function skipValue(bytes: Uint8Array, start: number): number {
  let at = start
  let depth = 0
  do {
    const byte = bytes[at] as number
    if (byte === LIST || byte === DICTIONARY) {
      depth++
      at++
    } else if (byte === END) {
      depth--
      at++
    } else if (byte === INTEGER) {
      at = bytes.indexOf(END, at) + 1
    } else {
      let length = 0
      for (; bytes[at] !== COLON; at++) length = length * 10 + (bytes[at] as number) - ZERO
      at += 1 + length
    }
  } while (depth > 0)
  return at
}

/** True if the string that ends at `end` is `key`, its length prefix included. */
function spellsKey(bytes: Uint8Array, end: number, key: string): boolean {
  const spelling = `${key.length}:${key}`
  const start = end - spelling.length
  if (start < 0) return false
  for (let index = 0; index < spelling.length; index++) if (bytes[start + index] !== spelling.charCodeAt(index)) return false
  return true
}
