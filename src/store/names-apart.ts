import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { DistroError } from '../base/errors.ts'
import type { TorrentInfo } from '../torrent/info.ts'
import { quoteName } from '../torrent/quote-name.ts'
import { foldedName } from '../torrent/safe-path.ts'
import { systemCode } from './disk-error.ts'
import { removeTree } from './remove-tree.ts'

/**
 * Tries in `folder`, by empty files that do not stay, whether its file system tells apart the names of the tree that some take for the same: of
 * two files that are one there, the second would overwrite the first. Throws PATH_REFUSED if it does not, and what the file system says.
 */
export async function checkNamesApart(folder: string, info: Pick<TorrentInfo, 'files' | 'symlinks' | 'emptyDirectories'>): Promise<void> {
  const trial = join(folder, 'names')
  for (const names of alikeNames(info)) {
    await removeTree(trial)
    await mkdir(trial)
    try {
      for (const name of names) await makeNew(join(trial, name), names)
    } finally {
      await removeTree(trial)
    }
  }
}

async function makeNew(path: string, names: readonly string[]): Promise<void> {
  try {
    await (await open(path, 'wx')).close()
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error
    const listed = names.map(quoteName).join(' and ')
    throw new DistroError('PATH_REFUSED', `This file system takes ${listed} for the same name, and the tree has them beside each other.`, {
      hint: 'Nothing was fetched; choose a directory on a file system that tells them apart with --out.',
      cause: error,
    })
  }
}

/** Names that stand beside each other somewhere in the tree and are the same to some file system; each group of them once. */
function alikeNames({ files, symlinks = [], emptyDirectories = [] }: Parameters<typeof checkNamesApart>[1]): Iterable<readonly string[]> {
  const beside = new Map<string, Set<string>>()
  const add = (path: readonly string[]): void => {
    for (const [depth, name] of path.entries()) {
      const key = `${path.slice(0, depth).join('/')}\0${foldedName(name)}`
      const names = beside.get(key)
      if (names === undefined) beside.set(key, new Set([name]))
      else names.add(name)
    }
  }
  for (const { path } of files) add(path)
  for (const { path } of symlinks) add(path)
  for (const path of emptyDirectories) add(path)
  const groups = new Map<string, readonly string[]>()
  for (const names of beside.values()) if (names.size > 1) groups.set([...names].sort().join('\0'), [...names])
  return groups.values()
}
