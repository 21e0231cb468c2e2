import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BlockFinder, KNOWN, WANTED } from '../../../src/store/reuse/block-finder.ts'
import { sampleSum } from '../../../src/torrent/block-sums.ts'
import { naiveBlockSums } from '../../torrent/naive-block-sums.ts'
import { pseudoRandomBytes } from '../sample-torrent.ts'

const block = 16_384

interface FindOptions {
  readonly blockBytes?: number
  readonly expected?: number
  readonly end?: number
  /** Sums of blocks that are here already. */
  readonly known?: readonly number[]
}

/** Each sum that is found in `bytes` and where. */
function foundIn(bytes: Uint8Array, content: Uint8Array, options: FindOptions = {}) {
  const blocks = naiveBlockSums([content], options.blockBytes ?? block)
  const wanted = new Uint8Array(blocks.sums.length / 6).fill(WANTED)
  for (const sum of options.known ?? []) wanted[sum] = KNOWN
  const found = new Map<number, number>()
  new BlockFinder({ ...blocks, wanted }).find(bytes, options.end ?? bytes.length, options.expected ?? -1, (sum, position) => {
    expect(found.has(sum)).toBe(false)
    found.set(sum, position)
  })
  expect([...found.keys()].sort((left, right) => left - right)).toEqual([...wanted.keys()].filter((sum) => wanted[sum] === 0))
  return found
}

const content = pseudoRandomBytes(12 * block + 100, 3)
const from = (first: number, shift: number, count: number): [number, number][] =>
  Array.from({ length: count }, (_, index) => [first + index, (first + index) * block + shift])

describe('a finder of blocks', () => {
  it('finds all of them behind something that was inserted', () => {
    expect([...foundIn(Buffer.concat([Buffer.from('more'), content]), content)]).toEqual(from(0, 4, 12))
  })

  it('finds those that are left behind what was cut off', () => {
    expect([...foundIn(content.subarray(777), content)]).toEqual(from(1, -777, 11))
  })

  it('goes on behind what was changed in place', () => {
    const changed = Uint8Array.from(content)
    changed.fill(7, 3 * block + 50, 4 * block + 9)
    expect([...foundIn(changed, content)]).toEqual([...from(0, 0, 3), ...from(5, 0, 7)])
  })

  it('finds blocks that changed places', () => {
    const swapped = Buffer.concat([content.subarray(6 * block), content.subarray(0, 6 * block)])
    expect(new Map([...foundIn(swapped, content)].sort(([left], [right]) => left - right))).toEqual(
      new Map([...from(0, 6 * block + 100, 6), ...from(6, -6 * block, 6)]),
    )
  })

  it('looks only at what starts before the end that is given', () => {
    expect([...foundIn(content, content, { end: 2 * block + 1 })]).toEqual(from(0, 0, 3))
    expect([...foundIn(content, content, { end: 2 * block })]).toEqual(from(0, 0, 2))
    expect([...foundIn(content.subarray(0, 3 * block - 1), content)]).toEqual(from(0, 0, 2))
  })

  it('finds larger blocks by all of their leaves', () => {
    const changed = Buffer.concat([Buffer.from('x'), content])
    changed[1 + 5 * block] = (changed[1 + 5 * block] as number) ^ 1
    const found = foundIn(changed, content, { blockBytes: 2 * block })
    expect([...found]).toEqual([0, 1, 3, 4, 5].map((sum) => [sum, sum * 2 * block + 1]))
  })

  it('finds a block for all that are the same', () => {
    const page = content.subarray(0, block)
    const pages = Buffer.concat([page, page, content.subarray(block, 2 * block), page, page])
    expect([...foundIn(Buffer.concat([Buffer.from('!'), page]), pages)].sort()).toEqual([0, 1, 3, 4].map((sum) => [sum, 1]))
  })

  it('finds a block that begins as countless others do where it is expected, and right behind another', () => {
    const pages = Uint8Array.from(content)
    for (let page = 0; page < 12; page++) pages.fill(0, page * block, page * block + 200)
    const zeros = new Uint8Array(20 * block)
    const disk = Buffer.concat([zeros, pages])
    // Zeros alone say nothing, so the first of the pages is not found behind them, unless somebody knows where it is.
    expect([...foundIn(pages, pages, { expected: 0 })]).toEqual(from(0, 0, 12))
    const changed = Uint8Array.from(pages)
    changed.fill(9, 2 * block + 5_000, 3 * block + 5_000)
    expect([...foundIn(changed, pages, { expected: 0 })]).toEqual([...from(0, 0, 2), ...from(4, 0, 8)])
    expect(foundIn(disk, pages).size).toBeLessThanOrEqual(12)
  })

  it('is led by blocks that are known, tells of none of them, and of a wanted one that is the same as one', () => {
    const shifted = Buffer.concat([Buffer.from('more'), content])
    const known = [0, 1, 2, 5, 6, 8, 9, 11]
    expect([...foundIn(shifted, content, { known })]).toEqual([3, 4, 7, 10].map((sum) => [sum, sum * block + 4]))
    const page = content.subarray(0, block)
    const pages = Buffer.concat([page, content.subarray(block, 2 * block), page, page])
    expect([...foundIn(pages, pages, { known: [0, 1], expected: 0 })].sort()).toEqual([2, 3].map((sum) => [sum, 0]))
    expect([...foundIn(pages, pages, { known: [0, 1, 2, 3], expected: 0 })]).toEqual([])
    // A page that begins as countless places do is found behind one that is known.
    const begun = Uint8Array.from(content)
    begun.fill(0, block, block + 200)
    const disk = Buffer.concat([new Uint8Array(20 * block), Buffer.from('!'), begun])
    expect(foundIn(disk, begun, { known: [0] }).get(1)).toBe(21 * block + 1)
  })

  it('needs no longer for content that is known than its hash takes', () => {
    const long = pseudoRandomBytes(1_000 * block, 5)
    const known = [...new Array(999).keys()]
    const secondsOf = (options: FindOptions): number => {
      const before = process.cpuUsage()
      expect([...foundIn(Buffer.concat([Buffer.from('!'), long]), long, options)].at(-1)).toEqual([999, 999 * block + 1])
      return process.cpuUsage(before).user
    }
    const all = secondsOf({})
    expect(secondsOf({ known })).toBeLessThan(3 * all)
  })

  it('finds a block among thousands that begin alike', () => {
    const pages = pseudoRandomBytes(1_500 * block, 4)
    for (let page = 0; page < 1_500; page++) pages.fill(0, page * block, page * block + 100)
    const last = Buffer.concat([Buffer.from('!'), pages.subarray(1_400 * block)])
    // Two bytes do not tell all of so many from each other.
    const found = [...foundIn(last, pages)].filter(([sum]) => sum >= 1_400)
    expect(found).toEqual(Array.from({ length: 100 }, (_, page) => [1_400 + page, page * block + 1]))
  })

  it('forgets what was in vain before when it looks at other content', () => {
    const pages = Uint8Array.from(content)
    for (let page = 0; page < 12; page++) pages.fill(0, page * block, page * block + 100)
    const finder = new BlockFinder({ ...naiveBlockSums([pages], block), wanted: new Uint8Array(12).fill(1) })
    finder.find(new Uint8Array(2 * block), 2 * block, -1, () => expect.fail('nothing is there'))
    const found: number[] = []
    finder.find(Buffer.concat([Buffer.from('!'), pages]), pages.length, -1, (sum) => found.push(sum))
    expect(found).toEqual([...new Array(12).keys()])
  })

  it('needs no longer for content that is alike everywhere than for any other', () => {
    const blocks = naiveBlockSums([content], block)
    const wanted = new Uint8Array(blocks.sums.length / 6).fill(1)
    // All sums have the sample of zeros, and none is of a block of zeros: at each of a million places one could start.
    for (let sum = 0; sum < wanted.length; sum++) blocks.sums.fill(0, sum * 6, sum * 6 + 4)
    const finder = new BlockFinder({ ...blocks, wanted })
    const before = process.cpuUsage()
    finder.find(new Uint8Array(1_000_000 + block), 1_000_000, -1, () => expect.fail('nothing is there'))
    const { user } = process.cpuUsage(before)
    // Hashing a block at each place would take a minute.
    expect(user / 1_000_000).toBeLessThan(10)
  })

  it('needs no longer for sums that were made to have the sample of every place', () => {
    const blockBytes = 64 * block
    const bytes = pseudoRandomBytes(4 * blockBytes, 9)
    const sums = Buffer.alloc(20_000 * 6)
    for (let sum = 0; sum < 20_000; sum++) sums.writeInt32BE(sampleSum(bytes, sum), sum * 6)
    const finder = new BlockFinder({ blockBytes, sums, wanted: new Uint8Array(20_000).fill(1) })
    const before = process.cpuUsage()
    finder.find(bytes, bytes.length, -1, () => undefined)
    // Hashing a block of a MiB at each of 20,000 places would take ten seconds and more on any machine.
    expect(process.cpuUsage(before).user / 1_000_000).toBeLessThan(3)
  })

  it('finds every block that is left after any edits, each where its bytes are', () => {
    const edit = fc.record({ at: fc.nat({ max: content.length }), cut: fc.nat({ max: 30_000 }), put: fc.uint8Array({ maxLength: 50 }) })
    fc.assert(
      fc.property(
        fc.array(edit, { maxLength: 4 }),
        fc.constantFrom(-1, 0, 5),
        fc.subarray([...new Array(12).keys()]),
        (edits, expected, known) => {
          let bytes: Uint8Array = content
          for (const { at, cut, put } of edits) bytes = Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + cut)])
          const found = foundIn(bytes, content, { expected, known })
          for (let sum = 0; sum < 12; sum++) {
            if (known.includes(sum)) continue
            const original = Buffer.from(content.subarray(sum * block, (sum + 1) * block))
            const isLeft = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(original)
            const position = found.get(sum)
            expect(position !== undefined).toBe(isLeft)
            if (position !== undefined) expect(original.compare(bytes.subarray(position, position + block))).toBe(0)
          }
        },
      ),
      { numRuns: 60 },
    )
  })
})
