/**
 * A set of piece indexes in the form that the wire uses (BEP 3): the high bit of the first byte is piece 0.
 * Keeps a count, so that "is it complete" costs nothing.
 */
export class Bitfield {
  /** Number of pieces that the set can hold. */
  readonly length: number
  /** The bits as BEP 3 sends them; the spare bits at the end are 0. Treat as read-only. */
  readonly bytes: Uint8Array
  #count = 0

  constructor(length: number) {
    this.length = length
    this.bytes = new Uint8Array((length + 7) >> 3)
  }

  /** A set from the bytes of a bitfield message; undefined unless there are exactly ceil(length / 8) bytes and no spare bit is set (BEP 3). */
  static fromBytes(bytes: Uint8Array, length: number): Bitfield | undefined {
    if (bytes.length !== (length + 7) >> 3) return undefined
    const spareBits = bytes.length * 8 - length
    if (spareBits > 0 && ((bytes[bytes.length - 1] as number) & ((1 << spareBits) - 1)) !== 0) return undefined
    const field = new Bitfield(length)
    field.bytes.set(bytes)
    for (const byte of bytes) field.#count += onesIn(byte)
    return field
  }

  /** Number of pieces in the set. */
  get count(): number {
    return this.#count
  }

  get isComplete(): boolean {
    return this.#count === this.length
  }

  has(index: number): boolean {
    return (((this.bytes[index >> 3] as number) >> (7 - (index & 7))) & 1) === 1
  }

  /** Puts `index` in; false if it was in already. */
  add(index: number): boolean {
    const mask = 128 >> (index & 7)
    const byte = this.bytes[index >> 3] as number
    if ((byte & mask) !== 0) return false
    this.bytes[index >> 3] = byte | mask
    this.#count++
    return true
  }

  /** Takes `index` out; false if it was not in. */
  delete(index: number): boolean {
    const mask = 128 >> (index & 7)
    const byte = this.bytes[index >> 3] as number
    if ((byte & mask) === 0) return false
    this.bytes[index >> 3] = byte & ~mask
    this.#count--
    return true
  }

  /** Every index in the set, from the lowest. */
  *members(): IterableIterator<number> {
    for (let index = 0; index < this.length; index++) if (this.has(index)) yield index
  }

  /** Another set with the same members. */
  copy(): Bitfield {
    const copy = new Bitfield(this.length)
    copy.bytes.set(this.bytes)
    copy.#count = this.#count
    return copy
  }

  /** Puts every index in. */
  fill(): void {
    for (let index = 0; index < this.length; index++) this.add(index)
  }

  /** Takes every index out. */
  clear(): void {
    this.bytes.fill(0)
    this.#count = 0
  }
}

function onesIn(byte: number): number {
  let rest = byte
  let ones = 0
  for (; rest !== 0; rest &= rest - 1) ones++
  return ones
}
