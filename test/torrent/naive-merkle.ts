import { createHash } from 'node:crypto'
import { concatBytes } from '../../src/base/bytes.ts'

/** A merkle tree as BEP 52 words it, every node of it kept: the zero leaves are really there, up to a power of two. */
export class NaiveMerkleTree {
  readonly #levels: Uint8Array[][]
  readonly #blocks: number

  constructor(content: Uint8Array) {
    const leaves: Uint8Array[] = []
    for (let start = 0; start < content.length; start += 16_384) leaves.push(sha256(content.subarray(start, start + 16_384)))
    this.#blocks = leaves.length
    while (!Number.isInteger(Math.log2(leaves.length))) leaves.push(new Uint8Array(32))
    this.#levels = [leaves]
    for (let below = leaves; below.length > 1; ) {
      below = Array.from({ length: below.length / 2 }, (_, index) => sha256(concatBytes(below.slice(2 * index, 2 * index + 2))))
      this.#levels.push(below)
    }
  }

  get root(): Uint8Array {
    return this.#levels.at(-1)?.[0] ?? new Uint8Array()
  }

  /** Layers from the leaves to the root. */
  get height(): number {
    return this.#levels.length - 1
  }

  /** Every hash on `level`, of zero leaves too. */
  wholeLayer(level: number): readonly Uint8Array[] {
    return this.#levels[level] ?? []
  }

  /** The hashes on `level`, without those that cover nothing but zero leaves. */
  layer(level: number): Uint8Array {
    return concatBytes(this.#levels[level]?.slice(0, Math.ceil(this.#blocks / 2 ** level)) ?? [])
  }
}

function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(bytes).digest())
}
