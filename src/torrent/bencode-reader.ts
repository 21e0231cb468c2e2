import type { Bencode, BencodeOptions } from './bencode.ts'

/** Keeps its own stack, so that deep nesting costs a fault and never the call stack; trusts no claimed length. */
export class BencodeReader {
  position = 0
  fault = ''
  readonly #bytes: Uint8Array
  readonly #text: Buffer
  readonly #isCanonical: boolean
  readonly #maxDepth: number
  readonly #maxTokens: number

  constructor(bytes: Uint8Array, options: BencodeOptions) {
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#isCanonical = options.canonical ?? true
    this.#maxDepth = options.maxDepth ?? 100
    this.#maxTokens = options.maxTokens ?? 2_000_000
  }

  read(): Bencode | undefined {
    const outer: OpenContainer[] = []
    let inner: OpenContainer | undefined
    let tokens = 0
    for (;;) {
      const byte = this.#bytes[this.position]
      let value: Bencode | undefined
      if (byte === END && inner !== undefined) {
        if (inner.key !== undefined) return this.#fail(`a key without a value before byte ${this.position}`)
        this.position++
        value = inner.value
        inner = outer.pop()
      } else if (inner !== undefined && inner.value instanceof Map && inner.key === undefined) {
        if (!this.#readKey(inner, inner.value)) return undefined
        continue
      } else {
        if (++tokens > this.#maxTokens) return this.#fail(`more than ${this.#maxTokens} values, the last at byte ${this.position}`)
        if (byte === LIST || byte === DICTIONARY) {
          if (inner !== undefined) outer.push(inner)
          if (outer.length >= this.#maxDepth) return this.#fail(`nesting deeper than ${this.#maxDepth} at byte ${this.position}`)
          inner = { value: byte === LIST ? [] : new Map<string, Bencode>(), key: undefined, lastKey: undefined }
          this.position++
          continue
        }
        value = byte === INTEGER ? this.#readInteger() : this.#readString()
        if (value === undefined) return undefined
      }
      if (inner === undefined) return value
      if (inner.value instanceof Map) inner.value.set(inner.key as string, value)
      else inner.value.push(value)
      inner.key = undefined
    }
  }

  #readKey(dictionary: OpenContainer, entries: Map<string, Bencode>): boolean {
    const start = this.position
    const bytes = this.#readString()
    if (bytes === undefined) return false
    const key = this.#text.toString('latin1', this.position - bytes.length, this.position)
    const isSorted = dictionary.lastKey === undefined || dictionary.lastKey < key
    if (!isSorted && (this.#isCanonical || entries.has(key))) {
      this.#fail(`${entries.has(key) ? 'a duplicate key' : 'a key out of order'} at byte ${start}`)
      return false
    }
    if (isSorted) dictionary.lastKey = key
    dictionary.key = key
    return true
  }

  #readInteger(): number | undefined {
    const start = this.position
    const isNegative = this.#bytes[start + 1] === MINUS
    const firstDigit = isNegative ? start + 2 : start + 1
    let at = firstDigit
    let magnitude = 0
    for (; isDigit(this.#bytes[at]); at++) {
      magnitude = magnitude * 10 + ((this.#bytes[at] as number) - ZERO)
      if (magnitude > Number.MAX_SAFE_INTEGER) return this.#fail(`an integer beyond 2^53 - 1 at byte ${start}`)
    }
    if (at === this.#bytes.length) return this.#fail(`the data ends inside the integer at byte ${start}`)
    if (at === firstDigit || this.#bytes[at] !== END) return this.#fail(`a malformed integer at byte ${start}`)
    const isCanonical = magnitude === 0 ? at - firstDigit === 1 && !isNegative : this.#bytes[firstDigit] !== ZERO
    if (!isCanonical) return this.#fail(`an integer that is not in its shortest form at byte ${start}`)
    this.position = at + 1
    return isNegative ? -magnitude : magnitude
  }

  #readString(): Uint8Array | undefined {
    const start = this.position
    if (start === this.#bytes.length) return this.#fail(`the data ends at byte ${start}, inside a value`)
    let at = start
    let length = 0
    for (; isDigit(this.#bytes[at]); at++) {
      length = length * 10 + (this.#bytes[at] as number) - ZERO
      if (length > this.#bytes.length) return this.#fail(`a string longer than the data at byte ${start}`)
    }
    if (at === start) return this.#fail(`no value starts with the byte 0x${byteInHex(this.#bytes[start] as number)} at byte ${start}`)
    if (at === this.#bytes.length) return this.#fail(`the data ends inside the string length at byte ${start}`)
    if (this.#bytes[at] !== COLON) return this.#fail(`a string length without its colon at byte ${start}`)
    if (this.#bytes[start] === ZERO && at - start > 1)
      return this.#fail(`a string length that is not in its shortest form at byte ${start}`)
    const end = at + 1 + length
    if (end > this.#bytes.length) return this.#fail(`a string longer than the data at byte ${start}`)
    this.position = end
    return this.#bytes.subarray(at + 1, end)
  }

  #fail(fault: string): undefined {
    this.fault = fault
    return undefined
  }
}

const DICTIONARY = 0x64
const LIST = 0x6c
const INTEGER = 0x69
const END = 0x65
const COLON = 0x3a
const MINUS = 0x2d
const ZERO = 0x30

interface OpenContainer {
  readonly value: Bencode[] | Map<string, Bencode>
  /** The key that waits for its value. */
  key: string | undefined
  lastKey: string | undefined
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= ZERO + 9
}

function byteInHex(byte: number): string {
  return byte.toString(16).padStart(2, '0')
}
