import { equalBytes } from '../base/bytes.ts'

/**
 * A stretch of one layer of a file's merkle tree, and how much of the way to its root is proven beside it (BEP 52): what `hash request`
 * asks for, `hashes` gives and `hash reject` refuses.
 */
export interface HashRequest {
  /** The root of the file's tree, 32 bytes. */
  readonly root: Uint8Array
  /** How far above the leaves the stretch lies. */
  readonly baseLayer: number
  /** Of its first hash in that layer: a multiple of `length`. */
  readonly index: number
  /** How many hashes it has: a power of two. */
  readonly length: number
  /** Layers above the base layer that are to be proven; the root is none of them. */
  readonly proofLayers: number
}

/** A stretch has at most so many hashes: the leaves of a piece of 128 MiB, as in libtorrent (its hash_picker.cpp). */
export const MOST_HASHES = 8_192

/** We ask for fewer, the leaves of a piece of 32 MiB: more do not fit into the longest message that we take. */
export const MOST_ASKED_HASHES = 2_048

/**
 * How many hashes prove the stretch: one from each proof layer above the root of the stretch itself. The first log2(length) - 1 layers
 * follow from the stretch, and are counted without having a hash (BEP 52).
 */
export function uncleCount({ length, proofLayers }: Pick<HashRequest, 'length' | 'proofLayers'>): number {
  return Math.max(0, proofLayers - Math.log2(length) + 1)
}

/** True if both ask for the same. */
export function sameHashRequest(one: HashRequest, other: HashRequest): boolean {
  const isSamePlace = one.baseLayer === other.baseLayer && one.index === other.index && one.length === other.length
  return isSamePlace && one.proofLayers === other.proofLayers && equalBytes(one.root, other.root)
}
