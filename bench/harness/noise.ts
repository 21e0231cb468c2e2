import { createCipheriv, createHash } from 'node:crypto'

/** A stream of bytes that looks random, does not compress, and is the same everywhere. */
export interface Noise {
  /** The next so many bytes. */
  bytes(count: number): Buffer
  /** The next whole number from 0 to `limit` - 1; `limit` is at most 2^48. */
  below(limit: number): number
}

/** The stream with this name: AES in counter mode, the key of which is a digest of the name. */
export function noiseOf(name: string): Noise {
  const key = createHash('sha256').update(name).digest().subarray(0, 16)
  const cipher = createCipheriv('aes-128-ctr', key, Buffer.alloc(16))
  const bytes = (count: number): Buffer => cipher.update(Buffer.alloc(count))
  return { bytes, below: (limit) => Math.floor((bytes(6).readUIntLE(0, 6) / 2 ** 48) * limit) }
}
