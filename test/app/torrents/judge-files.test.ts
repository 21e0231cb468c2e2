import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judgeFiles } from '../../../src/app/torrents/judge-files.ts'
import { sampleTorrent } from '../../store/sample-torrent.ts'

const { info } = sampleTorrent(Array.from({ length: 12 }, (_, index) => [`file-${index}`, 1_000] as const))
const nothing = { isWhole: false, missing: [], wrongLength: [], damaged: [], shared: [], unchecked: [] }

describe('the judgement of files', () => {
  it('is certain of what is missing, of the wrong length, or wrong in a piece of its own', () => {
    const { damaged, wrongFiles } = judgeFiles(info, { ...nothing, missing: [4], wrongLength: [0], damaged: [2] })
    expect(damaged).toEqual([
      { path: 'file-0', state: 'damaged' },
      { path: 'file-2', state: 'damaged' },
      { path: 'file-4', state: 'missing' },
    ])
    expect(wrongFiles).toEqual({ least: 3, most: 3 })
  })

  it('suspects a file that shares a wrong piece with a damaged one, which may have been all', () => {
    const { damaged, wrongFiles } = judgeFiles(info, { ...nothing, damaged: [1], shared: [[0, 1]] })
    expect(damaged[0]).toEqual({ path: 'file-0', state: 'suspect', sharesPieceWith: ['file-1'], sharers: 1 })
    expect(wrongFiles).toEqual({ least: 1, most: 2 })
  })

  it('calls a file unchecked that shares a piece with a missing one, unless more is known of it, and counts it as neither right nor wrong', () => {
    const unchecked = [
      { files: [0, 1, 2, 5], flawed: [4] },
      { files: [5, 6], flawed: [7, 8, 9, 10] },
    ]
    const found = { ...nothing, missing: [4], wrongLength: [7, 8, 9, 10], damaged: [0], shared: [[1, 11]], wrongMode: [2], unchecked }
    const { damaged, wrongFiles } = judgeFiles(info, found)
    expect(damaged.map(({ path, state }) => `${path} ${state}`)).toEqual([
      'file-0 damaged',
      'file-1 suspect',
      'file-2 mode',
      'file-4 missing',
      'file-5 unchecked',
      'file-6 unchecked',
      'file-7 damaged',
      'file-8 damaged',
      'file-9 damaged',
      'file-10 damaged',
      'file-11 suspect',
    ])
    expect(damaged[4]).toMatchObject({ sharesPieceWith: ['file-4'], sharers: 1 })
    expect(damaged[5]).toMatchObject({ sharesPieceWith: ['file-7', 'file-8', 'file-9'], sharers: 4 })
    expect(wrongFiles).toEqual({ least: 8, most: 9 })
  })

  it('names three sharers at most, and says how many there are', () => {
    const { damaged } = judgeFiles(info, { ...nothing, shared: [[...info.files.keys()]] })
    expect(damaged[5]).toMatchObject({ state: 'suspect', sharesPieceWith: ['file-0', 'file-1', 'file-2'], sharers: 11 })
    expect(damaged[1]).toMatchObject({ state: 'suspect', sharesPieceWith: ['file-0', 'file-2', 'file-3'], sharers: 11 })
  })

  it('finds the fewest files that explain every wrong piece', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 1, max: 3 })), { maxLength: 5 })
    fc.assert(
      fc.property(steps, fc.subarray([...info.files.keys()]), (list, damaged) => {
        let first = 0
        const shared: number[][] = []
        for (const [skip, length] of list) {
          first += skip
          if (first + length >= info.files.length) break
          shared.push(Array.from({ length: length + 1 }, (_, index) => first + index))
          first += length
        }
        const { least, most } = judgeFiles(info, { ...nothing, damaged, shared }).wrongFiles
        expect(least).toBe(fewest(shared, damaged))
        expect(most).toBe(new Set([...damaged, ...shared.flat()]).size)
      }),
    )
  })
})

/** Tries every set of files. */
function fewest(shared: readonly (readonly number[])[], damaged: readonly number[]): number {
  let best = info.files.length
  for (let set = 0; set < 2 ** info.files.length; set++) {
    const has = (file: number): boolean => (set & (1 << file)) !== 0
    if (!damaged.every(has) || !shared.every((group) => group.some(has))) continue
    best = Math.min(best, [...info.files.keys()].filter(has).length)
  }
  return best
}
