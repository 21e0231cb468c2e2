import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { TorrentInfo } from '../torrent/info.ts'
import { diskError, systemCode } from './disk-error.ts'
import { everyEntry, treeShape } from './tree-shape.ts'

/**
 * What lies below `root` and is not in the torrent, in the order of the names, with `/` between the elements; a directory that
 * the torrent does not know counts once, with `/` at its end. Nothing for a torrent of a single file. Throws DISK_FAILED.
 */
export async function extraEntries(info: TorrentInfo, root: string): Promise<string[]> {
  if (info.isSingleFile) return []
  const { files, links, directories } = treeShape(info, everyEntry(info))
  const extra: string[] = []
  for (const directory of directories) {
    for (const entry of await entriesIn(join(root, directory))) {
      const path = directory === '' ? entry.name : `${directory}/${entry.name}`
      if (files.has(path) || links.has(path) || directories.has(path)) continue
      extra.push(entry.isDirectory() ? `${path}/` : path)
    }
  }
  return extra.sort()
}

/** A directory that is missing, or something else in its place, is told by the files that should be in it. */
function entriesIn(directory: string) {
  return readdir(directory, { withFileTypes: true }).catch((error: unknown) => {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error))) return []
    throw diskError(error, 'read', directory)
  })
}
