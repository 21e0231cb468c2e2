import { TorrentFields } from './torrent-fields.ts'

/** The key of the info dictionary under which everything stands that distro writes and no BEP carries; other clients pass over it. */
export const OWN_KEY = 'distro'

/** The key in it of the list of empty folders, each a list of names as the path of a file is. */
export const EMPTY_DIRECTORIES_KEY = 'dirs'

/** The empty folders that an info dictionary names, at most `most`; their names are UTF-8 and not checked any further. Throws as `readFileList`. */
export function readEmptyDirectories(info: TorrentFields, most: number): readonly (readonly string[])[] {
  if (!info.has(OWN_KEY)) return []
  const own = new TorrentFields(info.get(OWN_KEY), info.nameOf(OWN_KEY))
  return own.has(EMPTY_DIRECTORIES_KEY) ? own.nameLists(EMPTY_DIRECTORIES_KEY, most) : []
}
