import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toHex } from '../../src/base/bytes.ts'
import { hashBlocks, merkleRoot, raiseLayer } from '../../src/torrent/merkle-tree.ts'
import { NaiveMerkleTree } from './naive-merkle.ts'

const content = (lengthBytes: number, seed: number): Uint8Array =>
  Uint8Array.from({ length: lengthBytes }, (_, index) => (index * 31 + (index >> 8) + seed) % 256)

describe('the merkle tree of a file', () => {
  it('is the one of a naive recomputation, from each of its layers', () => {
    const lengths = fc.oneof(fc.integer({ min: 1, max: 40_000 }), fc.integer({ min: 1, max: 20 * 16_384 }))
    fc.assert(
      fc.property(lengths, fc.nat(255), (lengthBytes, seed) => {
        const bytes = content(lengthBytes, seed)
        const naive = new NaiveMerkleTree(bytes)
        const leaves = hashBlocks(bytes)
        expect(leaves).toEqual(naive.layer(0))
        for (let level = 0; 2 ** level < leaves.length / 32; level++) {
          const layer = raiseLayer(leaves, 0, level)
          expect(layer).toEqual(naive.layer(level))
          expect(merkleRoot(layer, level)).toEqual(naive.root)
        }
        expect(merkleRoot(leaves, 0)).toEqual(naive.root)
      }),
      { numRuns: 40 },
    )
  })

  it('changes with every byte', () => {
    const bytes = content(50_000, 1)
    const root = toHex(merkleRoot(hashBlocks(bytes), 0))
    for (const place of [0, 16_383, 16_384, 49_999]) {
      const changed = Uint8Array.from(bytes)
      changed[place] = (changed[place] ?? 0) ^ 1
      expect(toHex(merkleRoot(hashBlocks(changed), 0))).not.toBe(root)
    }
  })

  it('is the hash of the file where that is one block', () => {
    // printf abc | sha256sum
    expect(toHex(merkleRoot(hashBlocks(Buffer.from('abc')), 0))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  })
})
