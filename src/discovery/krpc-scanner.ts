const DICTIONARY = 0x64
const LIST = 0x6c
const INTEGER = 0x69
const END = 0x65
const COLON = 0x3a
const MINUS = 0x2d
const ZERO = 0x30
const UNDERSCORE = 0x5f

/**
 * Walks canonical bencode (BEP 3) in place, without building values: a node reads thousands of datagrams a second and drops many of them.
 * Every step returns false at the first byte that is not canonical; the position is then of no further use.
 */
export class KrpcScanner {
  /** The next byte to read. */
  position = 0
  /** Where the content of the last string starts and ends. */
  start = 0
  end = 0
  /** The last integer. */
  integer = 0
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get isAtDictionary(): boolean {
    return this.#bytes[this.position] === DICTIONARY
  }

  get isAtList(): boolean {
    return this.#bytes[this.position] === LIST
  }

  get isAtEnd(): boolean {
    return this.#bytes[this.position] === END
  }

  /** Reads a byte string: shortest length prefix, and all of it inside the datagram. */
  string(): boolean {
    const bytes = this.#bytes
    const first = this.position
    let at = first
    let length = 0
    for (let byte = bytes[at] as number; byte >= ZERO && byte <= ZERO + 9; byte = bytes[++at] as number) {
      length = length * 10 + (byte - ZERO)
      if (length > bytes.length) return false
    }
    if (at === first || bytes[at] !== COLON || (bytes[first] === ZERO && at - first > 1)) return false
    this.start = at + 1
    this.end = this.start + length
    this.position = this.end
    return this.end <= bytes.length
  }

  /** Reads an integer in its shortest form, at most 2^53 - 1 either way. */
  readInteger(): boolean {
    const bytes = this.#bytes
    if (bytes[this.position] !== INTEGER) return false
    const isNegative = bytes[this.position + 1] === MINUS
    const first = this.position + (isNegative ? 2 : 1)
    let at = first
    let value = 0
    for (let byte = bytes[at] as number; byte >= ZERO && byte <= ZERO + 9; byte = bytes[++at] as number) {
      value = value * 10 + (byte - ZERO)
      if (value > Number.MAX_SAFE_INTEGER) return false
    }
    if (at === first || bytes[at] !== END) return false
    if (bytes[first] === ZERO && (at - first > 1 || isNegative)) return false
    this.integer = isNegative ? -value : value
    this.position = at + 1
    return true
  }

  /**
   * Reads the next key of a dictionary, which must come after the one at `previousStart` to `previousEnd` (-1: it is the first).
   * `__proto__` is refused: the library behind keeps dictionaries in plain objects.
   */
  key(previousStart: number, previousEnd: number): boolean {
    if (!this.string()) return false
    if (this.end - this.start === 9 && this.#bytes[this.start] === UNDERSCORE && this.#spells('__proto__')) return false
    return previousStart < 0 || this.#isAfter(previousStart, previousEnd)
  }

  /** Passes over any value whose lists and dictionaries are at most `depth` deep. */
  skip(depth: number): boolean {
    const byte = this.#bytes[this.position]
    if (byte === INTEGER) return this.readInteger()
    if (byte === LIST) return depth > 0 && this.#skipList(depth - 1)
    if (byte === DICTIONARY) return depth > 0 && this.#skipDictionary(depth - 1)
    return this.string()
  }

  #skipList(depth: number): boolean {
    this.position++
    while (!this.isAtEnd) if (!this.skip(depth)) return false
    this.position++
    return true
  }

  #skipDictionary(depth: number): boolean {
    this.position++
    let keyStart = -1
    let keyEnd = -1
    while (!this.isAtEnd) {
      if (!this.key(keyStart, keyEnd)) return false
      keyStart = this.start
      keyEnd = this.end
      if (!this.skip(depth)) return false
    }
    this.position++
    return true
  }

  #isAfter(previousStart: number, previousEnd: number): boolean {
    const bytes = this.#bytes
    const shared = Math.min(previousEnd - previousStart, this.end - this.start)
    for (let index = 0; index < shared; index++) {
      const difference = (bytes[this.start + index] as number) - (bytes[previousStart + index] as number)
      if (difference !== 0) return difference > 0
    }
    return this.end - this.start > shared
  }

  #spells(word: string): boolean {
    for (let index = 0; index < word.length; index++) if (this.#bytes[this.start + index] !== word.charCodeAt(index)) return false
    return true
  }
}
