import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BLOCK_BYTES, GiB } from '../../src/base/units.ts'
import { gatherSums, MOST_SUMS_BYTES, SUM_BYTES, SummedBlocks, sampleSum, sumBlockBytes } from '../../src/torrent/block-sums.ts'
import { decodeMetainfo } from '../../src/torrent/metainfo.ts'
import { dictionary, folderInfo, torrent } from './build-torrent.ts'
import { buildTorrent } from './build-v2.ts'

const file = (lengthBytes: number) => ({ lengthBytes, kind: 'file' as const })
const lengths = fc.array(fc.oneof(fc.nat({ max: 200_000 }), fc.nat({ max: 3_000_000 })), { maxLength: 12 })

describe('the sums of blocks', () => {
  it('are of the whole blocks of files that have four at least, each at one place', () => {
    fc.assert(
      fc.property(lengths, fc.constantFrom(1, 2, 8), (sizes, ratio) => {
        const blockBytes = ratio * BLOCK_BYTES
        const blocks = new SummedBlocks(sizes.map(file), blockBytes)
        const places = sizes.flatMap((lengthBytes, index) => {
          const count = Math.floor(lengthBytes / blockBytes)
          return count < 4 ? [] : Array.from({ length: count }, (_, block) => ({ file: index, offsetBytes: block * blockBytes }))
        })
        expect(blocks.count).toBe(places.length)
        expect(Array.from({ length: blocks.count }, (_, sum) => blocks.placeOf(sum))).toEqual(places)
        sizes.forEach((_, index) => {
          const { first, end } = blocks.of(index)
          expect(end - first).toBe(places.filter((place) => place.file === index).length)
          if (end > first) expect(blocks.placeOf(first)).toEqual({ file: index, offsetBytes: 0 })
        })
      }),
    )
  })

  it('sample the start of a block as a polynomial', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 64, maxLength: 80 }), fc.nat({ max: 16 }), (bytes, some) => {
        const start = Math.min(some, bytes.length - 64)
        let sum = 0n
        for (const byte of bytes.subarray(start, start + 64)) sum = (sum * 0x9e3779b1n + BigInt(byte)) % 2n ** 32n
        expect(sampleSum(bytes, start)).toBe(Number(BigInt.asIntN(32, sum)))
      }),
    )
  })

  it('take no more room than they may, whatever the size', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 64, noNaN: true }), { maxLength: 8 }), (sizes) => {
        const files = sizes.map((size) => file(Math.round(size * GiB)))
        const blockBytes = sumBlockBytes(files)
        expect(new SummedBlocks(files, blockBytes).count * SUM_BYTES).toBeLessThanOrEqual(MOST_SUMS_BYTES)
        if (blockBytes > BLOCK_BYTES) {
          expect(new SummedBlocks(files, blockBytes / 2).count * SUM_BYTES).toBeGreaterThan(MOST_SUMS_BYTES)
        }
      }),
    )
  })

  it('of larger blocks are made of those of 16 KiB', () => {
    const small = Buffer.from(Array.from({ length: 13 * SUM_BYTES }, (_, index) => (index * 37) % 256))
    // Nine blocks and a part of one; three and a part of one, which are too few.
    const gathered = Buffer.from(gatherSums(small, [file(9 * BLOCK_BYTES + 5), file(3 * BLOCK_BYTES + 5)], 2 * BLOCK_BYTES))
    const expected = [0, 2, 4, 6].flatMap((block) => {
      const leaves = (small.readUInt16BE(block * SUM_BYTES + 4) + small.readUInt16BE((block + 1) * SUM_BYTES + 4)) % 65_536
      return [...small.subarray(block * SUM_BYTES, block * SUM_BYTES + 4), leaves >> 8, leaves & 255]
    })
    expect([...gathered]).toEqual(expected)
  })

  const content = [{ path: ['a'], content: new Uint8Array(5 * BLOCK_BYTES + 1) }]
  const own = (fields: Record<string, Uint8Array | number>) => ({ distro: dictionary({ blocks: dictionary(fields) }) })

  it.each(['v2', 'hybrid'] as const)('are read from a torrent of %s', (format) => {
    const sums = Uint8Array.from({ length: 5 * SUM_BYTES }, (_, index) => index)
    const { bytes } = buildTorrent(content, 32_768, format, own({ length: BLOCK_BYTES, sums }))
    expect(decodeMetainfo(bytes).info.blockSums).toEqual({ blockBytes: BLOCK_BYTES, sums })
    expect(decodeMetainfo(buildTorrent(content, 32_768, format).bytes).info.blockSums).toBeUndefined()
  })

  it('are passed over in v1, where blocks of files are no blocks of pieces', () => {
    const info = folderInfo([dictionary({ path: ['a'], length: 10 })], own({ length: BLOCK_BYTES, sums: new Uint8Array(7) }))
    expect(decodeMetainfo(torrent(info)).info.blockSums).toBeUndefined()
  })

  it.each([
    ['too few', { length: BLOCK_BYTES, sums: new Uint8Array(24) }, 'info.distro.blocks.sums has 24 bytes, where 5 blocks take 5 x 6 = 30'],
    ['too many', { length: BLOCK_BYTES, sums: new Uint8Array(36) }, 'info.distro.blocks.sums has 36 bytes, where 5 blocks take 5 x 6 = 30'],
    [
      'sums of blocks that are too large',
      { length: 65_536, sums: new Uint8Array(6) },
      'info.distro.blocks.sums has 6 bytes, where 0 blocks',
    ],
    [
      'a length that is no power of two',
      { length: 3 * BLOCK_BYTES, sums: new Uint8Array(0) },
      'info.distro.blocks.length is 49152, not a power',
    ],
    ['a length that is too short', { length: 8_192, sums: new Uint8Array(0) }, 'info.distro.blocks.length is 8192, less than 16384'],
    [
      'a length beyond 2^53',
      { length: 2 ** 53 - 1, sums: new Uint8Array(0) },
      'info.distro.blocks.length is 9007199254740991, not a power',
    ],
    [
      'more of them than have room',
      { length: BLOCK_BYTES, sums: new Uint8Array(MOST_SUMS_BYTES + 1) },
      'info.distro.blocks.sums has more than 1048576 bytes',
    ],
    ['sums that are a number', { length: BLOCK_BYTES, sums: 5 }, 'info.distro.blocks.sums is an integer, not a string'],
    ['no sums', { length: BLOCK_BYTES }, 'info.distro.blocks.sums is missing'],
    ['no length', { sums: new Uint8Array(30) }, 'info.distro.blocks.length is missing'],
  ])('have a torrent refused with %s', (_, fields, message) => {
    const { bytes } = buildTorrent(content, 32_768, 'v2', own(fields as Record<string, Uint8Array | number>))
    expect(() => decodeMetainfo(bytes)).toThrow(message)
  })
})
