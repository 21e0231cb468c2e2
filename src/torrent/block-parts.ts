import { crc32 } from 'node:zlib'

/**
 * Blocks in parts, which are compared by their sums before any of them is fetched: where little of a block changed, little of it moves. A
 * block ends with a shorter part if it must. Sums are CRC-32 (that of zip and zlib), big-endian: they are hints, and nothing that is
 * taken for right by one counts before the hash of its piece was.
 */
export const PART_BYTES = 512

/** What a sum takes. */
export const PART_SUM_BYTES = 4

/** What the sums of the parts of a block of `blockBytes` take. */
export function partSumsBytes(blockBytes: number): number {
  return Math.ceil(blockBytes / PART_BYTES) * PART_SUM_BYTES
}

/** Puts the sums of the parts of `block` into `sums` from `at` on. */
export function writePartSums(block: Uint8Array, sums: Uint8Array, at: number): void {
  const view = new DataView(sums.buffer, sums.byteOffset, sums.length)
  for (let begin = 0, place = at; begin < block.length; begin += PART_BYTES, place += PART_SUM_BYTES) {
    view.setUint32(place, crc32(block.subarray(begin, begin + PART_BYTES)))
  }
}

/** What of a block has to be fetched. */
export interface BlockGap {
  readonly block: number
  /** Where in the block it begins. */
  readonly begin: number
  /** 0 if nothing of the block is missing. */
  readonly lengthBytes: number
}

/** A block that is put together from parts which are right by their sums. */
export class BlockParts {
  readonly #lengthBytes: number
  readonly #sums: DataView
  readonly #isRight: Uint8Array
  #rightParts = 0

  /** Of a block of `lengthBytes`; `sums` has one for each of its parts. */
  constructor(lengthBytes: number, sums: Uint8Array) {
    this.#lengthBytes = lengthBytes
    this.#sums = new DataView(sums.buffer, sums.byteOffset, sums.length)
    this.#isRight = new Uint8Array(sums.length / PART_SUM_BYTES)
  }

  /** True once every part was right somewhere. */
  get isWhole(): boolean {
    return this.#rightParts === this.#isRight.length
  }

  /** True if no part was right anywhere. */
  get isEmpty(): boolean {
    return this.#rightParts === 0
  }

  /** Looks at `bytes`, which may well be what the block has from `offset` on; `onRight` gets each part that is right and was not before. */
  compare(bytes: Uint8Array, offset: number, onRight: (part: Uint8Array, begin: number) => void): void {
    for (let part = Math.ceil(offset / PART_BYTES); part < this.#isRight.length; part++) {
      const begin = part * PART_BYTES
      const end = Math.min(begin + PART_BYTES, this.#lengthBytes)
      if (end > offset + bytes.length) return
      if (this.#isRight[part] === 1) continue
      const content = bytes.subarray(begin - offset, end - offset)
      if (crc32(content) !== this.#sums.getUint32(part * PART_SUM_BYTES)) continue
      this.#isRight[part] = 1
      this.#rightParts++
      onRight(content, begin)
    }
  }

  /** From the first part that is missing to the end of the last one: one request is worth more than the parts between two that it repeats. */
  gapOf(block: number): BlockGap {
    const first = this.#isRight.indexOf(0)
    if (first < 0) return { block, begin: 0, lengthBytes: 0 }
    const begin = first * PART_BYTES
    const end = Math.min((this.#isRight.lastIndexOf(0) + 1) * PART_BYTES, this.#lengthBytes)
    return { block, begin, lengthBytes: end - begin }
  }
}
