import { join } from 'node:path'
import type { TorrentInfo } from '../torrent/info.ts'
import { diskError } from './disk-error.ts'
import { ensureDirectory } from './staging.ts'

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

/** Makes the directories of a file below `root`, one by one, none of them a link. Throws PATH_REFUSED, DISK_FULL or DISK_FAILED. */
export async function ensureParents(info: TorrentInfo, root: string, file: number): Promise<void> {
  if (info.isSingleFile) return
  const parents = info.files[file]?.path.slice(0, -1) ?? []
  for (let depth = 1; depth <= parents.length; depth++) {
    const path = join(root, ...parents.slice(0, depth))
    await ensureDirectory(path).catch((error: unknown) => Promise.reject(diskError(error, 'create', path)))
  }
}
