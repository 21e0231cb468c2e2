import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DistroError } from '../base/errors.ts'
import type { TorrentInfo } from '../torrent/info.ts'
import { diskError, systemCode } from './disk-error.ts'
import { attributeDifference, attributesSeen, placeOf, settleAttributes, settleEntries } from './entry-attributes.ts'
import { madeMode, settleExecBit } from './exec-bit.ts'
import { contentPath } from './file-layout.ts'
import { type FileStamp, isSameButForStatus } from './file-stamp.ts'
import { poolForMany } from './in-batches.ts'
import { inParallel } from './in-parallel.ts'
import { type Look, lookOrThrow } from './look.ts'
import { lookAt } from './look-at.ts'
import { makeEntries } from './make-entries.ts'
import { type Complain, type Move, moveIntoPlace, removeDisplaced } from './move-into-place.ts'
import { ensureParents } from './parent-folders.ts'
import { syncPath } from './sync-path.ts'
import { syncPaths } from './sync-paths.ts'
import { treeShape } from './tree-shape.ts'

export interface Placement extends Move {
  /** What the files with a second name were when they were found right. */
  readonly linked?: ReadonlyMap<number, FileStamp>
  /** Called with the bytes of each file that is on the disk. */
  readonly onFinished?: (bytes: number) => void
  /** Called right before the content leaves the staging directory, to let those finish who open files there. */
  readonly beforeMove?: () => Promise<void>
  /** Called with a sentence for an old tree that could not be removed. */
  readonly onComplaint?: Complain | undefined
}

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
