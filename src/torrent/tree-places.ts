import type { TorrentInfo } from './info.ts'

/** What of a torrent says what stands where. */
export type TreePlaces = Pick<TorrentInfo, 'files' | 'isSingleFile'> & Partial<Pick<TorrentInfo, 'symlinks' | 'emptyDirectories'>>

/** The paths of the files in torrent order, without padding, with `/` between the elements; of a single file the empty path. */
export function filePlaces({ files, isSingleFile }: TreePlaces): readonly string[] {
  if (isSingleFile) return ['']
  return files.filter(({ kind }) => kind === 'file').map(({ path }) => path.join('/'))
}

/** The paths of the symbolic links in torrent order. */
export function linkPlaces({ symlinks = [] }: TreePlaces): readonly string[] {
  return symlinks.map(({ path }) => path.join('/'))
}

/**
 * The paths of all folders in the order of their bytes, so that each comes after those around it; the root is the empty path. None for a
 * single file.
 */
export function folderPlaces({ files, symlinks = [], emptyDirectories = [], isSingleFile }: TreePlaces): readonly string[] {
  if (isSingleFile) return []
  const places = new Set<string>([''])
  const addUpTo = (path: readonly string[], depth: number): void => {
    // Whoever has the innermost folder has those around it.
    for (let each = depth; each > 0; each--) {
      const place = path.slice(0, each).join('/')
      if (places.has(place)) return
      places.add(place)
    }
  }
  for (const { path, kind } of files) if (kind === 'file') addUpTo(path, path.length - 1)
  for (const { path } of symlinks) addUpTo(path, path.length - 1)
  for (const path of emptyDirectories) addUpTo(path, path.length)
  const sorted = [...places].map((place) => ({ place, bytes: Buffer.from(place) }))
  return sorted.sort((left, right) => Buffer.compare(left.bytes, right.bytes)).map(({ place }) => place)
}
