import { describe, expect, test } from 'vitest'
import { parseRetryAfter } from '../../../src/web-seed/answers/retry-after.ts'

const now = new Date('2026-10-05T10:00:00Z')

describe('Retry-After', () => {
  test.each([
    ['7', undefined, 7_000],
    ['0', undefined, 0],
    ['86400', undefined, 300_000],
    ['999999999999999', undefined, 300_000],
    ['Mon, 05 Oct 2026 10:00:30 GMT', undefined, 30_000],
    ['Mon, 05 Oct 2026 09:00:00 GMT', undefined, 0],
    ['Mon, 05 Oct 2026 23:00:00 GMT', undefined, 300_000],
    // The clock of the server counts, not ours.
    ['Mon, 05 Oct 2026 23:00:10 GMT', 'Mon, 05 Oct 2026 23:00:00 GMT', 10_000],
    ['soon', undefined, undefined],
    ['-1', undefined, undefined],
    [undefined, undefined, undefined],
  ])('of %s at a server whose date is %s means %s ms', (text, date, ms) => {
    expect(parseRetryAfter(text, date, now)).toBe(ms)
  })
})
