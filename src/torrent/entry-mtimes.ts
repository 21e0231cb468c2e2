import type { Bencodable } from './bencode.ts'
import type { TorrentInfo } from './info.ts'
import { TorrentFields } from './torrent-fields.ts'
import { filePlaces, folderPlaces, linkPlaces, type TreePlaces } from './tree-places.ts'
import { encodeRuns, readRuns } from './value-runs.ts'

/**
 * The key, in what distro alone writes into an info dictionary, of the modification times of files, folders and symbolic links, each as runs
 * (`encodeRuns`): of the files and the links in torrent order, and of the folders, the root among them, in the order of `folderPlaces`.
 */
export const MTIMES_KEY = 'mtimes'
const FILES_KEY = 'files'
const FOLDERS_KEY = 'folders'
const LINKS_KEY = 'links'

/** The last second that is carried, in the year 2242: what file systems of today can keep. The first is that of 1970. */
export const LAST_MTIME: number = 2 ** 33 - 1

/** Writes the time of each entry in whole seconds since 1970; `mtimes` has those of all files, folders and links, by their places. */
export function encodeMtimes(tree: TreePlaces, mtimes: ReadonlyMap<string, number>): Bencodable {
  const encoded = new Map<string, Bencodable>()
  for (const [key, places] of placesOf(tree)) {
    if (places.length > 0) encoded.set(key, encodeRuns(places.map((place) => mtimes.get(place) ?? 0)))
  }
  return encoded
}

/** The time of each file, folder and link by its place; undefined for a torrent that does not say them. Throws TORRENT_INVALID for others than `encodeMtimes` writes. */
export function readMtimes(own: TorrentFields, info: TorrentInfo): ReadonlyMap<string, number> | undefined {
  if (!own.has(MTIMES_KEY)) return undefined
  const fields = new TorrentFields(own.get(MTIMES_KEY), own.nameOf(MTIMES_KEY))
  const mtimes = new Map<string, number>()
  for (const [key, places] of placesOf(info)) {
    for (const [index, mtime] of readRuns(fields, key, places.length, 0, LAST_MTIME).entries()) mtimes.set(places[index] ?? '', mtime)
  }
  return mtimes
}

function placesOf(tree: TreePlaces): readonly (readonly [string, readonly string[]])[] {
  return [
    [FILES_KEY, filePlaces(tree)],
    [FOLDERS_KEY, folderPlaces(tree)],
    [LINKS_KEY, linkPlaces(tree)],
  ]
}
