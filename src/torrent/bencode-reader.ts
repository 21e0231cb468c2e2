import type { Bencode, BencodeOptions } from './bencode.ts'
import { BencodeScanner } from './bencode-scanner.ts'

/** Builds values from bencode; keeps its own stack, so that deep nesting costs a fault and never the call stack. */
export class BencodeReader {
  readonly #bytes: Uint8Array
  readonly #text: Buffer
  readonly #scanner: BencodeScanner
  readonly #isCanonical: boolean
  readonly #maxDepth: number
  readonly #maxTokens: number

  constructor(bytes: Uint8Array, options: BencodeOptions) {
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#scanner = new BencodeScanner(bytes)
    this.#isCanonical = options.canonical ?? true
    this.#maxDepth = options.maxDepth ?? 100
    this.#maxTokens = options.maxTokens ?? 2_000_000
  }

  /** Where the value that was read ends. */
  get position(): number {
    return this.#scanner.position
  }

  /** What is wrong, after `read` gave undefined. */
  get fault(): string {
    return this.#scanner.fault
  }

  read(): Bencode | undefined {
    const scanner = this.#scanner
    const outer: OpenContainer[] = []
    let inner: OpenContainer | undefined
    let tokens = 0
    for (;;) {
      let value: Bencode | undefined
      if (inner !== undefined && scanner.isAtEnd) {
        scanner.position++
        value = inner.value
        inner = outer.pop()
      } else {
        if (inner?.value instanceof Map && !this.#readKey(inner, inner.value)) return undefined
        if (++tokens > this.#maxTokens) return this.#fail(`more than ${this.#maxTokens} values, the last at byte ${scanner.position}`)
        if (scanner.isAtList || scanner.isAtDictionary) {
          if (inner !== undefined) outer.push(inner)
          if (outer.length >= this.#maxDepth) return this.#fail(`nesting deeper than ${this.#maxDepth} at byte ${scanner.position}`)
          inner = { value: scanner.isAtList ? [] : new Map<string, Bencode>(), key: '', keyStart: -1, keyEnd: -1 }
          scanner.position++
          continue
        }
        value = this.#readPlain()
        if (value === undefined) return undefined
      }
      if (inner === undefined) return value
      if (inner.value instanceof Map) inner.value.set(inner.key, value)
      else inner.value.push(value)
    }
  }

  #readKey(dictionary: OpenContainer, entries: Map<string, Bencode>): boolean {
    const scanner = this.#scanner
    const first = scanner.position
    if (!scanner.readKey(dictionary.keyStart, dictionary.keyEnd, this.#isCanonical)) return false
    dictionary.keyStart = scanner.start
    dictionary.keyEnd = scanner.end
    dictionary.key = this.#text.toString('latin1', scanner.start, scanner.end)
    return this.#isCanonical || !entries.has(dictionary.key) || scanner.fail(`a duplicate key at byte ${first}`)
  }

  #readPlain(): number | Uint8Array | undefined {
    const scanner = this.#scanner
    if (scanner.isAtInteger) return scanner.readInteger() ? scanner.integer : undefined
    return scanner.readString() ? this.#bytes.subarray(scanner.start, scanner.end) : undefined
  }

  #fail(fault: string): undefined {
    this.#scanner.fail(fault)
    return undefined
  }
}

interface OpenContainer {
  readonly value: Bencode[] | Map<string, Bencode>
  /** The key that waits for its value, and where its content stands. */
  key: string
  keyStart: number
  keyEnd: number
}
