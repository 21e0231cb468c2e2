import { BLOCK_BYTES, MiB } from '../base/units.ts'
import type { TorrentFile } from './info.ts'
import { beyondLimit, invalidTorrent, TorrentFields } from './torrent-fields.ts'

/**
 * Checksums of the blocks of large files, by which a later fetch finds them in files that it has, wherever they moved in them: the idea of
 * zsync (C. Phipps, 2004). They are hints, and nothing that is found by one counts before the hash of its piece was right.
 *
 * A sum is six bytes: `sampleSum` of the block, big-endian, then the sum, modulo 2^16 and big-endian, of the first two bytes of the leaves
 * (BEP 52) that the block is made of. Files have as many as they have whole blocks, in torrent order; those of fewer than four have none.
 */
export interface BlockSums {
  /** A power of two from 16 KiB on. */
  readonly blockBytes: number
  /** `SUM_BYTES` for each block. */
  readonly sums: Uint8Array
}

/** Of a sum: four of the sample, two of the leaves. */
export const SUM_BYTES = 6

/** How much of the start of a block `sampleSum` is over. */
export const SAMPLE_BYTES = 64

/** `sampleSum` is a polynomial in it. */
export const SAMPLE_FACTOR = 0x9e3779b1

/** What all sums of a torrent take at most: every host that comes by a magnet fetches them. Larger content has larger blocks. */
export const MOST_SUMS_BYTES: number = MiB

/** The key of the sums in what distro alone writes into an info dictionary, and the two in it. */
export const BLOCK_SUMS_KEY = 'blocks'
export const BLOCK_LENGTH_KEY = 'length'
export const SUMS_KEY = 'sums'

const LEAST_BLOCKS = 4
/** Enough for the largest torrent that there can be. */
const LARGEST_BLOCK = 1_048_576 * MiB

/** The first 64 bytes from `start` on as a polynomial in `SAMPLE_FACTOR`, modulo 2^32, the first byte with the highest power; a signed integer. */
export function sampleSum(bytes: Uint8Array, start: number): number {
  let sum = 0
  for (let at = start; at < start + SAMPLE_BYTES; at++) sum = (Math.imul(sum, SAMPLE_FACTOR) + (bytes[at] as number)) | 0
  return sum
}

type FileSize = Pick<TorrentFile, 'lengthBytes' | 'kind'>

/** The block length with which the sums of `files` take no more than they may. */
export function sumBlockBytes(files: readonly FileSize[]): number {
  let blockBytes = BLOCK_BYTES
  while (new SummedBlocks(files, blockBytes).count * SUM_BYTES > MOST_SUMS_BYTES) blockBytes *= 2
  return blockBytes
}

/** Which block of which file each sum is of. */
export class SummedBlocks {
  readonly blockBytes: number
  /** How many sums there are. */
  readonly count: number
  /** The first sum of each file; for one without sums that of the next. */
  readonly #firsts: Uint32Array

  constructor(files: readonly FileSize[], blockBytes: number) {
    this.blockBytes = blockBytes
    this.#firsts = new Uint32Array(files.length + 1)
    let count = 0
    for (const [index, { lengthBytes, kind }] of files.entries()) {
      this.#firsts[index] = count
      const blocks = kind === 'file' ? Math.floor(lengthBytes / blockBytes) : 0
      if (blocks >= LEAST_BLOCKS) count += blocks
    }
    this.#firsts[files.length] = count
    this.count = count
  }

  /** The sums of a file: from `first` up to, not including, `end`. */
  of(file: number): { readonly first: number; readonly end: number } {
    return { first: this.#firsts[file] ?? 0, end: this.#firsts[file + 1] ?? 0 }
  }

  /** The file that `sum` is of, and where in it its block starts. */
  placeOf(sum: number): { readonly file: number; readonly offsetBytes: number } {
    let low = 0
    let high = this.#firsts.length - 1
    while (high - low > 1) {
      const middle = (low + high) >>> 1
      if ((this.#firsts[middle] as number) <= sum) low = middle
      else high = middle
    }
    return { file: low, offsetBytes: (sum - (this.#firsts[low] as number)) * this.blockBytes }
  }
}

/**
 * The sums of larger blocks: `sums` has one for every 16 KiB that a file of `files` begins, and the result one for every `blockBytes` that
 * `SummedBlocks` counts.
 */
export function gatherSums(sums: Uint8Array, files: readonly FileSize[], blockBytes: number): Uint8Array {
  const blocks = new SummedBlocks(files, blockBytes)
  const gathered = Buffer.alloc(blocks.count * SUM_BYTES)
  const from = Buffer.from(sums.buffer, sums.byteOffset, sums.length)
  const ratio = blockBytes / BLOCK_BYTES
  let at = 0
  for (const [file, { lengthBytes, kind }] of files.entries()) {
    const { first, end } = blocks.of(file)
    for (let sum = first; sum < end; sum++) {
      const start = (at + (sum - first) * ratio) * SUM_BYTES
      gathered.writeInt32BE(from.readInt32BE(start), sum * SUM_BYTES)
      let leaves = 0
      for (let leaf = 0; leaf < ratio; leaf++) leaves += from.readUInt16BE(start + leaf * SUM_BYTES + 4)
      gathered.writeUInt16BE(leaves & 0xffff, sum * SUM_BYTES + 4)
    }
    if (kind === 'file') at += Math.ceil(lengthBytes / BLOCK_BYTES)
  }
  return new Uint8Array(gathered.buffer, gathered.byteOffset, gathered.length)
}

/**
 * Reads the sums of a torrent of `files`; undefined if it has none. Throws TORRENT_INVALID if there are not as many as there must be, and
 * LIMIT_EXCEEDED if they take more room than they may: a fetch sets aside ten times as much for them, in every worker.
 */
export function readBlockSums(own: TorrentFields, files: readonly FileSize[]): BlockSums | undefined {
  if (!own.has(BLOCK_SUMS_KEY)) return undefined
  const fields = new TorrentFields(own.get(BLOCK_SUMS_KEY), own.nameOf(BLOCK_SUMS_KEY))
  const blockBytes = fields.integer(BLOCK_LENGTH_KEY, BLOCK_BYTES)
  if (blockBytes > LARGEST_BLOCK || !Number.isInteger(Math.log2(blockBytes))) {
    throw invalidTorrent(`${fields.nameOf(BLOCK_LENGTH_KEY)} is ${blockBytes}, not a power of two up to ${LARGEST_BLOCK}`)
  }
  const sums = fields.bytes(SUMS_KEY)
  if (sums.length > MOST_SUMS_BYTES) throw beyondLimit(`${fields.nameOf(SUMS_KEY)} has more than ${MOST_SUMS_BYTES} bytes`)
  const { count } = new SummedBlocks(files, blockBytes)
  if (sums.length === count * SUM_BYTES) return { blockBytes, sums }
  const mustBe = `where ${count} blocks take ${count} x ${SUM_BYTES} = ${count * SUM_BYTES}`
  throw invalidTorrent(`${fields.nameOf(SUMS_KEY)} has ${sums.length} bytes, ${mustBe}`)
}
