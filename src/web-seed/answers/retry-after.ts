/**
 * How long a server wants to be left alone, in milliseconds: Retry-After (RFC 9110, 10.2.3) as seconds or as a date, which is
 * compared with the server's own `date` where it gives one. At most 5 min; undefined when it is absent or malformed.
 */
export function parseRetryAfter(text: string | undefined, date: string | undefined, now: Date): number | undefined {
  if (text === undefined) return undefined
  if (/^\s*\d{1,15}\s*$/.test(text)) return Math.min(MAX_RETRY_AFTER_MS, Number(text) * 1_000)
  const until = / GMT\s*$/.test(text) ? Date.parse(text) : Number.NaN
  const from = Date.parse(date ?? '')
  if (Number.isNaN(until)) return undefined
  return Math.min(MAX_RETRY_AFTER_MS, Math.max(0, until - (Number.isNaN(from) ? now.getTime() : from)))
}

/** The longest that a server may ask us to stay away. */
export const MAX_RETRY_AFTER_MS = 300_000
