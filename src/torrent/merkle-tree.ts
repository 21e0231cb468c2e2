import { hash } from 'node:crypto'
import { BLOCK_BYTES } from '../base/units.ts'

/**
 * The merkle tree of one file (BEP 52): SHA-256 over its blocks of 16 KiB, of which the last may be shorter, and over two hashes each
 * from there up. Beyond the end of the file the leaves are zero, so that their number is a power of two. A layer is one byte array, its
 * hashes one behind the other and without those that cover nothing but zero leaves; `level` says how far above the leaves it lies.
 */
export const MERKLE_HASH_BYTES = 32

/** The leaves: a hash for each block of `content`, which starts at the start of a block. */
export function hashBlocks(content: Uint8Array): Uint8Array {
  const layer = Buffer.alloc(Math.ceil(content.length / BLOCK_BYTES) * MERKLE_HASH_BYTES)
  writeLeaves(content, layer, 0)
  return new Uint8Array(layer.buffer, layer.byteOffset, layer.length)
}

/** Writes the leaves of `content`, which starts at the start of a block, into `layer` from leaf `first` on; how many they are. */
export function writeLeaves(content: Uint8Array, layer: Buffer, first: number): number {
  const count = Math.ceil(content.length / BLOCK_BYTES)
  for (let block = 0; block < count; block++) {
    writeSha256(content.subarray(block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES), layer, first + block)
  }
  return count
}

/** The layer `levels` above `layer`, which lies on `level`. A piece layer is log2(piece length / 16 KiB) above the leaves. */
export function raiseLayer(layer: Uint8Array, level: number, levels: number): Uint8Array {
  let raised = layer
  for (let step = 0; step < levels; step++) raised = pairUp(raised, padHash(level + step))
  return raised
}

/** The root of the smallest tree that holds `layer`, which lies on `level` and has at least one hash. */
export function merkleRoot(layer: Uint8Array, level: number): Uint8Array {
  const count = layer.length / MERKLE_HASH_BYTES
  return raiseLayer(layer, level, 32 - Math.clz32(count - 1))
}

const padHashes: Uint8Array[] = [new Uint8Array(MERKLE_HASH_BYTES)]

/** What stands on `level` where there are only zero leaves below. */
export function padHash(level: number): Uint8Array {
  for (let known = padHashes.length; known <= level; known++) {
    const below = padHashes[known - 1] as Uint8Array
    padHashes.push(pairUp(Buffer.concat([below, below]), below))
  }
  return padHashes[level] as Uint8Array
}

/** One hash for each two of `layer`; `pad` stands beside one that is left over. */
function pairUp(layer: Uint8Array, pad: Uint8Array): Uint8Array {
  const pairBytes = 2 * MERKLE_HASH_BYTES
  const count = Math.ceil(layer.length / pairBytes)
  const upper = Buffer.alloc(count * MERKLE_HASH_BYTES)
  for (let index = 0; index < count; index++) {
    const pair = layer.subarray(index * pairBytes, (index + 1) * pairBytes)
    writeSha256(pair.length === pairBytes ? pair : Buffer.concat([pair, pad]), upper, index)
  }
  return new Uint8Array(upper.buffer, upper.byteOffset, upper.length)
}

/** A digest that comes as text, a character a byte, costs less than one that comes as a buffer of its own. */
function writeSha256(bytes: Uint8Array, layer: Buffer, place: number): void {
  layer.write(hash('sha256', bytes, 'binary'), place * MERKLE_HASH_BYTES, 'latin1')
}
