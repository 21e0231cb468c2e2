import { type Decoded, decoded, undecodable } from '../base/decoded.ts'
import { type Bencode, decodeBencode } from './bencode.ts'
import { BencodeScanner, type ScanLimits } from './bencode-scanner.ts'

/**
 * One value in bytes that a scan found sound, read only as far as it is asked: a torrent of millions of values costs no more than
 * those that its reader looks at.
 */
export class BencodeView {
  /** Where the value starts in `bytes`, and where it ends. */
  readonly start: number
  readonly end: number
  readonly #source: Source

  private constructor(source: Source, start: number, end: number) {
    this.#source = source
    this.start = start
    this.end = end
  }

  /** The first value in `bytes`, of which there are 10,000,000 at most; or the fault that `BencodeScanner` finds in it. */
  static scan(bytes: Uint8Array, limits: ScanLimits = {}): Decoded<BencodeView> {
    if (bytes.length > MOST_BYTES) return undecodable(`${bytes.length} bytes, more than the limit of ${MOST_BYTES}`)
    const scanner = new BencodeScanner(bytes)
    if (!scanner.skip(limits)) return undecodable(scanner.fault)
    const source = {
      bytes: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length),
      text: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
    }
    return decoded(new BencodeView(source, 0, scanner.position))
  }

  /** What it is, as a message says it. */
  get kind(): 'an integer' | 'a string' | 'a list' | 'a dictionary' {
    const scanner = this.#scanner()
    if (scanner.isAtDictionary) return 'a dictionary'
    if (scanner.isAtList) return 'a list'
    return scanner.isAtInteger ? 'an integer' : 'a string'
  }

  /** The bytes that spell the value. */
  get raw(): Uint8Array {
    return this.#source.bytes.subarray(this.start, this.end)
  }

  /** The value if it is an integer. */
  integer(): number | undefined {
    const scanner = this.#scanner()
    return scanner.isAtInteger && scanner.readInteger() ? scanner.integer : undefined
  }

  /** The value if it is a byte string: a view of the bytes. */
  string(): Uint8Array | undefined {
    const scanner = this.#scanner()
    return scanner.readString() ? this.#source.bytes.subarray(scanner.start, scanner.end) : undefined
  }

  /** The elements if it is a list; of a longer list the first `limit`. */
  items(limit: number): BencodeView[] | undefined {
    const scanner = this.#scanner()
    if (!scanner.isAtList) return undefined
    scanner.position++
    const items: BencodeView[] = []
    while (items.length < limit && !scanner.isAtEnd) items.push(this.#next(scanner))
    return items
  }

  /** The entries if it is a dictionary, by key in latin-1; of a larger dictionary the first `limit`. */
  entries(limit: number): Map<string, BencodeView> | undefined {
    const scanner = this.#scanner()
    if (!scanner.isAtDictionary) return undefined
    scanner.position++
    const entries = new Map<string, BencodeView>()
    while (entries.size < limit && !scanner.isAtEnd && scanner.readString()) {
      const key = this.#source.text.toString('latin1', scanner.start, scanner.end)
      entries.set(key, this.#next(scanner))
    }
    return entries
  }

  /** The whole value; undefined if it is made of more than `maxTokens`. */
  build(maxTokens: number): Bencode | undefined {
    const built = decodeBencode(this.raw, { canonical: false, maxBytes: this.end, maxTokens })
    return built.ok ? built.value : undefined
  }

  #scanner(): BencodeScanner {
    return new BencodeScanner(this.#source.bytes, this.start)
  }

  #next(scanner: BencodeScanner): BencodeView {
    const start = scanner.position
    scanner.skip({ canonical: false })
    return new BencodeView(this.#source, start, scanner.position)
  }
}

const MOST_BYTES = 10_000_000

interface Source {
  readonly bytes: Uint8Array
  /** The same bytes, as the class that turns them into text quickly. */
  readonly text: Buffer
}
