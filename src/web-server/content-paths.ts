import type { TorrentFile, TorrentInfo } from '../torrent/info.ts'

/**
 * Finds the file that a path names: `/name` for a torrent of one file, `/name/path` for a tree, as web seed URLs are made (BEP 19).
 * Nothing is found that is not in the torrent. Padding is found where v1 names it, `.pad/N`: clients that do not know it, such as aria2
 * 1.36, ask web seeds for it as for any other file, and without it never have a whole piece.
 */
export class ContentPaths {
  readonly #files = new Map<string, number>()

  constructor({ files, name, isSingleFile }: Pick<TorrentInfo, 'files' | 'name' | 'isSingleFile'>) {
    const add = (kind: TorrentFile['kind']): void => {
      for (const [index, file] of files.entries()) {
        const path = isSingleFile ? name : [name, ...file.path].join('/')
        if (file.kind === kind && !this.#files.has(path)) this.#files.set(path, index)
      }
    }
    add('file')
    add('padding')
    // libtorrent (2.0.8) takes every torrent of one file for one without a folder, and asks for that file by the name of the folder.
    if (files.length === 1) this.#files.set(name, 0)
  }

  /** The number of the file at these elements of a path. */
  find(elements: readonly string[]): number | undefined {
    return elements.some((element) => element.includes('/')) ? undefined : this.#files.get(elements.join('/'))
  }
}
