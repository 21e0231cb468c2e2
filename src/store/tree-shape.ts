import type { TorrentInfo } from '../torrent/info.ts'

/** What a tree of several files looks like; paths have `/` between their elements, and the root is the empty path. */
export interface TreeShape {
  /** The number of each file. */
  readonly files: ReadonlyMap<string, number>
  readonly directories: ReadonlySet<string>
}

/** The shape of a tree that holds the files with these numbers and nothing else. */
export function treeShape(info: TorrentInfo, wanted: Iterable<number>): TreeShape {
  const files = new Map<string, number>()
  const directories = new Set<string>([''])
  for (const index of wanted) {
    const file = info.files[index]
    if (file === undefined) continue
    files.set(file.path.join('/'), index)
    for (let depth = 1; depth < file.path.length; depth++) directories.add(file.path.slice(0, depth).join('/'))
  }
  return { files, directories }
}
