import { chmod, link, lstat, mkdir, rename, unlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DistroError } from '../base/errors.ts'
import type { TorrentInfo } from '../torrent/info.ts'
import { diskError, systemCode } from './disk-error.ts'
import { attributeDifference, attributesSeen, placeOf, settleAttributes, settleEntries } from './entry-attributes.ts'
import { exchange } from './exchange.ts'
import { madeMode, settleExecBit } from './exec-bit.ts'
import { extraEntries } from './extra-entries.ts'
import { contentPath } from './file-layout.ts'
import { type FileStamp, isSameButForStatus } from './file-stamp.ts'
import type { HashPool } from './hash-pool.ts'
import { poolForMany } from './in-batches.ts'
import { inParallel } from './in-parallel.ts'
import { type Look, lookOrThrow } from './look.ts'
import { lookAt } from './look-at.ts'
import { makeEntries } from './make-entries.ts'
import { removeTree } from './remove-tree.ts'
import { shapeDifference, treeDifference } from './same-tree.ts'
import type { Selection } from './selection.ts'
import { ensureDirectory, type StagingPaths } from './staging.ts'
import { syncPath } from './sync-path.ts'
import { syncPaths } from './sync-paths.ts'
import { treeShape } from './tree-shape.ts'

export interface Placement {
  readonly paths: StagingPaths
  readonly info: TorrentInfo
  readonly selection: Selection
  readonly overwrite: boolean
  /** True if a target that only lacks something gives way to the tree that has it too. */
  readonly completes: boolean
  /** True if it may do so in one step alone, so that at no moment there is none. */
  readonly isNeverAbsent: boolean
  /** What the files with a second name were when they were found right. */
  readonly linked?: ReadonlyMap<number, FileStamp>
  /** Workers for trees of many files. */
  readonly pool: HashPool
  /** Called with the bytes of each file that is on the disk. */
  readonly onFinished?: (bytes: number) => void
  /** Called right before the content leaves the staging directory, to let those finish who open files there. */
  readonly beforeMove?: () => Promise<void>
  /** Called with a sentence for an old tree that could not be removed. */
  readonly onComplaint?: Complain | undefined
}

type Complain = (message: string) => void

/** Files synced at once: more than libuv has threads for would only queue. */
const SYNCS_AT_ONCE = 8

/**
 * Moves a complete staged tree to its target: every file has its length, mode and time and is on the disk, then the links and every directory,
 * then one rename, then the directory around it. Who looks at the target sees what was there before, or the whole new tree.
 *
 * A target with the same content is left alone; one that differs is refused with TARGET_DIFFERS unless `overwrite`, or unless all that it
 * holds is in the tree as well and `completes`. A file replaces a file in one step, and so does a tree where `exchange` can. Where it cannot, the old
 * one is renamed aside first, and for the moment between the two renames there is no target; `recoverDisplaced` ends a swap that was cut off
 * there, and `isNeverAbsent` refuses it with TARGET_DIFFERS. An old tree that cannot be removed then is only complained of: the new one is in place.
 */
export async function placeTree(placement: Placement): Promise<void> {
  const { paths, info, selection, pool } = placement
  await finishFiles(placement)
  if (!info.isSingleFile) {
    const { links, directories } = treeShape(info, selection.entries())
    await makeEntries(paths.content, directories, links)
    await settleEntries(info, paths.content, { links, directories })
    const folders = [...directories].map((directory) => join(paths.content, directory))
    await syncPaths(folders, { pool, width: SYNCS_AT_ONCE })
  }
  await syncPath(paths.dir)
  await placement.beforeMove?.()
  try {
    await moveIntoPlace(placement)
  } catch (error) {
    throw diskError(error, 'move the finished content to', paths.target)
  }
  if (!info.isSingleFile) await settleAttributes(info, '', paths.target)
  await syncPath(paths.outDir)
  await removeDisplaced(paths, placement.onComplaint, poolForMany(pool, selection.fileIndexes().length))
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

/** It may belong to somebody else, which is no reason to go without the new tree. */
async function removeDisplaced({ displaced }: StagingPaths, onComplaint: Complain | undefined, pool?: HashPool): Promise<void> {
  await removeTree(displaced, pool).catch((error: unknown) => onComplaint?.(diskError(error, 'remove', displaced).message))
}

/** What is at a path now; a link counts as 'other', wherever it points. */
export async function kindOf(path: string): Promise<'absent' | 'file' | 'directory' | 'other'> {
  try {
    const stats = await lstat(path)
    return stats.isDirectory() ? 'directory' : stats.isFile() ? 'file' : 'other'
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 'absent'
    throw error
  }
}

async function finishFiles({ paths, info, selection, linked, pool, onFinished }: Placement): Promise<void> {
  const files = selection.fileIndexes()
  const empty = files.filter((file) => info.files[file]?.lengthBytes === 0)
  await inParallel(empty, SYNCS_AT_ONCE, (file) => createEmpty(info, paths.content, file))
  const places = files.map((file) => contentPath(info, paths.content, file))
  const looks = await lookAt(places, { pool })
  await inParallel([...files.keys()], SYNCS_AT_ONCE, async (index) => {
    const path = places[index] as string
    try {
      const [file, look] = [files[index] as number, looks.at(index) ?? (await lookOrThrow(path))]
      checkLinked(path, linked?.get(file), look.stamp)
      await settleFile(info, file, path, look)
    } catch (error) {
      throw diskError(error, 'finish', path)
    }
  })
  const onSynced = (index: number): void => onFinished?.(info.files[files[index] as number]?.lengthBytes ?? 0)
  await syncPaths(places, { pool, width: SYNCS_AT_ONCE, onSynced })
}

/** Nobody who writes at the other name is to get that published: the torrent says something else. */
function checkLinked(path: string, before: FileStamp | undefined, now: FileStamp): void {
  if (before === undefined || isSameButForStatus(before, now)) return
  throw new DistroError('DISK_FAILED', `${path} was taken over from this host, and changed there since.`, {
    hint: 'Something writes to the file that it is a second name of; run the same command again: everything is checked anew.',
  })
}

/** Gives a file its mode and time, if it has its length. */
async function settleFile(info: TorrentInfo, file: number, path: string, look: Look): Promise<void> {
  const { isFile, mode, stamp } = look
  const { lengthBytes = 0, isExecutable = false } = info.files[file] ?? {}
  if (!isFile || stamp.lengthBytes !== lengthBytes) {
    throw new DistroError(
      'DISK_FAILED',
      `${path} has ${stamp.lengthBytes} bytes on disk instead of the ${lengthBytes} that were written.`,
      {
        hint: 'The disk lost data or something else changed the file; run the same command again: everything is checked anew.',
      },
    )
  }
  if (info.modes === undefined) await settleExecBit(path, mode, isExecutable)
  const place = placeOf(info, file)
  if (attributeDifference(info, place, attributesSeen(look)) !== undefined) await settleAttributes(info, place, path)
}

async function createEmpty(info: TorrentInfo, root: string, file: number): Promise<void> {
  const path = contentPath(info, root, file)
  try {
    await ensureParents(info, root, file)
    await writeFile(path, '', { flag: 'wx', mode: madeMode(info.files[file]?.isExecutable) })
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw diskError(error, 'create', path)
  }
}

/** Makes the directories of a file below `root`, one by one, none of them a link. Throws PATH_REFUSED, DISK_FULL or DISK_FAILED. */
export async function ensureParents(info: TorrentInfo, root: string, file: number): Promise<void> {
  if (info.isSingleFile) return
  const parents = info.files[file]?.path.slice(0, -1) ?? []
  for (let depth = 1; depth <= parents.length; depth++) {
    const path = join(root, ...parents.slice(0, depth))
    await ensureDirectory(path).catch((error: unknown) => Promise.reject(diskError(error, 'create', path)))
  }
}

async function moveIntoPlace(placement: Placement): Promise<void> {
  const { paths, info, pool } = placement
  const kind = await kindOf(paths.target)
  if (kind === 'absent') return moveToFreeTarget(placement)
  if (kind === 'other') throw targetIsNoTree(paths.target)
  const difference = await treeDifference(info, placement.selection, paths.content, paths.target, pool)
  if (difference === undefined) return
  if (!placement.overwrite) {
    // Into an empty directory the rename goes through; into any other it fails, also into one that was filled this moment.
    if (kind !== 'directory' || info.isSingleFile) throw targetDiffers(paths.target, difference.words)
    try {
      return await moveToFreeTarget(placement, difference.words)
    } catch (error) {
      if (!placement.completes || !difference.isLack || !(error instanceof DistroError)) throw error
    }
  }
  if (kind === 'file' && info.isSingleFile) return rename(paths.content, paths.target)
  // One that an earlier fetch could not remove has to go now: there is no second place for it.
  await removeTree(paths.displaced).catch((error: unknown) => Promise.reject(diskError(error, 'remove', paths.displaced)))
  const { mode } = await lstat(paths.target)
  await setMode(paths.target, mode | OWNER_WRITE)
  if (await exchange(paths.content, paths.target)) {
    await checkDisplaced(placement, paths.content).catch(async (error: unknown) => {
      await putBack(paths, info)
      await setMode(paths.target, mode)
      throw error
    })
    return rename(paths.content, paths.displaced)
  }
  await setMode(paths.target, mode)
  if (placement.isNeverAbsent && !placement.overwrite) throw cannotExchange(paths.target)
  await rename(paths.target, paths.displaced)
  try {
    await checkDisplaced(placement, paths.displaced)
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
async function checkDisplaced({ paths, info, selection, overwrite, pool }: Placement, displaced: string): Promise<void> {
  const change = overwrite ? undefined : await shapeDifference(info, selection, displaced, pool)
  if (change?.isLack === false) throw targetDiffers(paths.target, change.words)
}

/** Fails with TARGET_DIFFERS if something took the place meanwhile: link(2) and a directory's rename(2) never replace content. */
async function moveToFreeTarget({ paths, info }: Placement, difference?: string): Promise<void> {
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

/** The error for a target that holds something else; `difference` is the first thing in which it differs, where it is known. */
export function targetDiffers(target: string, difference?: string): DistroError {
  const what = difference === undefined ? 'holds something else' : `differs: ${difference}`
  return new DistroError('TARGET_DIFFERS', `${target} exists and ${what}.`, {
    hint: 'Use --overwrite to replace it as a whole, which deletes what is not in the torrent, or choose another directory.',
  })
}

function cannotExchange(target: string): DistroError {
  const what = 'could only be completed by one rename that exchanges two folders, which did not work here'
  return new DistroError('TARGET_DIFFERS', `${target} holds a part, and ${what}; what was fetched is kept.`, {
    hint: 'Move it away and run the same command again.',
  })
}

/** The error for a target that is a link, a device or the like. */
export function targetIsNoTree(target: string): DistroError {
  return new DistroError('PATH_REFUSED', `${target} is a link or a special file.`, {
    hint: 'Remove it, or choose another directory: distro does not write through links.',
  })
}
