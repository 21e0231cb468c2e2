import { KiB } from '../../base/units.ts'
import { parseSize } from './parse-size.ts'

/** Below this nothing would ever arrive: who writes `20` means `20M`. */
const LEAST_BYTES_PER_SECOND = KiB

/** Bytes a second from `500k`, `20M` or `20M/s`; `none` is `Infinity`. Undefined when it is not a rate of 1 KiB a second or more. */
export function parseRate(text: string): number | undefined {
  if (text.trim().toLowerCase() === 'none') return Number.POSITIVE_INFINITY
  const bytes = parseSize(text.trim().replace(/\/s$/i, ''))
  return bytes === undefined || bytes < LEAST_BYTES_PER_SECOND ? undefined : bytes
}
