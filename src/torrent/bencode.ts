import { fromUtf8 } from '../base/bytes.ts'
import { type Decoded, decoded, undecodable } from '../base/decoded.ts'
import { BencodeReader } from './bencode-reader.ts'
import { BencodeWriter } from './bencode-writer.ts'

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
