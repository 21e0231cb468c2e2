import { lstat } from 'node:fs/promises'
import type { TorrentInfo } from '../torrent/info.ts'
import { contentPath } from './file-layout.ts'
import { type FileStamp, stampOf } from './file-stamp.ts'

/** What each file of a torrent below `root` is now, by its number; undefined for padding and for what is not a regular file there. */
export async function contentStamps(info: TorrentInfo, root: string): Promise<(FileStamp | undefined)[]> {
  const stamps: (FileStamp | undefined)[] = []
  for (const [index, file] of info.files.entries()) {
    const stats = file.kind === 'file' ? await lstat(contentPath(info, root, index), { bigint: true }).catch(() => undefined) : undefined
    stamps.push(stats?.isFile() === true ? stampOf(stats) : undefined)
  }
  return stamps
}
