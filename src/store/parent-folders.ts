import type { TorrentInfo } from '../torrent/info.ts'
import { ensureParents } from './placement.ts'

/** Makes the directories in which the files of a tree lie, and looks at each of them once, which counts where there are many small files. */
export class ParentFolders {
  readonly #info: TorrentInfo
  readonly #root: string
  readonly #made = new Set<string>()

  constructor(info: TorrentInfo, root: string) {
    this.#info = info
    this.#root = root
  }

  /** Throws PATH_REFUSED for one that is a link or a file, DISK_FULL or DISK_FAILED. */
  async ensure(file: number): Promise<void> {
    const parent = this.#info.files[file]?.path.slice(0, -1).join('/') ?? ''
    if (this.#made.has(parent)) return
    await ensureParents(this.#info, this.#root, file)
    this.#made.add(parent)
  }
}
