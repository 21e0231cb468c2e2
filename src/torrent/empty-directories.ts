import type { TorrentFields } from './torrent-fields.ts'

/** The key, in what distro alone writes into an info dictionary, of the list of empty folders, each a list of names as the path of a file is. */
export const EMPTY_DIRECTORIES_KEY = 'dirs'

/** The empty folders that `own` names, at most `most`; their names are UTF-8 and not checked any further. Throws as `readFileList`. */
export function readEmptyDirectories(own: TorrentFields | undefined, most: number): readonly (readonly string[])[] {
  return own?.has(EMPTY_DIRECTORIES_KEY) === true ? own.nameLists(EMPTY_DIRECTORIES_KEY, most) : []
}
