import type { Dirent, Stats } from 'node:fs'
import { lstat, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { TorrentInfo } from '../torrent/info.ts'
import { quoteName } from '../torrent/quote-name.ts'
import { systemCode } from './disk-error.ts'
import { attributeDifference, attributesAt, attributesSeen, placeOf } from './entry-attributes.ts'
import { hasExecBit, isRightExecBit } from './exec-bit.ts'
import { contentPath } from './file-layout.ts'
import { firstDifference } from './first-difference.ts'
import type { HashPool } from './hash-pool.ts'
import { type Look, lookOrThrow } from './look.ts'
import { lookAt } from './look-at.ts'
import type { Selection } from './selection.ts'
import { everyEntry, treeShape } from './tree-shape.ts'

/** What a tree is not as it should be in. */
export interface TreeDifference {
  /** Follows the name of the tree, such as `"a.txt" is missing`. */
  readonly words: string
  /** True if everything that is there is right but for modes and times of folders, and something is missing or such a folder is there. */
  readonly isLack: boolean
}

/**
 * The first thing in which `target` is not exactly the wanted files, each with the bytes that it has in `staged`; that something is
 * missing is only told where nothing else is wrong. Undefined if nothing is.
 */
export async function treeDifference(
  info: TorrentInfo,
  selection: Selection,
  staged: string,
  target: string,
  pool: HashPool,
): Promise<TreeDifference | undefined> {
  const difference = await shapeDifference(info, selection, target, pool)
  if (difference?.isLack === false) return difference
  const files = selection.fileIndexes()
  const paths = files.map((file) => contentPath(info, target, file))
  const looks = difference === undefined ? undefined : await lookAt(paths, { pool })
  const there = [...files.keys()].filter((index) => looks === undefined || looks.at(index) !== undefined)
  const pairs = there.map((index) => [contentPath(info, staged, files[index] as number), paths[index] as string] as const)
  const different = await firstDifference(pairs, pool)
  return different === undefined
    ? difference
    : { words: contentDiffers(info, [files[there[different] as number] as number]), isLack: false }
}

/** The same, with a look at names and lengths alone, which the workers of `pool` take where there are many files. */
export async function shapeDifference(
  info: TorrentInfo,
  selection: Selection,
  target: string,
  pool: HashPool,
): Promise<TreeDifference | undefined> {
  const root = await lstat(target)
  const { wrong, missing } = info.isSingleFile
    ? { wrong: fileDifference(info, root) ?? (await otherwise(info, '', target)) }
    : await entryDifference(info, selection, target, root, pool)
  if (wrong !== undefined) return { words: wrong, isLack: false }
  return missing === undefined ? undefined : { words: missing, isLack: true }
}

function fileDifference(info: TorrentInfo, root: Stats): string | undefined {
  if (!root.isFile()) return 'it is a directory, not a file'
  return lengthDifference(root.size, info.files[0]?.lengthBytes ?? 0) ?? execBitDifference(info, 0, root.mode)
}

/** In a mode or a time, where the torrent says them. */
async function otherwise(info: TorrentInfo, place: string, path: string): Promise<string | undefined> {
  if (info.modes === undefined && info.mtimes === undefined) return undefined
  return attributeDifference(info, place, await attributesAt(path))
}

interface EntryDifference {
  /** What is there and should not be, or is otherwise. */
  readonly wrong?: string
  readonly missing?: string | undefined
}

async function entryDifference(
  info: TorrentInfo,
  selection: Selection,
  target: string,
  root: Stats,
  pool: HashPool,
): Promise<EntryDifference> {
  if (!root.isDirectory()) return { wrong: 'it is a file, not a directory' }
  const { files, links, directories } = treeShape(info, selection.entries())
  const numbers = [...files.values()]
  const looks = await lookAt(
    numbers.map((file) => contentPath(info, target, file)),
    { pool },
  )
  const indexOf = new Map(numbers.map((file, index) => [file, index]))
  const found = new Set<string>()
  let missing: string | undefined
  let unlike: string | undefined
  const known = selection.isWhole ? undefined : treeShape(info, everyEntry(info))
  const isKnown = (path: string): boolean =>
    known !== undefined && (known.files.has(path) || known.links.has(path) || known.directories.has(path))
  for (const directory of directories) {
    const entries = await entriesIn(join(target, directory))
    if (entries === undefined) {
      missing ??= `the directory ${quoteName(directory)} is missing`
      continue
    }
    // Whatever is added to a folder or taken from it changes its time; and no folder holds anything that another one in its place would not.
    const difference = await otherwise(info, directory, join(target, directory))
    if (difference !== undefined) unlike ??= directory === '' ? difference : `the directory ${quoteName(directory)}: ${difference}`
    for (const entry of entries) {
      const path = directory === '' ? entry.name : `${directory}/${entry.name}`
      const text = links.get(path)
      if (text !== undefined && entry.isSymbolicLink()) {
        if ((await readlink(join(target, path))) !== text) return { wrong: `${quoteName(path)} leads elsewhere` }
        const difference = await otherwise(info, path, join(target, path))
        if (difference !== undefined) return { wrong: `${quoteName(path)}: ${difference}` }
        found.add(path)
        continue
      }
      const file = files.get(path)
      if (directories.has(path) && entry.isDirectory()) continue
      if (file === undefined && text === undefined && !directories.has(path)) {
        return { wrong: `${quoteName(path)} is not ${isKnown(path) ? 'selected' : 'in the torrent'}` }
      }
      if (file === undefined || !entry.isFile()) return { wrong: `${quoteName(path)} is of another kind` }
      const difference = fileUnlike(info, file, looks.at(indexOf.get(file) ?? -1) ?? (await lookOrThrow(join(target, path))))
      if (difference !== undefined) return { wrong: `${quoteName(path)}: ${difference}` }
      found.add(path)
    }
  }
  const missingEntry = [...files.keys(), ...links.keys()].find((path) => !found.has(path))
  return { missing: missing ?? (missingEntry === undefined ? unlike : `${quoteName(missingEntry)} is missing`) }
}

/** What a file is not as it should be in, as far as can be told without reading it. */
function fileUnlike(info: TorrentInfo, file: number, look: Look): string | undefined {
  return (
    lengthDifference(look.stamp.lengthBytes, info.files[file]?.lengthBytes ?? 0) ??
    execBitDifference(info, file, look.mode) ??
    attributeDifference(info, placeOf(info, file), attributesSeen(look))
  )
}

/** Undefined where there is nothing. What is there and cannot be read must not count as missing: it would be replaced. */
async function entriesIn(directory: string): Promise<Dirent[] | undefined> {
  try {
    return await readdir(directory, { withFileTypes: true })
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error))) return undefined
    throw error
  }
}

/** What is said of files with other bytes in them; nobody can tell which it is of several that share a piece. */
export function contentDiffers(info: TorrentInfo, files: readonly number[]): string {
  if (info.isSingleFile) return 'its content differs'
  const [first = '', second] = files.map((file) => quoteName(info.files[file]?.path.join('/') ?? ''))
  return second === undefined ? `the content of ${first} differs` : `the content of ${first}, or of what shares a piece with it, differs`
}

function lengthDifference(lengthBytes: number, wantedBytes: number): string | undefined {
  return lengthBytes === wantedBytes ? undefined : `${lengthBytes} bytes instead of ${wantedBytes}`
}

function execBitDifference(info: TorrentInfo, file: number, mode: number): string | undefined {
  if (isRightExecBit(info, file, mode)) return undefined
  return hasExecBit(mode) ? 'it is executable, and was not when it was published' : 'it is not executable, and was when it was published'
}
