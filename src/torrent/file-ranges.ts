import { DistroError } from '../base/errors.ts'

/** Files by index, from `first` to `last`, both included (BEP 53). */
export interface FileRange {
  readonly first: number
  readonly last: number
}

/**
 * Reads `so` values such as `0,2,4-6` (BEP 53) into ranges in ascending order that do not touch; they are never expanded.
 * Throws MAGNET_INVALID for malformed ones and LIMIT_EXCEEDED for indexes beyond the 200,000 files that a torrent may have.
 */
export function parseFileRanges(values: readonly string[]): readonly FileRange[] {
  const ranges = values.flatMap((value) => value.split(',')).map(parseRange)
  ranges.sort((left, right) => left.first - right.first)
  const merged: FileRange[] = []
  for (const range of ranges) {
    const previous = merged[merged.length - 1]
    if (previous === undefined || range.first > previous.last + 1) merged.push(range)
    else if (range.last > previous.last) merged[merged.length - 1] = { first: previous.first, last: range.last }
  }
  return merged
}

const MOST_FILES = 200_000

function parseRange(text: string): FileRange {
  const parts = /^(\d{1,15})(?:-(\d{1,15}))?$/.exec(text)
  const first = Number(parts?.[1])
  const last = Number(parts?.[2] ?? first)
  if (parts === null || last < first) {
    throw new DistroError('MAGNET_INVALID', 'The magnet is malformed: its file selection (so) is not a list such as 0,2,4-6.', {
      hint: 'Leave the so parameter out to fetch all files.',
    })
  }
  if (last < MOST_FILES) return { first, last }
  throw new DistroError('LIMIT_EXCEEDED', `The magnet selects file ${last} (so), and a torrent has at most ${MOST_FILES}.`, {
    hint: 'Leave the so parameter out to fetch all files.',
  })
}
