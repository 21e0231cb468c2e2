import { invalidTorrent, type TorrentFields } from './torrent-fields.ts'

/**
 * Numbers, many of which are like the one before, as a list of a number and how often it stands there, and so on. Neighbouring runs differ, so
 * that the same numbers always give the same list.
 */
export function encodeRuns(values: readonly number[]): readonly number[] {
  const runs: number[] = []
  for (const value of values) {
    const last = runs.length - 2
    if (last >= 0 && runs[last] === value) runs[last + 1] = (runs[last + 1] ?? 0) + 1
    else runs.push(value, 1)
  }
  return runs
}

/**
 * The `count` numbers that the runs under `key` stand for, each from `least` to `most`; none if `count` is 0, and then there is no list either. Throws
 * TORRENT_INVALID for anything but the list that `encodeRuns` makes of as many numbers, and LIMIT_EXCEEDED for one that is longer.
 */
export function readRuns(fields: TorrentFields, key: string, count: number, least: number, most: number): readonly number[] {
  const name = fields.nameOf(key)
  if (count === 0) {
    if (fields.has(key)) throw invalidTorrent(`${name} is there, and there is nothing that it could be of`)
    return []
  }
  const list = fields.list(key, 2 * count)
  const values: number[] = []
  for (let at = 0; at < list.length; at += 2) {
    const [value, times] = [list[at]?.integer(), list[at + 1]?.integer()]
    if (value === undefined || times === undefined) throw invalidTorrent(`${name}[${at}] is no number with how often it stands there`)
    if (value < least || value > most) throw invalidTorrent(`${name}[${at}] is ${value}, not one from ${least} to ${most}`)
    if (times < 1 || times > count - values.length) throw invalidTorrent(`${name} is not for ${count} entries`)
    if (value === values.at(-1)) throw invalidTorrent(`${name}[${at}] is ${value} once more`)
    for (let time = 0; time < times; time++) values.push(value)
  }
  if (values.length === count) return values
  throw invalidTorrent(`${name} is for ${values.length} entries, and there are ${count}`)
}
