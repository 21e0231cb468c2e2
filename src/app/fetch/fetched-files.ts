import { join } from 'node:path'
import type { TorrentInfo } from '../../torrent/info.ts'
import type { FetchedFile } from './fetch-request.ts'

/** Where a fetch puts content, with the files of it that are fetched. */
export interface FetchedFiles {
  /** Of the tree, or of the single file. */
  readonly path: string
  readonly files: readonly FetchedFile[]
  /** Of all of them. */
  readonly bytes: number
}

/** The files of a torrent that are fetched to `path`: those that were selected, by number, or all. */
export function fetchedFiles(info: TorrentInfo, path: string, selected: ReadonlySet<number> | undefined): FetchedFiles {
  const files = info.files
    .filter((file, index) => file.kind === 'file' && (selected === undefined || selected.has(index)))
    .map((file) => ({ path: info.isSingleFile ? path : join(path, ...file.path), lengthBytes: file.lengthBytes }))
  return { path, files, bytes: files.reduce((sum, file) => sum + file.lengthBytes, 0) }
}
