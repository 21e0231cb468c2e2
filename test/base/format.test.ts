import { describe, expect, it } from 'vitest'
import {
  formatBytes,
  formatCount,
  formatNumber,
  formatRate,
  formatSeconds,
  formatShare,
  formatSize,
  percentOf,
} from '../../src/base/format.ts'

describe('figures for people', () => {
  it('give bytes in the unit that keeps them below a thousand', () => {
    expect([0, 812, 1_000, 1_536, 268_435_456, 2 ** 40, 1_023 * 2 ** 20].map(formatBytes)).toEqual([
      '0 B',
      '812 B',
      '1.0 KiB',
      '1.5 KiB',
      '256.0 MiB',
      '1.0 TiB',
      '1.0 GiB',
    ])
    expect(formatSize(262_144)).toBe('256 KiB')
    expect(formatRate(-1)).toBe('0 B/s')
    expect(formatShare(2 ** 20, 2 ** 30)).toBe('0.0/1.0 GiB')
  })

  it('give times with two units at most', () => {
    expect([0, 0.44, 9.96, 59.6, 61, 3_599.9, 7_500, 90_000].map(formatSeconds)).toEqual([
      '0 s',
      '0.4 s',
      '10 s',
      '1m00s',
      '1m01s',
      '1h00m',
      '2h05m',
      '1d1h',
    ])
  })

  it('say 100 per cent only when all is done', () => {
    expect([percentOf(999_999, 1_000_000), percentOf(1, 1), percentOf(2, 1), percentOf(0, 0)]).toEqual([99, 100, 100, 0])
  })

  it('count things', () => {
    expect([formatCount(0, 'peer'), formatCount(1, 'peer'), formatCount(12_345, 'file')]).toEqual(['0 peers', '1 peer', '12,345 files'])
    expect([formatNumber(999), formatNumber(100_000), formatNumber(1_234_567_890)]).toEqual(['999', '100,000', '1,234,567,890'])
  })
})
