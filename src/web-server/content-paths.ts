import type { TorrentInfo } from '../torrent/info.ts'

/**
 * Finds the file that a path names: `/name` for a torrent of one file, `/name/path` for a tree, as web seed URLs are made (BEP 19).
 * Nothing is found that is not in the torrent; padding has no path.
 */
export class ContentPaths {
  readonly #files = new Map<string, number>()

  constructor({ files, name, isSingleFile }: Pick<TorrentInfo, 'files' | 'name' | 'isSingleFile'>) {
    for (const [index, file] of files.entries()) {
      if (file.kind === 'file') this.#files.set(isSingleFile ? name : [name, ...file.path].join('/'), index)
    }
  }

  /** The number of the file at these elements of a path. */
  find(elements: readonly string[]): number | undefined {
    return elements.some((element) => element.includes('/')) ? undefined : this.#files.get(elements.join('/'))
  }
}
