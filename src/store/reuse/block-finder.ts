import { hash } from 'node:crypto'
import { BLOCK_BYTES } from '../../base/units.ts'
import { type BlockSums, SAMPLE_BYTES, SAMPLE_FACTOR, SUM_BYTES, sampleSum } from '../../torrent/block-sums.ts'

/** What is looked for. */
export interface SoughtBlocks extends BlockSums {
  /** For each sum `WANTED` while its block is looked for, `KNOWN`, or 0 for what nobody needs, or does not any more. Shared by all who look. */
  readonly wanted: Uint8Array
}

export const WANTED = 1
/** Of a block that is here already: it is not told of, and leads to what stands behind it as others do, so that content which is known is hashed and not searched. */
export const KNOWN = 2

/** The block of `sum` starts at `position`. */
export type OnBlock = (sum: number, position: number) => void

/**
 * A sample that so many times stood where no block did, in what is looked at at once, says nothing, as that of a page of zeros: it is not
 * followed any more there, or content that is full of it would be hashed at every byte. Such blocks are still found where they follow one that was found.
 */
const MOST_VAIN_MATCHES = 16
/**
 * Bytes that are hashed in vain for each byte that is looked at: there may be more samples than that in the sums of a torrent which was made
 * so that each place of some content has one, and blocks of which each takes as long as thousands of usual ones.
 */
const MOST_VAIN_HASHING = 4
/** How many bits the filter has for each sum, and at least: the more, the fewer samples are looked up in vain; a core's cache holds them. */
const FILTER_RATIO = 64
const LEAST_FILTER_BITS = 19
/** Spreads samples over the filter and the table. */
const SPREAD = 0x2c1b3c6d
const NONE = -1
/** A byte that leaves the sample takes itself along, times the factor to the power of the sample's length. */
const LEAVING = powerOfFactor(SAMPLE_BYTES)

/**
 * Finds blocks by their sums at any place in other content. Where one was found the next is expected right behind it, so what only moved
 * is hashed and nothing else; elsewhere the sample of every place is rolled on from the one before and looked up, at some hundred million
 * places a second.
 */
export class BlockFinder {
  readonly #blocks: SoughtBlocks
  readonly #view: DataView
  readonly #count: number
  /** A bit for each value that some of the high bits of a spread sample can have: set if a sum has it. */
  readonly #filter: { readonly bits: Uint32Array; readonly shift: number }
  /** A sum of each sample, in an open table. */
  readonly #samples: Int32Array
  /** The first of those that are the same, in an open table, and the next one after each. */
  readonly #firsts: Int32Array
  readonly #nexts: Int32Array
  readonly #mask: number
  /** For each place of the table. */
  readonly #vainMatches: Uint8Array
  /** What may still be hashed in vain. */
  #vainBytes = 0

  constructor(blocks: SoughtBlocks) {
    this.#blocks = blocks
    const { sums, wanted } = blocks
    this.#view = new DataView(sums.buffer, sums.byteOffset, sums.length)
    this.#count = sums.length / SUM_BYTES
    const bits = Math.max(LEAST_FILTER_BITS, Math.ceil(Math.log2(this.#count * FILTER_RATIO)))
    this.#filter = { bits: new Uint32Array(2 ** (bits - 5)), shift: 32 - bits }
    this.#mask = 2 ** Math.ceil(Math.log2(Math.max(2, this.#count * 2))) - 1
    this.#samples = new Int32Array(this.#mask + 1).fill(NONE)
    this.#firsts = new Int32Array(this.#mask + 1).fill(NONE)
    this.#vainMatches = new Uint8Array(this.#mask + 1)
    this.#nexts = new Int32Array(this.#count).fill(NONE)
    // One of those that are equal leads on as well as another; it comes after all that are wanted.
    for (let sum = 0; sum < this.#count; sum++) if (wanted[sum] === KNOWN && !this.#hasEqual(sum)) this.#add(sum)
    // From the back, so that of equal blocks the first is found first.
    for (let sum = this.#count - 1; sum >= 0; sum--) if (wanted[sum] === WANTED) this.#add(sum)
  }

  /**
   * Looks for blocks that start in `bytes` before `end` and are whole in them. `expected` is the sum whose block may well start right at the
   * beginning, or -1.
   */
  find(bytes: Uint8Array, end: number, expected: number, onBlock: OnBlock): void {
    const { blockBytes, wanted } = this.#blocks
    const { bits, shift } = this.#filter
    const stop = Math.min(end, bytes.length - blockBytes + 1)
    this.#vainBytes = MOST_VAIN_HASHING * bytes.length
    this.#vainMatches.fill(0)
    let due = expected
    let dueAt = expected === NONE ? Number.POSITIVE_INFINITY : 0
    let at = 0
    let sample = 0
    let sampleAt = NONE
    while (at < stop) {
      let found = NONE
      if (at === dueAt) {
        if (wanted[due] !== 0 && this.#leafSum(due) === leafSumAt(bytes, at, blockBytes)) found = due
        // What is between two places that did not change was changed: the one after it is where it was.
        due++
        dueAt = due < this.#count ? at + blockBytes : Number.POSITIVE_INFINITY
      }
      if (sampleAt !== at) sample = sampleSum(bytes, at)
      if (found === NONE) found = this.#lookUp(bytes, at, sample)
      if (found !== NONE) {
        this.#take(found, at, onBlock)
        due = found + 1
        at += blockBytes
        dueAt = due < this.#count ? at : Number.POSITIVE_INFINITY
        sampleAt = NONE
        continue
      }
      sample = this.#roll(bytes, at, sample)
      at++
      // The way from place to place is the hot path of everything that was changed: one loop, and all that it needs at hand.
      for (const until = Math.min(stop, dueAt); at < until; at++) {
        const place = Math.imul(sample, SPREAD) >>> shift
        if ((((bits[place >>> 5] as number) >>> (place & 31)) & 1) === 1) break
        sample = (Math.imul(sample, SAMPLE_FACTOR) + (bytes[at + SAMPLE_BYTES] as number) - Math.imul(bytes[at] as number, LEAVING)) | 0
      }
      sampleAt = at
    }
  }

  #roll(bytes: Uint8Array, at: number, sample: number): number {
    return (Math.imul(sample, SAMPLE_FACTOR) + (bytes[at + SAMPLE_BYTES] as number) - Math.imul(bytes[at] as number, LEAVING)) | 0
  }

  #passes(sample: number): boolean {
    const { bits, shift } = this.#filter
    const place = Math.imul(sample, SPREAD) >>> shift
    return (((bits[place >>> 5] as number) >>> (place & 31)) & 1) === 1
  }

  /** The first wanted sum with this sample whose block starts `at` here, else one that is known; -1 if there is none. */
  #lookUp(bytes: Uint8Array, at: number, sample: number): number {
    if (!this.#passes(sample)) return NONE
    const place = this.#sampleAt(sample)
    if (this.#samples[place] === NONE || (this.#vainMatches[place] as number) >= MOST_VAIN_MATCHES || this.#vainBytes <= 0) return NONE
    const leafSum = leafSumAt(bytes, at, this.#blocks.blockBytes)
    for (const sum of this.#same(sample, leafSum)) return sum
    this.#vainMatches[place] = (this.#vainMatches[place] as number) + 1
    this.#vainBytes -= this.#blocks.blockBytes
    return NONE
  }

  /** A block is found once for all that are the same. */
  #take(found: number, position: number, onBlock: OnBlock): void {
    this.#tell(found, position, onBlock)
    for (const sum of this.#same(this.#sample(found), this.#leafSum(found))) this.#tell(sum, position, onBlock)
  }

  #tell(sum: number, position: number, onBlock: OnBlock): void {
    const { wanted } = this.#blocks
    if (wanted[sum] !== WANTED) return
    wanted[sum] = 0
    onBlock(sum, position)
  }

  /** Of the sums that are this one those that are wanted, then one that is known; those that were found are not looked at again. */
  *#same(sample: number, leafSum: number): Generator<number, undefined> {
    const { wanted } = this.#blocks
    const place = this.#firstAt(sample, leafSum)
    let last = NONE
    let next = NONE
    for (let sum = this.#firsts[place] as number; sum !== NONE; sum = next) {
      next = this.#nexts[sum] as number
      if (wanted[sum] !== 0) {
        yield sum
        last = sum
      } else if (last !== NONE) this.#nexts[last] = next
      else if (next !== NONE) this.#firsts[place] = next
    }
  }

  #hasEqual(sum: number): boolean {
    return this.#firsts[this.#firstAt(this.#sample(sum), this.#leafSum(sum))] !== NONE
  }

  #add(sum: number): void {
    const sample = this.#sample(sum)
    const { bits, shift } = this.#filter
    const bit = Math.imul(sample, SPREAD) >>> shift
    bits[bit >>> 5] = (bits[bit >>> 5] as number) | (1 << (bit & 31))
    this.#samples[this.#sampleAt(sample)] = sum
    const place = this.#firstAt(sample, this.#leafSum(sum))
    this.#nexts[sum] = this.#firsts[place] as number
    this.#firsts[place] = sum
  }

  /** Where its table has this sample, or would. */
  #sampleAt(sample: number): number {
    let place = this.#spread(sample)
    for (let sum = this.#samples[place] as number; sum !== NONE; sum = this.#samples[place] as number) {
      if (this.#sample(sum) === sample) break
      place = (place + 1) & this.#mask
    }
    return place
  }

  /** Where its table has this sum, or would. */
  #firstAt(sample: number, leafSum: number): number {
    let place = this.#spread(sample ^ Math.imul(leafSum, LEAVING))
    for (let sum = this.#firsts[place] as number; sum !== NONE; sum = this.#firsts[place] as number) {
      if (this.#sample(sum) === sample && this.#leafSum(sum) === leafSum) break
      place = (place + 1) & this.#mask
    }
    return place
  }

  #spread(key: number): number {
    return (Math.imul(key, SPREAD) >>> 7) & this.#mask
  }

  #sample(sum: number): number {
    return this.#view.getInt32(sum * SUM_BYTES)
  }

  #leafSum(sum: number): number {
    return this.#view.getUint16(sum * SUM_BYTES + 4)
  }
}

/** The sum of the first two bytes of each leaf of the block `at` this place, as `BlockSums` has it. */
function leafSumAt(bytes: Uint8Array, at: number, blockBytes: number): number {
  let sum = 0
  for (let leaf = at; leaf < at + blockBytes; leaf += BLOCK_BYTES) {
    const digest = hash('sha256', bytes.subarray(leaf, leaf + BLOCK_BYTES), 'binary')
    sum += digest.charCodeAt(0) * 256 + digest.charCodeAt(1)
  }
  return sum & 0xffff
}

function powerOfFactor(exponent: number): number {
  let power = 1
  for (let count = 0; count < exponent; count++) power = Math.imul(power, SAMPLE_FACTOR)
  return power
}
