/** Bytes of a file, from `start` on. */
export interface ByteRange {
  readonly start: number
  readonly lengthBytes: number
}

/**
 * Reads a Range header (RFC 9110 section 14.2) for a file of `lengthBytes`: `bytes=a-b`, `bytes=a-` or `bytes=-n`.
 * Gives `whole` when it is to be ignored: there is none, it is malformed, of another unit, or names several ranges, which a server
 * need not answer in parts. Gives `unsatisfiable` when it begins beyond the end.
 */
export function parseByteRange(header: string | undefined, lengthBytes: number): ByteRange | 'whole' | 'unsatisfiable' {
  const set = /^bytes=(.*)$/i.exec(header ?? '')?.[1]
  if (set === undefined) return 'whole'
  const [range, another] = set.split(',').flatMap((part) => part.trim() || [])
  const [, first, last] = /^(\d*)-(\d*)$/.exec(range ?? '') ?? []
  if (another !== undefined || first === undefined || last === undefined) return 'whole'
  if (first === '') return last === '' ? 'whole' : suffix(Number(last), lengthBytes)
  const start = Number(first)
  const end = last === '' ? lengthBytes : Math.min(lengthBytes, Number(last) + 1)
  if (last !== '' && Number(last) < start) return 'whole'
  return start >= lengthBytes ? 'unsatisfiable' : { start, lengthBytes: end - start }
}

function suffix(count: number, lengthBytes: number): ByteRange | 'whole' | 'unsatisfiable' {
  if (count === 0) return 'unsatisfiable'
  // No Content-Range can say "nothing of nothing".
  if (lengthBytes === 0) return 'whole'
  const length = Math.min(count, lengthBytes)
  return { start: lengthBytes - length, lengthBytes: length }
}
