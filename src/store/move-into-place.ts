import { chmod, link, lstat, mkdir, rename, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DistroError } from '../base/errors.ts'
import type { TorrentInfo } from '../torrent/info.ts'
import { diskError, systemCode } from './disk-error.ts'
import { exchange } from './exchange.ts'
import { extraEntries } from './extra-entries.ts'
import type { HashPool } from './hash-pool.ts'
import { kindOf } from './path-kind.ts'
import { removeTree } from './remove-tree.ts'
import { shapeDifference, treeDifference } from './same-tree.ts'
import type { Selection } from './selection.ts'
import type { StagingPaths } from './staging.ts'
import { cannotExchange, targetDiffers, targetIsNoTree } from './target-refusals.ts'

/** What is moved to its target, and what may become of a tree that is there. */
export interface Move {
  readonly paths: StagingPaths
  readonly info: TorrentInfo
  readonly selection: Selection
  readonly overwrite: boolean
  /** True if a target that only lacks something gives way to the tree that has it too. */
  readonly completes: boolean
  /** True if it may do so in one step alone, so that at no moment there is none. */
  readonly isNeverAbsent: boolean
  /** Workers for trees of many files. */
  readonly pool: HashPool
}

export type Complain = (message: string) => void

/**
 * Moves finished content to its target, as `placeTree` says. A tree that was there is at `displaced` afterwards. Throws TARGET_DIFFERS, PATH_REFUSED
 * for a link or a special file, and what the system says.
 */
export async function moveIntoPlace(move: Move): Promise<void> {
  const { paths, info, pool } = move
  const kind = await kindOf(paths.target)
  if (kind === 'absent') return moveToFreeTarget(move)
  if (kind === 'other') throw targetIsNoTree(paths.target)
  const difference = await treeDifference(info, move.selection, paths.content, paths.target, pool)
  if (difference === undefined) return
  if (!move.overwrite) {
    // Into an empty directory the rename goes through; into any other it fails, also into one that was filled this moment.
    if (kind !== 'directory' || info.isSingleFile) throw targetDiffers(paths.target, difference.words)
    try {
      return await moveToFreeTarget(move, difference.words)
    } catch (error) {
      if (!move.completes || !difference.isLack || !(error instanceof DistroError)) throw error
    }
  }
  if (kind === 'file' && info.isSingleFile) return rename(paths.content, paths.target)
  // One that an earlier fetch could not remove has to go now: there is no second place for it.
  await removeTree(paths.displaced).catch((error: unknown) => Promise.reject(diskError(error, 'remove', paths.displaced)))
  if (await swapInOneStep(move)) return
  if (move.isNeverAbsent && !move.overwrite) throw cannotExchange(paths.target)
  await swapInTwoSteps(move)
}

/** False where nothing can exchange the two; all is as it was then. */
async function swapInOneStep(move: Move): Promise<boolean> {
  const { paths, info } = move
  const { mode } = await lstat(paths.target)
  await setMode(paths.target, mode | OWNER_WRITE)
  if (!(await exchange(paths.content, paths.target))) {
    await setMode(paths.target, mode)
    return false
  }
  try {
    await checkDisplaced(move, paths.content)
  } catch (error) {
    await putBack(paths, info)
    await setMode(paths.target, mode)
    throw error
  }
  await rename(paths.content, paths.displaced)
  return true
}

async function swapInTwoSteps(move: Move): Promise<void> {
  const { paths } = move
  await rename(paths.target, paths.displaced)
  try {
    await checkDisplaced(move, paths.displaced)
    await rename(paths.content, paths.target)
  } catch (error) {
    await rename(paths.displaced, paths.target)
    throw error
  }
}

/** A folder moves to another one only where its owner may write into it, which the mode of a published tree may not let. That of another user stays. */
async function setMode(target: string, mode: number): Promise<void> {
  const now = await lstat(target)
  if (now.isDirectory() && now.mode !== mode) await chmod(target, mode & 0o7777).catch(() => undefined)
}

const OWNER_WRITE = 0o200

/** Ends an exchange that came too early: what is in the old tree is nowhere else, nor is what somebody put into the new one meanwhile. */
async function putBack({ content, target, displaced }: StagingPaths, info: TorrentInfo): Promise<void> {
  if (!(await exchange(content, target))) {
    await rename(target, displaced)
    await rename(content, target)
    await rename(displaced, content)
  }
  for (const extra of await extraEntries(info, content)) {
    const entry = extra.replace(/\/$/, '')
    const place = join(target, entry)
    await mkdir(dirname(place), { recursive: true })
    // Of a file that is in both this is the later one.
    if ((await kindOf(place)) !== 'directory') await rename(join(content, entry), place)
  }
}

/** A tree that is completed was compared a moment ago, and may have got something since that would be lost: throws TARGET_DIFFERS then. */
async function checkDisplaced({ paths, info, selection, overwrite, pool }: Move, displaced: string): Promise<void> {
  const change = overwrite ? undefined : await shapeDifference(info, selection, displaced, pool)
  if (change?.isLack === false) throw targetDiffers(paths.target, change.words)
}

/** Fails with TARGET_DIFFERS if something took the place meanwhile: link(2) and a directory's rename(2) never replace content. */
async function moveToFreeTarget({ paths, info }: Move, difference?: string): Promise<void> {
  try {
    if (!info.isSingleFile) return await rename(paths.content, paths.target)
    await link(paths.content, paths.target)
    await unlink(paths.content)
  } catch (error) {
    const code = systemCode(error)
    if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOTDIR') throw targetDiffers(paths.target, difference)
    if (!info.isSingleFile || code === 'ENOSPC' || code === 'EIO' || code === 'EROFS') throw error
    // A file system without hard links.
    await rename(paths.content, paths.target)
  }
}

/** Puts back, or removes, what a swap that was cut off by a crash left behind. Call it with the lock held. */
export async function recoverDisplaced(paths: StagingPaths, onComplaint?: Complain): Promise<void> {
  try {
    if ((await kindOf(paths.displaced)) === 'absent') return
    if ((await kindOf(paths.target)) === 'absent') await rename(paths.displaced, paths.target)
    else await removeDisplaced(paths, onComplaint)
  } catch (error) {
    throw diskError(error, 'restore', paths.target)
  }
}

/** Removes the old tree. It may belong to somebody else, which is no reason to go without the new tree. */
export async function removeDisplaced({ displaced }: StagingPaths, onComplaint: Complain | undefined, pool?: HashPool): Promise<void> {
  await removeTree(displaced, pool).catch((error: unknown) => onComplaint?.(diskError(error, 'remove', displaced).message))
}
