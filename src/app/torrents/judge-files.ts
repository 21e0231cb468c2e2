import { octal, placeOf } from '../../store/entry-attributes.ts'
import type { VerifyResult as TreeFlaws, UncheckedPiece } from '../../store/verify-tree.ts'
import type { TorrentInfo } from '../../torrent/info.ts'
import type { DamagedFile, VerifyResult } from './verify-request.ts'

/** Sharers of a piece that are named for each suspect or unchecked file: thousands of small files may lie in one piece. */
const NAMED_SHARERS = 3

/** What was found wrong with the bytes of a tree, and the files whose exec bit or mode is not as published, where these were looked at. */
export interface FileFlaws extends Omit<TreeFlaws, 'stamps' | 'verified'> {
  readonly wrongMode?: readonly number[]
}

/** Says of each file that is not as published what is known of it, in torrent order, and how many are wrong at least and at most. */
export function judgeFiles(info: TorrentInfo, found: FileFlaws): Pick<VerifyResult, 'damaged' | 'wrongFiles'> {
  const missing = new Set(found.missing)
  const certain = new Set([...found.missing, ...found.wrongLength, ...found.damaged])
  const sharers = sharersOf(found.shared, certain)
  const pathOf = (file: number): string => (info.files[file]?.path ?? []).join('/')
  const otherMode = new Set(found.wrongMode?.filter((file) => !certain.has(file) && !sharers.has(file)))
  const unchecked = uncheckedAmong(found.unchecked, (file) => certain.has(file) || sharers.has(file) || otherMode.has(file))
  const damaged = [...certain, ...otherMode, ...sharers.keys(), ...unchecked.keys()]
    .sort((left, right) => left - right)
    .map((file): DamagedFile => {
      const path = pathOf(file)
      if (certain.has(file)) return { path, state: missing.has(file) ? 'missing' : 'damaged' }
      if (otherMode.has(file)) {
        const mode = info.modes?.get(placeOf(info, file))
        const isExecutable = info.files[file]?.isExecutable === true
        return { path, state: 'mode', isExecutable, ...(mode === undefined ? {} : { mode: octal(mode) }) }
      }
      const others = sharers.get(file) ?? unchecked.get(file)
      const sharesPieceWith = (others?.named ?? []).map(pathOf)
      return { path, state: unchecked.has(file) ? 'unchecked' : 'suspect', sharesPieceWith, sharers: others?.count ?? 0 }
    })
  const least = certain.size + otherMode.size + fewestCulprits(found.shared, certain)
  return { damaged, wrongFiles: { least, most: damaged.length - unchecked.size } }
}

interface Sharers {
  readonly named: readonly number[]
  readonly count: number
}

/** With whom each suspect file shares a wrong piece: of several such pieces the one with the fewest files says most. */
function sharersOf(shared: readonly (readonly number[])[], certain: ReadonlySet<number>): ReadonlyMap<number, Sharers> {
  const sharers = new Map<number, Sharers>()
  for (const group of shared) {
    for (const file of group) {
      if (certain.has(file) || (sharers.get(file)?.count ?? Number.POSITIVE_INFINITY) < group.length) continue
      const named = group.slice(0, NAMED_SHARERS + 1).filter((other) => other !== file)
      sharers.set(file, { named: named.slice(0, NAMED_SHARERS), count: group.length - 1 })
    }
  }
  return sharers
}

/** With which flawed files those share a piece that could not be checked for it and of which nothing else `isKnown`: the first such piece says it. */
function uncheckedAmong(pieces: readonly UncheckedPiece[], isKnown: (file: number) => boolean): ReadonlyMap<number, Sharers> {
  const unchecked = new Map<number, Sharers>()
  for (const { files, flawed } of pieces) {
    for (const file of files) {
      if (!isKnown(file) && !unchecked.has(file)) unchecked.set(file, { named: flawed.slice(0, NAMED_SHARERS), count: flawed.length })
    }
  }
  return unchecked
}

/** The fewest files that explain every wrong piece: those of a piece lie side by side, so the last file of the first piece explains most. */
function fewestCulprits(shared: readonly (readonly number[])[], certain: ReadonlySet<number>): number {
  const culprits = new Set(certain)
  for (const group of shared) {
    const last = group.at(-1)
    if (last !== undefined && !group.some((file) => culprits.has(file))) culprits.add(last)
  }
  return culprits.size - certain.size
}
