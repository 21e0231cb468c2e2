import type { Dirent } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type FileStamp, stampOf } from '../file-stamp.ts'
import { isHiddenName } from '../hidden-name.ts'
import { inParallel } from '../in-parallel.ts'

/** A file that may hold what a file of the torrent should. */
export interface Candidate {
  readonly path: string
  readonly stamp: FileStamp
  readonly mode: number
  /** The number of its file system. */
  readonly device: bigint
}

/** Files of one root that are looked at when files moved. */
const MOST_FILES = 200_000
const MOST_DEPTH = 64
/** Files looked at together: more than libuv has threads for would only queue. */
export const STATS_AT_ONCE = 8

/** What lies below folders, each of which is walked at most once: it may hold 200,000 files. */
export class FolderContents {
  readonly #found = new Map<string, readonly Candidate[]>()

  /** All files below a folder, or the file that `root` is, sorted by their paths; links are not followed. */
  async below(root: string, signal: AbortSignal | undefined): Promise<readonly Candidate[]> {
    const found = this.#found.get(root) ?? (await filesBelow(root, signal))
    this.#found.set(root, found)
    return found
  }
}

async function filesBelow(root: string, signal: AbortSignal | undefined): Promise<Candidate[]> {
  const itself = await candidateAt(root)
  if (itself !== undefined) return [itself]
  const paths: string[] = []
  const folders = [{ path: root, depth: 0 }]
  for (let folder = folders.pop(); folder !== undefined && paths.length < MOST_FILES; folder = folders.pop()) {
    signal?.throwIfAborted()
    for (const entry of await entriesOf(folder.path)) {
      // What a fetch is just writing is no earlier version of anything.
      if (isHiddenName(entry.name)) continue
      const path = join(folder.path, entry.name)
      if (entry.isDirectory() && folder.depth < MOST_DEPTH) folders.push({ path, depth: folder.depth + 1 })
      else if (entry.isFile() && paths.length < MOST_FILES) paths.push(path)
    }
  }
  const found: Candidate[] = []
  await inParallel(paths.sort(), STATS_AT_ONCE, async (path) => {
    const candidate = await candidateAt(path)
    if (candidate !== undefined) found.push(candidate)
  })
  // They came as the disk gave them.
  return found.sort((left, right) => (left.path < right.path ? -1 : 1))
}

/** Nothing for what cannot be read: it is an offer, and without it the content is fetched. */
async function entriesOf(folder: string): Promise<Dirent[]> {
  return readdir(folder, { withFileTypes: true }).catch(() => [])
}

/** The file at a path; undefined if there is none, or an empty one. */
export async function candidateAt(path: string): Promise<Candidate | undefined> {
  const stats = await lstat(path, { bigint: true }).catch(() => undefined)
  if (stats?.isFile() !== true || stats.size === 0n) return undefined
  return { path, stamp: stampOf(stats), mode: Number(stats.mode), device: stats.dev }
}
