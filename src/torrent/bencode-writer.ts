import { DistroError } from '../base/errors.ts'
import type { Bencodable } from './bencode.ts'

/** Gathers bencoded bytes in one growing array. */
export class BencodeWriter {
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

function byCodeUnit(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

function isLatin1(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 255) return false
  return true
}
