import type { Bencodable } from './bencode.ts'
import type { TorrentInfo } from './info.ts'
import { invalidTorrent, TorrentFields } from './torrent-fields.ts'
import { filePlaces, folderPlaces, type TreePlaces } from './tree-places.ts'
import { encodeRuns, readRuns } from './value-runs.ts'

/**
 * The key, in what distro alone writes into an info dictionary, of the permissions of files and folders, each as runs (`encodeRuns`): of the
 * files in torrent order, and of the folders, the root among them, in the order of `folderPlaces`.
 */
export const MODES_KEY = 'modes'
const FILES_KEY = 'files'
const FOLDERS_KEY = 'folders'

/** All that is carried of a mode: what owner, group and others may do. */
export const PERMISSION_BITS = 0o777
/** What the owner of a file may always do, or nobody could check it or pass it on. */
export const LEAST_FILE_MODE = 0o400
/** What the owner of a folder may always do, for the same reason. */
export const LEAST_FOLDER_MODE = 0o500

/** Writes the mode of each entry; `modes` has those of all files and folders, by their places. */
export function encodeModes(tree: TreePlaces, modes: ReadonlyMap<string, number>): Bencodable {
  const of = (places: readonly string[], least: number): readonly number[] => encodeRuns(places.map((place) => modes.get(place) ?? least))
  const folders = folderPlaces(tree)
  const encoded = new Map<string, Bencodable>([[FILES_KEY, of(filePlaces(tree), LEAST_FILE_MODE)]])
  if (folders.length > 0) encoded.set(FOLDERS_KEY, of(folders, LEAST_FOLDER_MODE))
  return encoded
}

/**
 * The mode of each file and folder by its place; undefined for a torrent that does not say them. Throws TORRENT_INVALID for others than
 * `encodeModes` writes, and for one that contradicts the exec bit of BEP 47.
 */
export function readModes(own: TorrentFields, info: TorrentInfo): ReadonlyMap<string, number> | undefined {
  if (!own.has(MODES_KEY)) return undefined
  const fields = new TorrentFields(own.get(MODES_KEY), own.nameOf(MODES_KEY))
  const modes = new Map<string, number>()
  const read = (key: string, places: readonly string[], least: number): void => {
    for (const [index, mode] of readRuns(fields, key, places.length, 0, PERMISSION_BITS).entries()) {
      if ((mode & least) !== least) throw invalidTorrent(`${fields.nameOf(key)} has ${mode}, which keeps out the owner`)
      modes.set(places[index] ?? '', mode)
    }
  }
  read(FILES_KEY, filePlaces(info), LEAST_FILE_MODE)
  read(FOLDERS_KEY, folderPlaces(info), LEAST_FOLDER_MODE)
  for (const { path, kind, isExecutable = false } of info.files) {
    const mode = kind === 'file' ? modes.get(info.isSingleFile ? '' : path.join('/')) : undefined
    if (mode !== undefined && ((mode & OWNER_EXEC) !== 0) !== isExecutable) {
      throw invalidTorrent(`${fields.nameOf(FILES_KEY)} and an attr of BEP 47 differ about who may execute a file`)
    }
  }
  return modes
}

const OWNER_EXEC = 0o100
