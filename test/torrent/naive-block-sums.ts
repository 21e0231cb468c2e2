import { createHash } from 'node:crypto'
import type { BlockSums } from '../../src/torrent/block-sums.ts'

/** The sums of the blocks of files, as docs/formats.md words them and without the code that makes them. */
export function naiveBlockSums(contents: readonly Uint8Array[], blockBytes: number): BlockSums {
  const rows = contents.flatMap((content) => {
    const count = Math.floor(content.length / blockBytes)
    if (count < 4) return []
    return Array.from({ length: count }, (_, block) => sumOf(content.subarray(block * blockBytes, (block + 1) * blockBytes)))
  })
  return { blockBytes, sums: new Uint8Array(Buffer.concat(rows)) }
}

function sumOf(block: Uint8Array): Buffer {
  let sample = 0n
  for (const byte of block.subarray(0, 64)) sample = (sample * 0x9e3779b1n + BigInt(byte)) % 2n ** 32n
  let leaves = 0
  for (let start = 0; start < block.length; start += 16_384) {
    leaves += createHash('sha256')
      .update(block.subarray(start, start + 16_384))
      .digest()
      .readUInt16BE(0)
  }
  const row = Buffer.alloc(6)
  row.writeUInt32BE(Number(sample), 0)
  row.writeUInt16BE(leaves % 65_536, 4)
  return row
}
