import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDuration } from '../../src/cli/values/parse-duration.ts'
import { parseRate } from '../../src/cli/values/parse-rate.ts'
import { parseSize } from '../../src/cli/values/parse-size.ts'
import { parseTracker } from '../../src/cli/values/parse-tracker.ts'
import { parseWholeNumber } from '../../src/cli/values/parse-whole-number.ts'

describe('sizes', () => {
  it.each([
    ['0', 0],
    ['512', 512],
    ['256K', 262_144],
    ['256k', 262_144],
    [' 1M ', 1_048_576],
    ['1MiB', 1_048_576],
    ['1.5G', 1_610_612_736],
    ['2T', 2_199_023_255_552],
  ])('%j is %i bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes)
  })

  it.each(['', 'K', '-1K', '1e3', '0x10', '1 K', '1.K', '.5M', '0.3', '1P', '9999999999999999T', 'NaN', 'Infinity', '1K2'])(
    '%j is none',
    (text) => {
      expect(parseSize(text)).toBeUndefined()
    },
  )

  it('read back every whole number of KiB, MiB and GiB', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000 }), fc.constantFrom(...(['k', 'M', 'G'] as const)), (count, unit) => {
        expect(parseSize(`${count}${unit}`)).toBe(count * { k: 2 ** 10, M: 2 ** 20, G: 2 ** 30 }[unit])
      }),
    )
  })

  it('are whole and not negative, or undefined, whatever is typed', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const bytes = parseSize(text)
        expect(bytes === undefined || (Number.isSafeInteger(bytes) && bytes >= 0)).toBe(true)
      }),
    )
  })
})

describe('rates', () => {
  it('are sizes a second, and none is no limit', () => {
    expect(parseRate('500k')).toBe(512_000)
    expect(parseRate('20M/s')).toBe(20_971_520)
    expect(parseRate('none')).toBe(Number.POSITIVE_INFINITY)
    expect(parseRate('1k')).toBe(1_024)
    for (const text of ['0', '20', '1023', '0.5k', '', 'k', '-5', 'unlimited', '1M/m']) expect(parseRate(text)).toBeUndefined()
  })
})

describe('durations', () => {
  it.each([
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['2h', 7_200_000],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['250ms', 250],
    ['20d', 1_728_000_000],
    ['5M', 300_000],
  ])('%j is %i ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  it.each(['', '90', '0s', '-1s', '1s ago', 's', '1w', '25d', '1h 30m', '1..5h', '99999999999h', '1e3s'])('%j is none', (text) => {
    expect(parseDuration(text)).toBeUndefined()
  })

  it('fit into a timer, or are undefined, whatever is typed', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9.smhd]{1,12}$/), (text) => {
        const ms = parseDuration(text)
        expect(ms === undefined || (Number.isInteger(ms) && ms >= 1 && ms < 2 ** 31)).toBe(true)
      }),
    )
  })
})

describe('trackers', () => {
  it('are http, https or udp URLs with a host, and for udp a port', () => {
    for (const url of ['http://a/announce', 'https://a.example:8443/x?key=1', 'udp://[::1]:80', 'UDP://a:1/'])
      expect(parseTracker(url)).toBe(url)
    for (const url of ['udp://a/announce', 'ws://a', 'http://', 'a', '', 'http://a b/', 'file:///x', `http://a/${'x'.repeat(3_000)}`]) {
      expect(parseTracker(url)).toBeUndefined()
    }
  })
})

describe('whole numbers', () => {
  it('lie between their bounds', () => {
    expect(parseWholeNumber('7', 7, 9)).toBe(7)
    expect(parseWholeNumber(' 9 ', 7, 9)).toBe(9)
    for (const text of ['6', '10', '7.5', '+8', '1e1', '0x8', '', '٨']) expect(parseWholeNumber(text, 7, 9)).toBeUndefined()
  })
})
