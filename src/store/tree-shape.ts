import type { TorrentInfo, TorrentSymlink } from '../torrent/info.ts'
import { symlinkText } from '../torrent/symlink.ts'

/** What of a torrent is to stand in a tree. */
export interface WantedEntries {
  /** By number. */
  readonly files: Iterable<number>
  readonly symlinks: readonly TorrentSymlink[]
  readonly emptyDirectories: readonly (readonly string[])[]
}

/** What a tree of several files looks like; paths have `/` between their elements, and the root is the empty path. */
export interface TreeShape {
  /** The number of each file. */
  readonly files: ReadonlyMap<string, number>
  /** What each symbolic link holds. */
  readonly links: ReadonlyMap<string, string>
  readonly directories: ReadonlySet<string>
}

/** Everything in a torrent but padding. */
export function everyEntry(info: TorrentInfo): WantedEntries {
  const files = [...info.files.keys()].filter((index) => info.files[index]?.kind === 'file')
  return { files, symlinks: info.symlinks ?? [], emptyDirectories: info.emptyDirectories ?? [] }
}

/** The shape of a tree that holds these entries and nothing else. */
export function treeShape(info: TorrentInfo, wanted: WantedEntries): TreeShape {
  const files = new Map<string, number>()
  const links = new Map<string, string>()
  const directories = new Set<string>([''])
  const addFolders = (path: readonly string[]): void => {
    for (let depth = 1; depth <= path.length; depth++) directories.add(path.slice(0, depth).join('/'))
  }
  for (const index of wanted.files) {
    const file = info.files[index]
    if (file === undefined) continue
    files.set(file.path.join('/'), index)
    addFolders(file.path.slice(0, -1))
  }
  for (const link of wanted.symlinks) {
    links.set(link.path.join('/'), symlinkText(link))
    addFolders(link.path.slice(0, -1))
  }
  for (const path of wanted.emptyDirectories) addFolders(path)
  return { files, links, directories }
}
