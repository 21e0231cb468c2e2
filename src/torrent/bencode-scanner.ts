/** How much a scan passes over, and how strictly. */
export interface ScanLimits {
  /** False lets keys be out of order; of duplicates only neighbours are then found. Default true. */
  readonly canonical?: boolean
  /** Lists and dictionaries inside each other; default 100. */
  readonly maxDepth?: number
  /** Values in total, keys not counted; default 2,000,000. */
  readonly maxTokens?: number
}

/**
 * Walks bencode (BEP 3) in place without building values: a hostile file of two million of them costs a glance, and a DHT node reads
 * thousands of datagrams a second. Every step returns false at the first byte that is wrong; `fault` then says what is, with its
 * offset, and the position is of no further use.
 */
export class BencodeScanner {
  /** The next byte to read. */
  position: number
  /** Where the content of the last string starts and ends. */
  start = 0
  end = 0
  /** The last integer. */
  integer = 0
  fault = ''
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array, position = 0) {
    // Always the same class, whatever came: the engine reads bytes faster when it has seen only one.
    this.#bytes = bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
    this.position = position
  }

  get isAtDictionary(): boolean {
    return this.#bytes[this.position] === DICTIONARY
  }

  get isAtList(): boolean {
    return this.#bytes[this.position] === LIST
  }

  get isAtInteger(): boolean {
    return this.#bytes[this.position] === INTEGER
  }

  get isAtEnd(): boolean {
    return this.#bytes[this.position] === END
  }

  /** Reads a byte string: shortest length prefix, and all of it there. */
  readString(): boolean {
    const bytes = this.#bytes
    const first = this.position
    let at = first
    let length = 0
    for (let byte = bytes[at] as number; byte >= ZERO && byte <= NINE; byte = bytes[++at] as number) {
      length = length * 10 + (byte - ZERO)
      if (length > bytes.length) return this.fail(`a string longer than the data at byte ${first}`)
    }
    if (at === first || bytes[at] !== COLON || (bytes[first] === ZERO && at - first > 1)) return this.#failAtPrefix(at)
    const end = at + 1 + length
    if (end > bytes.length) return this.fail(`a string longer than the data at byte ${first}`)
    this.start = at + 1
    this.end = end
    this.position = end
    return true
  }

  /** Reads an integer in its shortest form, at most 2^53 - 1 either way. */
  readInteger(): boolean {
    const bytes = this.#bytes
    const first = this.position
    if (bytes[first] !== INTEGER) return this.fail(`no integer at byte ${first}`)
    const isNegative = bytes[first + 1] === MINUS
    const firstDigit = isNegative ? first + 2 : first + 1
    let at = firstDigit
    let magnitude = 0
    for (let byte = bytes[at] as number; byte >= ZERO && byte <= NINE; byte = bytes[++at] as number) {
      magnitude = magnitude * 10 + (byte - ZERO)
      if (magnitude > Number.MAX_SAFE_INTEGER) return this.fail(`an integer beyond 2^53 - 1 at byte ${first}`)
    }
    if (at === bytes.length) return this.fail(`the data ends inside the integer at byte ${first}`)
    if (at === firstDigit || bytes[at] !== END) return this.fail(`a malformed integer at byte ${first}`)
    const isShortest = magnitude === 0 ? at - firstDigit === 1 && !isNegative : bytes[firstDigit] !== ZERO
    if (!isShortest) return this.fail(`an integer that is not in its shortest form at byte ${first}`)
    this.integer = isNegative ? -magnitude : magnitude
    this.position = at + 1
    return true
  }

  /**
   * Reads a key of a dictionary. It must come after the one whose content is from `previousStart` to `previousEnd` (-1: it is the
   * first), or, if not `canonical`, just be another one.
   */
  readKey(previousStart: number, previousEnd: number, canonical = true): boolean {
    const first = this.position
    if (!this.readString()) return false
    const order = previousStart < 0 ? 1 : this.#compareWith(previousStart, previousEnd)
    if (order === 0) return this.fail(`a duplicate key at byte ${first}`)
    if (order < 0 && canonical) return this.fail(`a key out of order at byte ${first}`)
    return this.#bytes[this.position] === END ? this.fail(`a key without a value before byte ${this.position}`) : true
  }

  /** Passes over one value with all that is in it. Keeps its own stack, so that deep nesting costs a fault and never the call stack. */
  skip(limits: ScanLimits = {}): boolean {
    const { canonical = true, maxDepth = 100, maxTokens = 2_000_000 } = limits
    const bytes = this.#bytes
    /** For each open container where its last key starts and ends. */
    const keyStarts: number[] = []
    const keyEnds: number[] = []
    let depth = 0
    let tokens = 0
    do {
      if (depth > 0 && bytes[this.position] === END) {
        this.position++
        depth--
        continue
      }
      const previous = depth === 0 ? IN_LIST : (keyStarts[depth - 1] as number)
      if (previous !== IN_LIST) {
        if (!this.readKey(previous, keyEnds[depth - 1] as number, canonical)) return false
        keyStarts[depth - 1] = this.start
        keyEnds[depth - 1] = this.end
      }
      if (++tokens > maxTokens) return this.fail(`more than ${maxTokens} values, the last at byte ${this.position}`)
      const byte = bytes[this.position]
      if (byte === LIST || byte === DICTIONARY) {
        if (depth >= maxDepth) return this.fail(`nesting deeper than ${maxDepth} at byte ${this.position}`)
        keyStarts[depth] = byte === LIST ? IN_LIST : NO_KEY
        keyEnds[depth] = 0
        depth++
        this.position++
      } else if (!(byte === INTEGER ? this.readInteger() : this.readString())) return false
    } while (depth > 0)
    return true
  }

  /** Notes what is wrong; always false. */
  fail(fault: string): false {
    this.fault = fault
    return false
  }

  /** Says why the bytes from the position up to `at` do not begin a string. */
  #failAtPrefix(at: number): false {
    const bytes = this.#bytes
    const first = this.position
    if (first >= bytes.length) return this.fail(`the data ends at byte ${first}, inside a value`)
    if (at === first) return this.fail(`no value starts with the byte 0x${byteInHex(bytes[first] as number)} at byte ${first}`)
    if (at === bytes.length) return this.fail(`the data ends inside the string length at byte ${first}`)
    if (bytes[at] !== COLON) return this.fail(`a string length without its colon at byte ${first}`)
    return this.fail(`a string length that is not in its shortest form at byte ${first}`)
  }

  /** How the last string compares with the one from `previousStart` to `previousEnd`: positive if it comes after, 0 if they are equal. */
  #compareWith(previousStart: number, previousEnd: number): number {
    const bytes = this.#bytes
    const length = this.end - this.start
    const previousLength = previousEnd - previousStart
    const shared = Math.min(length, previousLength)
    for (let index = 0; index < shared; index++) {
      const difference = (bytes[this.start + index] as number) - (bytes[previousStart + index] as number)
      if (difference !== 0) return difference
    }
    return length - previousLength
  }
}

const DICTIONARY = 0x64
const LIST = 0x6c
const INTEGER = 0x69
const END = 0x65
const COLON = 0x3a
const MINUS = 0x2d
const ZERO = 0x30
const NINE = 0x39

/** In place of a key: the container is a list, or a dictionary whose first key is still to come. */
const IN_LIST = -2
const NO_KEY = -1

function byteInHex(byte: number): string {
  return byte.toString(16).padStart(2, '0')
}
