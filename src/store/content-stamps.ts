import type { TorrentInfo } from '../torrent/info.ts'
import { contentPath } from './file-layout.ts'
import type { FileStamp } from './file-stamp.ts'
import type { HashPool } from './hash-pool.ts'
import { lookAt } from './look-at.ts'

/**
 * What each file of a torrent below `root` is now, by its number; undefined for padding and for what is not a regular file there. Where there
 * are many, the workers of `pool` look.
 */
export async function contentStamps(info: TorrentInfo, root: string, pool?: HashPool): Promise<(FileStamp | undefined)[]> {
  const stamps = new Array<FileStamp | undefined>(info.files.length).fill(undefined)
  const files = [...info.files.keys()].filter((file) => info.files[file]?.kind === 'file')
  const looks = await lookAt(
    files.map((file) => contentPath(info, root, file)),
    { pool },
  )
  for (const [index, file] of files.entries()) {
    const look = looks.at(index)
    if (look?.isFile === true) stamps[file] = look.stamp
  }
  return stamps
}
