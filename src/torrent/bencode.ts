import { fromUtf8 } from '../base/bytes.ts'
import { type Decoded, decoded, undecodable } from '../base/decoded.ts'
import { DistroError } from '../base/errors.ts'

/** A bencoded value (BEP 3): integer, byte string, list or dictionary. */
export type Bencode = number | Uint8Array | readonly Bencode[] | BencodeDictionary

/** Keys are byte strings spelt in latin-1, one character a byte, so that `__proto__` is a key like any other. */
export type BencodeDictionary = ReadonlyMap<string, Bencode>

/** What `encodeBencode` takes: bencoded values, and text, which is written as UTF-8. */
export type Bencodable = number | string | Uint8Array | readonly Bencodable[] | ReadonlyMap<string, Bencodable>

/** How strict and how large. */
export interface BencodeOptions {
  /** False tolerates unsorted keys, which real clients send in messages; duplicate keys are refused in every case. Default true. */
  readonly canonical?: boolean
  /** Input bytes; default 10,000,000. */
  readonly maxBytes?: number
  /** Lists and dictionaries inside each other; default 100. */
  readonly maxDepth?: number
  /** Values in total, keys not counted; default 2,000,000. */
  readonly maxTokens?: number
}

/** Where a value stands in the bytes that hold it: from `start` up to, not including, `end`. */
export interface ByteSpan {
  readonly start: number
  readonly end: number
}

/** Decodes exactly one value (BEP 3). Byte strings are views of `bytes`; faults name the byte offset. */
export function decodeBencode(bytes: Uint8Array, options: BencodeOptions = {}): Decoded<Bencode> {
  const prefix = decodeBencodePrefix(bytes, options)
  if (!prefix.ok) return prefix
  const { value, length } = prefix.value
  if (length !== bytes.length) return undecodable(`${bytes.length - length} bytes follow the value, which ends at byte ${length}`)
  return decoded(value)
}

/** Decodes the value at the start of `bytes`; `length` says how many bytes it took. For messages with raw bytes behind it (BEP 9). */
export function decodeBencodePrefix(
  bytes: Uint8Array,
  options: BencodeOptions = {},
): Decoded<{ readonly value: Bencode; readonly length: number }> {
  const maxBytes = options.maxBytes ?? 10_000_000
  if (bytes.length > maxBytes) return undecodable(`${bytes.length} bytes, more than the limit of ${maxBytes}`)
  const reader = new BencodeReader(bytes, options)
  const value = reader.read()
  return value === undefined ? undecodable(reader.fault) : decoded({ value, length: reader.position })
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

/** Encodes `value` (BEP 3) with sorted keys. Throws INTERNAL for integers that are not safe and keys beyond latin-1. */
export function encodeBencode(value: Bencodable): Uint8Array {
  const writer = new BencodeWriter()
  writer.write(value)
  return writer.written()
}

/** The value if it is an integer. */
export function asInteger(value: Bencode | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined
}

/** The value if it is a byte string. */
export function asBytes(value: Bencode | undefined): Uint8Array | undefined {
  return value instanceof Uint8Array ? value : undefined
}

/** The text of a byte string that is valid UTF-8. */
export function asText(value: Bencode | undefined): string | undefined {
  return value instanceof Uint8Array ? fromUtf8(value) : undefined
}

/** The value if it is a list. */
export function asList(value: Bencode | undefined): readonly Bencode[] | undefined {
  return Array.isArray(value) ? (value as readonly Bencode[]) : undefined
}

/** The value if it is a dictionary. */
export function asDictionary(value: Bencode | undefined): BencodeDictionary | undefined {
  return value instanceof Map ? (value as BencodeDictionary) : undefined
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

/** Keeps its own stack, so that deep nesting costs a fault and never the call stack; trusts no claimed length. */
class BencodeReader {
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

class BencodeWriter {
  #bytes: Buffer = Buffer.alloc(256)
  #length = 0

  written(): Uint8Array {
    return new Uint8Array(this.#bytes.subarray(0, this.#length))
  }

  write(value: Bencodable): void {
    if (typeof value === 'number') this.#writeInteger(value)
    else if (typeof value === 'string') this.#writeBytes(Buffer.from(value, 'utf8'))
    else if (value instanceof Uint8Array) this.#writeBytes(value)
    else if (value instanceof Map) this.#writeDictionary(value as ReadonlyMap<string, Bencodable>)
    else this.#writeList(value as readonly Bencodable[])
  }

  #writeInteger(value: number): void {
    if (!Number.isSafeInteger(value)) throw new DistroError('INTERNAL', `${value} cannot be bencoded: it is not a safe integer.`)
    this.#writeText(`i${value}e`)
  }

  #writeBytes(bytes: Uint8Array): void {
    this.#writeText(`${bytes.length}:`)
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  #writeList(values: readonly Bencodable[]): void {
    this.#writeText('l')
    for (const value of values) this.write(value)
    this.#writeText('e')
  }

  #writeDictionary(entries: ReadonlyMap<string, Bencodable>): void {
    this.#writeText('d')
    for (const key of [...entries.keys()].sort(byCodeUnit)) {
      if (!isLatin1(key)) throw new DistroError('INTERNAL', `The key ${JSON.stringify(key)} cannot be bencoded: it is not latin-1.`)
      this.#writeText(`${key.length}:${key}`)
      this.write(entries.get(key) as Bencodable)
    }
    this.#writeText('e')
  }

  #writeText(text: string): void {
    this.#reserve(text.length)
    this.#length += this.#bytes.write(text, this.#length, 'latin1')
  }

  #reserve(extraBytes: number): void {
    if (this.#length + extraBytes <= this.#bytes.length) return
    const larger = Buffer.alloc(Math.max(this.#bytes.length * 2, this.#length + extraBytes))
    larger.set(this.#bytes)
    this.#bytes = larger
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= ZERO + 9
}

function byteInHex(byte: number): string {
  return byte.toString(16).padStart(2, '0')
}

function byCodeUnit(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

function isLatin1(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 255) return false
  return true
}
