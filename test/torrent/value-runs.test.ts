import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Bencodable, encodeBencode } from '../../src/torrent/bencode.ts'
import { BencodeView } from '../../src/torrent/bencode-view.ts'
import { TorrentFields } from '../../src/torrent/torrent-fields.ts'
import { encodeRuns, readRuns } from '../../src/torrent/value-runs.ts'

function fieldsOf(value: Bencodable): TorrentFields {
  const view = BencodeView.scan(encodeBencode(new Map([['runs', value]])))
  if (!view.ok) throw new TypeError(view.fault)
  return new TorrentFields(view.value, 'it')
}

describe('runs of numbers', () => {
  const numbers = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 50 })

  it('are read back as they were written, and take no more room than the numbers do', () => {
    fc.assert(
      fc.property(numbers, (values) => {
        const runs = encodeRuns(values)
        expect(runs.length).toBeLessThanOrEqual(2 * values.length)
        expect(readRuns(fieldsOf(runs), 'runs', values.length, 0, 5)).toEqual(values)
      }),
    )
  })

  it('are read in one spelling only', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -1, max: 6 }), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 20 }),
        (list, count) => {
          let values: readonly number[]
          try {
            values = readRuns(fieldsOf(list), 'runs', count, 0, 5)
          } catch (error) {
            expect(error).toMatchObject({ code: expect.stringMatching(/^(TORRENT_INVALID|LIMIT_EXCEEDED)$/) })
            return
          }
          expect(values).toHaveLength(count)
          expect(encodeRuns(values)).toEqual(list)
        },
      ),
      { numRuns: 500 },
    )
  })

  it.each<[string, Bencodable, number, string, string]>([
    ['no list', 'x', 3, 'TORRENT_INVALID', 'it.runs is a string, not a list'],
    ['an empty list', [], 3, 'TORRENT_INVALID', 'it.runs is empty'],
    ['a number without how often', [1], 3, 'TORRENT_INVALID', 'it.runs[0] is no number with how often'],
    ['a text', ['a', 3], 3, 'TORRENT_INVALID', 'it.runs[0] is no number with how often'],
    ['too few', [1, 2], 3, 'TORRENT_INVALID', 'it.runs is for 2 entries, and there are 3'],
    ['too many', [1, 4], 3, 'TORRENT_INVALID', 'it.runs is not for 3 entries'],
    ['more than there are numbers', [1, 2 ** 53 - 1], 3, 'TORRENT_INVALID', 'it.runs is not for 3 entries'],
    ['a run of none', [1, 3, 2, 0], 3, 'TORRENT_INVALID', 'it.runs is not for 3 entries'],
    ['a run of less than none', [1, 4, 2, -1], 3, 'TORRENT_INVALID', 'it.runs is not for 3 entries'],
    ['a run in two', [1, 2, 1, 1], 3, 'TORRENT_INVALID', 'it.runs[2] is 1 once more'],
    ['a number that is too large', [6, 3], 3, 'TORRENT_INVALID', 'it.runs[0] is 6, not one from 0 to 5'],
    ['a number below', [-1, 3], 3, 'TORRENT_INVALID', 'it.runs[0] is -1, not one from 0 to 5'],
    ['a longer list than there can be', [1, 1, 2, 1, 3, 1, 4, 1], 3, 'LIMIT_EXCEEDED', 'more than 6 entries'],
    ['a list of nothing', [1, 1], 0, 'TORRENT_INVALID', 'it.runs is there, and there is nothing that it could be of'],
  ])('are refused with %s', (_, value, count, code, message) => {
    expect(() => readRuns(fieldsOf(value), 'runs', count, 0, 5)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    )
  })
})
