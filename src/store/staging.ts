import { chmod, lstat, mkdir, readdir, rm, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { toHex } from '../base/bytes.ts'
import { DistroError } from '../base/errors.ts'
import type { TorrentInfo } from '../torrent/info.ts'
import { quoteName } from '../torrent/quote-name.ts'
import { diskError, systemCode } from './disk-error.ts'
import { hiddenName, isHiddenName } from './hidden-name.ts'
import { checkNamesApart } from './names-apart.ts'
import { removeTree } from './remove-tree.ts'
import type { Selection } from './selection.ts'

/** Where everything of one fetch lies: the target, and the working files beside it on the same file system. */
export interface StagingPaths {
  readonly outDir: string
  /** Where the finished tree, or the finished single file, appears. */
  readonly target: string
  /** Readable by nobody else while the fetch runs. */
  readonly dir: string
  /** The tree, or the single file, while it is incomplete; renamed to `target`. */
  readonly content: string
  /** Bytes of files that were not selected, which came with pieces that they share. */
  readonly sides: string
  /** What was verified so far, as a hint for the next run. */
  readonly state: string
  /** Held while a fetch of this target runs. */
  readonly lock: string
  /** Where an overwritten tree waits between the two renames of a swap. */
  readonly displaced: string
}

/** The paths of a fetch of `info` into `outDir`, which is absolute. Throws PATH_REFUSED for a name that would be taken for working files. */
export function stagingPaths(outDir: string, info: Pick<TorrentInfo, 'name'>, infoHash: Uint8Array): StagingPaths {
  if (isHiddenName(info.name)) {
    throw new DistroError('PATH_REFUSED', `The torrent is called ${quoteName(info.name)}, as only working files of distro are.`, {
      hint: 'Nothing was written; ask the publisher for a torrent with another name.',
    })
  }
  const dir = join(outDir, hiddenName(info.name, toHex(infoHash.subarray(0, 8))))
  return {
    outDir,
    target: join(outDir, info.name),
    dir,
    content: join(dir, 'content'),
    sides: join(dir, 'sides'),
    state: join(dir, 'state'),
    lock: join(outDir, hiddenName(info.name, 'lock')),
    displaced: join(outDir, hiddenName(info.name, 'old')),
  }
}

/**
 * Makes the staging directory, or takes over one that an earlier run left: whatever in it is not a wanted file at most as long
 * as it should be is removed or cut, so that nothing but the published tree can ever be placed. Throws PATH_REFUSED for names that this file
 * system does not tell apart, DISK_FULL or DISK_FAILED.
 */
export async function prepareStaging(paths: StagingPaths, info: TorrentInfo, selection: Selection): Promise<void> {
  try {
    await ensureDirectory(paths.dir, 0o700)
    if (info.hasPosixNames === true) await checkNamesApart(paths.dir, info)
    if (!info.isSingleFile) await ensureDirectory(paths.content)
    if (selection.boundary.length > 0) await ensureDirectory(paths.sides)
    await sweep(paths.content, wantedTree(info, selection))
  } catch (error) {
    throw diskError(error, 'prepare', paths.dir)
  }
}

/** Makes a directory; one that is there already is fine, a link or a file in its place is not. */
export async function ensureDirectory(path: string, mode = 0o777): Promise<void> {
  try {
    await mkdir(path, { mode })
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error
    const stats = await lstat(path)
    if (!stats.isDirectory()) {
      throw new DistroError('PATH_REFUSED', `${path} is in the way: it is not a directory.`, {
        hint: 'Remove it and run the same command again.',
      })
    }
  }
}

/** What should be at a path: a file and its length, or a directory and its entries. */
type Wanted = number | Map<string, Wanted>

function wantedTree(info: TorrentInfo, selection: Selection): Wanted {
  if (info.isSingleFile) return info.files[0]?.lengthBytes ?? 0
  const root = new Map<string, Wanted>()
  for (const index of selection.fileIndexes()) {
    const file = info.files[index]
    if (file === undefined) continue
    let directory = root
    for (const element of file.path.slice(0, -1)) {
      const entry = directory.get(element) ?? new Map<string, Wanted>()
      directory.set(element, entry)
      if (typeof entry !== 'number') directory = entry
    }
    directory.set(file.path.at(-1) ?? '', file.lengthBytes)
  }
  return root
}

async function sweep(path: string, wanted: Wanted): Promise<void> {
  const stats = await lstat(path).catch(() => undefined)
  if (stats === undefined) return
  if (typeof wanted === 'number') {
    // A file with a second name is not ours alone: writing to it would change what the other name shows.
    if (!stats.isFile() || stats.nlink > 1) await removeTree(path)
    else {
      await allowOwner(path, stats.mode, 0o600)
      if (stats.size > wanted) await truncate(path, wanted)
    }
    return
  }
  if (!stats.isDirectory()) return rm(path, { force: true })
  await allowOwner(path, stats.mode, 0o700)
  for (const name of await readdir(path)) {
    const entry = wanted.get(name)
    if (entry === undefined) await removeTree(join(path, name))
    else await sweep(join(path, name), entry)
  }
}

/** A tree that could not be placed may have the modes of the torrent already, with which its owner may not go on writing. */
async function allowOwner(path: string, mode: number, needed: number): Promise<void> {
  if ((mode & needed) !== needed) await chmod(path, (mode & 0o777) | needed)
}
