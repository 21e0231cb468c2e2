import { createHash } from 'node:crypto'
import { lstatSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MiB } from '../../src/base/units.ts'
import { digestBytesOf, digestFiles } from '../../src/store/digest-files.ts'
import { stampOf } from '../../src/store/file-stamp.ts'
import type { PieceSpan } from '../../src/store/hash-jobs.ts'
import { sampleSum } from '../../src/torrent/block-sums.ts'
import { NaiveMerkleTree } from '../torrent/naive-merkle.ts'
import { pseudoRandomBytes } from './sample-torrent.ts'

const content = pseudoRandomBytes(2 * MiB + 12_345, 5)
const inHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const sha1 = (bytes: Uint8Array, zeros: number): string => createHash('sha1').update(bytes).update(new Uint8Array(zeros)).digest('hex')

/** The root over `leafCount` leaves, of which those beyond `bytes` are zero. */
function rootOver(bytes: Uint8Array, leafCount: number): string {
  let leaves = Array.from({ length: leafCount }, (_, leaf) => {
    const block = bytes.subarray(leaf * 16_384, (leaf + 1) * 16_384)
    return block.length === 0 ? Buffer.alloc(32) : createHash('sha256').update(block).digest()
  })
  while (leaves.length > 1) {
    leaves = Array.from({ length: leaves.length / 2 }, (_, index) =>
      createHash('sha256')
        .update(Buffer.concat(leaves.slice(2 * index, 2 * index + 2)))
        .digest(),
    )
  }
  return inHex(leaves[0] ?? Buffer.alloc(0))
}

/** Each digest of a reply, in hexadecimal. */
function rowsOf(digests: Uint8Array, rowBytes: number): string[] {
  return Array.from({ length: digests.length / rowBytes }, (_, row) => inHex(digests.subarray(row * rowBytes, (row + 1) * rowBytes)))
}

describe('digestFiles', () => {
  let folder = ''
  let path = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'distro-test-'))
    path = join(folder, 'file')
    writeFileSync(path, content)
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))
  const span = (position: number, lengthBytes: number, more: Partial<PieceSpan> = {}): PieceSpan => ({
    ...{ path, position, lengthBytes, stamp: undefined, leafCount: 8, zerosBehindBytes: 0 },
    ...more,
  })

  it('starts a piece with every span, and hashes each in the ways that are asked for', () => {
    const pieceLengthBytes = 131_072
    const spans = fc.array(
      fc.record({ start: fc.nat({ max: 8 }), lengthBytes: fc.integer({ min: 1, max: MiB }), zerosBehindBytes: fc.nat({ max: 200_000 }) }),
      { minLength: 1, maxLength: 5 },
    )
    fc.assert(
      fc.property(spans, fc.constantFrom('sha1', 'merkle', 'both'), (parts, digests) => {
        const expected = parts.flatMap(({ start, lengthBytes, zerosBehindBytes }) =>
          Array.from({ length: Math.ceil(lengthBytes / pieceLengthBytes) }, (_, piece) => {
            const from = start * pieceLengthBytes + piece * pieceLengthBytes
            const end = Math.min(from + pieceLengthBytes, start * pieceLengthBytes + lengthBytes)
            const bytes = content.subarray(from, end)
            const isLast = (piece + 1) * pieceLengthBytes >= lengthBytes
            const first = digests === 'merkle' ? '' : sha1(bytes, isLast ? zerosBehindBytes : 0)
            return first + (digests === 'sha1' ? '' : rootOver(bytes, 8))
          }),
        )
        const job = parts.map(({ start, ...more }) => span(start * pieceLengthBytes, more.lengthBytes, more))
        const reply = digestFiles({ kind: 'digest-files', pieceLengthBytes, digests, wantSums: false, spans: job })
        expect(reply.faults).toEqual([])
        expect(rowsOf(reply.digests, digestBytesOf(digests))).toEqual(expected)
      }),
      { numRuns: 40 },
    )
  })

  it.each([1, 16_384, 16_385, 49_152, 60_000])('gives a file of %i bytes that is no larger than a piece its own root', (lengthBytes) => {
    const tree = new NaiveMerkleTree(content.subarray(0, lengthBytes))
    const leafCount = 2 ** Math.ceil(Math.log2(Math.ceil(lengthBytes / 16_384)))
    const spans = [span(0, lengthBytes, { leafCount })]
    const { digests } = digestFiles({ kind: 'digest-files', pieceLengthBytes: 131_072, digests: 'merkle', wantSums: false, spans })
    expect(inHex(digests)).toBe(inHex(tree.root))
  })

  it('gives the sums of blocks too, where they are asked for', () => {
    const spans = [span(0, 150_000, { leafCount: 8 }), span(2 * MiB, 140_000, { leafCount: 8 }), span(131_072, 65_600, { leafCount: 8 })]
    const reply = digestFiles({ kind: 'digest-files', pieceLengthBytes: 131_072, digests: 'both', wantSums: true, spans })
    expect(reply.faults).toEqual([{ span: 1, systemCode: 'SHORT' }])
    const rows = rowsOf(reply.sums ?? new Uint8Array(), 6)
    expect(rows.slice(10, 19)).toEqual(new Array(9).fill('0'.repeat(12)))
    const sumOf = (start: number): string => {
      const block = content.subarray(start, start + 16_384)
      const sample = (sampleSum(block, 0) >>> 0).toString(16).padStart(8, '0')
      return sample + createHash('sha256').update(block).digest('hex').slice(0, 4)
    }
    expect(rows.slice(0, 9)).toEqual(Array.from({ length: 9 }, (_, block) => sumOf(block * 16_384)))
    expect(rows.slice(19, 23)).toEqual(Array.from({ length: 4 }, (_, block) => sumOf(131_072 + block * 16_384)))
  })

  it('gives no digest to the pieces of a span that cannot be read, and all to the others', () => {
    const stamp = stampOf(lstatSync(path, { bigint: true }))
    const spans = [
      span(0, 200_000),
      span(0, 200_000, { path: join(folder, 'absent') }),
      span(2 * MiB, 140_000),
      span(0, 200_000, { stamp: { ...stamp, mtimeNs: stamp.mtimeNs + 1n } }),
      span(131_072, 10, { stamp }),
    ]
    const reply = digestFiles({ kind: 'digest-files', pieceLengthBytes: 131_072, digests: 'merkle', wantSums: false, spans })
    expect(reply.faults).toEqual([
      { span: 1, systemCode: 'ENOENT' },
      { span: 2, systemCode: 'SHORT' },
      { span: 3, systemCode: 'CHANGED' },
    ])
    const none = '0'.repeat(64)
    const [first, second] = [content.subarray(0, 131_072), content.subarray(131_072, 200_000)].map((bytes) => rootOver(bytes, 8))
    expect(rowsOf(reply.digests, 32)).toEqual([first, second, ...Array(6).fill(none), rootOver(content.subarray(131_072, 131_082), 8)])
  })
})
