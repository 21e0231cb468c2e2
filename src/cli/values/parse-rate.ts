import { parseSize } from './parse-size.ts'

/** Bytes a second from `500k`, `20M` or `20M/s`; `none` is `Infinity`. Undefined when it is not a rate, or nothing could pass. */
export function parseRate(text: string): number | undefined {
  if (text.trim().toLowerCase() === 'none') return Number.POSITIVE_INFINITY
  const bytes = parseSize(text.trim().replace(/\/s$/i, ''))
  return bytes === undefined || bytes < 1 ? undefined : bytes
}
