import { constants, type Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { FileStamp } from '../file-stamp.ts'
import type { HashPool } from '../hash-pool.ts'
import { isHiddenName } from '../hidden-name.ts'
import type { Look } from '../look.ts'
import { type LookOptions, lookAt } from '../look-at.ts'

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

/** What lies below folders, each of which is walked at most once: it may hold 200,000 files. */
export class FolderContents {
  readonly #found = new Map<string, readonly Candidate[]>()
  readonly #pool: HashPool | undefined

  /** The workers of `pool` look where there are many files. */
  constructor(pool?: HashPool) {
    this.#pool = pool
  }

  /** All files below a folder, or the file that `root` is, sorted by their paths; links are not followed. */
  async below(root: string, signal: AbortSignal | undefined): Promise<readonly Candidate[]> {
    const found = this.#found.get(root) ?? (await filesBelow(root, { pool: this.#pool, signal }))
    this.#found.set(root, found)
    return found
  }
}

async function filesBelow(root: string, options: LookOptions): Promise<Candidate[]> {
  const [itself] = await candidatesAt([root], options)
  if (itself !== undefined) return [itself]
  const paths: string[] = []
  const folders = [{ path: root, depth: 0 }]
  for (let folder = folders.pop(); folder !== undefined && paths.length < MOST_FILES; folder = folders.pop()) {
    options.signal?.throwIfAborted()
    for (const entry of await entriesOf(folder.path)) {
      // What a fetch is just writing is no earlier version of anything.
      if (isHiddenName(entry.name)) continue
      const path = join(folder.path, entry.name)
      if (entry.isDirectory() && folder.depth < MOST_DEPTH) folders.push({ path, depth: folder.depth + 1 })
      else if (entry.isFile() && paths.length < MOST_FILES) paths.push(path)
    }
  }
  return (await candidatesAt(paths.sort(), options)).filter((candidate) => candidate !== undefined)
}

/** Nothing for what cannot be read: it is an offer, and without it the content is fetched. */
async function entriesOf(folder: string): Promise<Dirent[]> {
  return readdir(folder, { withFileTypes: true }).catch(() => [])
}

/**
 * The file at each of `paths`, which are below `root` or `root` itself, in the same order; undefined where there is none, or an empty one, or where
 * a folder below `root` on the way to it is a link. Rejects with the signal's reason.
 */
export async function candidatesBelow(
  root: string,
  paths: readonly string[],
  options?: LookOptions,
): Promise<readonly (Candidate | undefined)[]> {
  const candidates = await candidatesAt(paths, options)
  // Without a slash at its end.
  const top = resolve(root)
  const folders = foldersBetween(top, candidates)
  const looks = await lookAt(folders, options)
  const real = new Set<string>([top])
  // From above to below: what is behind a link is not real either.
  for (const [index, folder] of folders.entries()) {
    if (isFolder(looks.at(index)) && real.has(dirname(folder))) real.add(folder)
  }
  return candidates.map((candidate) =>
    candidate === undefined || candidate.path === top || real.has(dirname(candidate.path)) ? candidate : undefined,
  )
}

/** Every folder below `root` that has one of `candidates` somewhere in it, each behind the one that it is in. */
function foldersBetween(root: string, candidates: readonly (Candidate | undefined)[]): string[] {
  const folders = new Set<string>()
  for (const candidate of candidates) {
    let folder = dirname(candidate?.path ?? root)
    for (; folder.length > root.length && !folders.has(folder); folder = dirname(folder)) folders.add(folder)
  }
  return [...folders].sort((first, second) => first.length - second.length)
}

function isFolder(look: Look | undefined): boolean {
  return look !== undefined && (look.mode & constants.S_IFMT) === constants.S_IFDIR
}

/** The file at each of `paths`, in the same order; undefined where there is none, or an empty one. Rejects with the signal's reason. */
async function candidatesAt(paths: readonly string[], options?: LookOptions): Promise<readonly (Candidate | undefined)[]> {
  const looks = await lookAt(paths, options)
  return paths.map((path, index) => {
    const look = looks.at(index)
    if (look?.isFile !== true || look.stamp.lengthBytes === 0) return undefined
    const { stamp, mode, device } = look
    return { path, stamp, mode, device }
  })
}
