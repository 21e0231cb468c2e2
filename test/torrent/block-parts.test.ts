import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BlockParts, PART_BYTES, partSumsBytes, writePartSums } from '../../src/torrent/block-parts.ts'
import { SeededRandom } from '../support/seeded-random.ts'

function sumsOf(block: Uint8Array): Uint8Array {
  const sums = new Uint8Array(partSumsBytes(block.length))
  writePartSums(block, sums, 0)
  return sums
}

/** Puts a block together from places that may hold parts of it; each is some bytes, and where in the block they would start. */
function joined(block: Uint8Array, places: readonly { readonly bytes: Uint8Array; readonly offset: number }[]) {
  const parts = new BlockParts(block.length, sumsOf(block))
  const into = new Uint8Array(block.length)
  const given: number[] = []
  for (const { bytes, offset } of places) {
    parts.compare(bytes, offset, (part, begin) => {
      into.set(part, begin)
      given.push(begin)
    })
  }
  return { parts, into, given, gap: parts.gapOf(3) }
}

describe('sums of parts', () => {
  it('are CRC-32, big-endian, one for each 512 bytes and one for what is left', () => {
    const block = new SeededRandom(1).bytes(2 * PART_BYTES + 9)
    const sums = Buffer.from(sumsOf(block))
    expect(sums.length).toBe(12)
    for (const [part, begin] of [0, PART_BYTES, 2 * PART_BYTES].entries()) {
      expect(sums.readUInt32BE(4 * part)).toBe(crc32(block.subarray(begin, begin + PART_BYTES)))
    }
    // The check value of CRC-32 that every description of it has.
    expect(Buffer.from(sumsOf(Buffer.from('123456789'))).toString('hex')).toBe('cbf43926')
  })

  it('stand where they are put', () => {
    const block = new SeededRandom(2).bytes(PART_BYTES)
    const sums = new Uint8Array(12)
    writePartSums(block, sums, 4)
    expect([sums.subarray(0, 4), sums.subarray(4, 8), sums.subarray(8)]).toEqual([new Uint8Array(4), sumsOf(block), new Uint8Array(4)])
  })
})

describe('a block in parts', () => {
  const block = new SeededRandom(3).bytes(16 * PART_BYTES)

  it('is missing as a whole before anything was looked at', () => {
    const { parts, gap } = joined(block, [])
    expect([parts.isWhole, parts.isEmpty]).toEqual([false, true])
    expect(gap).toEqual({ block: 3, begin: 0, lengthBytes: block.length })
  })

  it('is here where all of it stood somewhere', () => {
    const { parts, gap, into } = joined(block, [{ bytes: block, offset: 0 }])
    expect([parts.isWhole, parts.isEmpty]).toEqual([true, false])
    expect(gap).toEqual({ block: 3, begin: 0, lengthBytes: 0 })
    expect(into).toEqual(block)
  })

  it('has one part missing where one byte changed', () => {
    const before = block.slice()
    before[5 * PART_BYTES] = (before[5 * PART_BYTES] as number) ^ 1
    expect(joined(block, [{ bytes: before, offset: 0 }]).gap).toEqual({ block: 3, begin: 5 * PART_BYTES, lengthBytes: PART_BYTES })
  })

  it('has what lies between two changes missing, too', () => {
    const before = block.slice()
    for (const at of [3 * PART_BYTES + 7, 9 * PART_BYTES - 1]) before[at] = (before[at] as number) ^ 1
    expect(joined(block, [{ bytes: before, offset: 0 }]).gap).toEqual({ block: 3, begin: 3 * PART_BYTES, lengthBytes: 6 * PART_BYTES })
  })

  it('is put together from what was before and behind something that was put in', () => {
    // 100 bytes at 2,000 are new: what is behind them stood 100 bytes further in front.
    const before = Buffer.concat([block.subarray(0, 2_000), block.subarray(2_100)])
    const { gap, into } = joined(block, [
      { bytes: before, offset: 0 },
      { bytes: before, offset: 100 },
    ])
    expect(gap).toEqual({ block: 3, begin: 3 * PART_BYTES, lengthBytes: 2 * PART_BYTES })
    for (const begin of [0, 2_560]) expect(into.subarray(begin, begin + 1_500)).toEqual(block.subarray(begin, begin + 1_500))
  })

  it('is what it is by its right parts, whatever else is looked at, and each part is given once', () => {
    const change = fc.record({ at: fc.nat(9_000), length: fc.integer({ min: 1, max: 3_000 }) })
    const stretch = fc.record({ start: fc.nat(9_000), length: fc.nat(9_000), shift: fc.constantFrom(0, 0, 0, 1, 512) })
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9_000 }),
        fc.array(change, { maxLength: 4 }),
        fc.array(stretch, { maxLength: 4 }),
        (length, changes, stretches) => {
          const whole = new SeededRandom(length).bytes(length)
          const before = whole.slice()
          for (const { at, length: changed } of changes) before.fill(0, at, at + changed)
          const places = stretches.map(({ start, length: taken, shift }) => ({
            bytes: before.subarray(start, start + taken),
            offset: Math.min(start, length) + shift,
          }))
          const { gap, into, given, parts } = joined(whole, places)
          expect(new Set(given).size).toBe(given.length)
          for (const begin of given) expect(into.subarray(begin, begin + PART_BYTES)).toEqual(whole.subarray(begin, begin + PART_BYTES))
          const filled = into.slice()
          filled.set(whole.subarray(gap.begin, gap.begin + gap.lengthBytes), gap.begin)
          expect(filled).toEqual(whole)
          expect(parts.isWhole).toBe(gap.lengthBytes === 0)
          expect(parts.isEmpty).toBe(given.length === 0)
          expect(gap.begin + gap.lengthBytes).toBeLessThanOrEqual(length)
          if (gap.lengthBytes > 0) expect(given).not.toContain(gap.begin)
        },
      ),
    )
  })
})
