import { basename, join } from 'node:path'
import type { TorrentInfo } from '../../torrent/info.ts'
import { contentPath } from '../file-layout.ts'
import type { HashPool } from '../hash-pool.ts'
import { type Candidate, candidatesBelow, type FolderContents } from './files-below.ts'

/**
 * Another way to candidates than looking through folders. Each answers for the files, by number, of which it knows something; the workers of
 * `pool` look where there are many.
 */
export interface CandidateSource {
  /** Files that held just what is wanted when somebody last looked. */
  same(files: readonly number[], pool?: HashPool): Promise<ReadonlyMap<number, Candidate>>
  /** Files that may hold it. */
  alike(files: readonly number[], pool?: HashPool): Promise<ReadonlyMap<number, Candidate>>
}

/** Where candidates are looked for. */
export interface CandidateSearch {
  readonly info: TorrentInfo
  /** Files that are looked for, by number. */
  readonly files: readonly number[]
  /** Trees, folders with trees in them, or single files; absolute. The first are the best. What is not there is passed over. */
  readonly roots: readonly string[]
  readonly contents: FolderContents
  /** Asked for what is the same before the roots, and for what is alike after them. */
  readonly elsewhere?: CandidateSource | undefined
  readonly pool: HashPool
  readonly signal?: AbortSignal | undefined
}

/**
 * For each file, by number, what may hold its content: the file at the same path below a root, or below the folder of the torrent's name in
 * it; else, because trees are often called after their version, one with the same name and length, or the same length and ending. Links
 * are not followed.
 */
export async function findCandidates(search: CandidateSearch): Promise<Map<number, Candidate>> {
  const { info, files, roots, contents, elsewhere, pool, signal } = search
  const candidates = new Map<number, Candidate>()
  const missing = (): number[] => files.filter((file) => !candidates.has(file) && (info.files[file]?.lengthBytes ?? 0) > 0)
  const add = (more: ReadonlyMap<number, Candidate> = new Map()): void => {
    for (const [file, candidate] of more) candidates.set(file, candidate)
  }
  add(await elsewhere?.same(missing(), pool))
  const places = roots.flatMap((root) => [root, join(root, info.name)].map((place) => ({ root, place })))
  for (const { root, place } of places) {
    const sought = missing()
    const paths = sought.map((file) => contentPath(info, place, file))
    for (const [index, candidate] of (await candidatesBelow(root, paths, { pool, signal })).entries()) {
      if (candidate !== undefined) candidates.set(sought[index] as number, candidate)
    }
  }
  for (const root of roots) {
    if (missing().length === 0) break
    const moved = new MovedFiles(await contents.below(root, signal))
    for (const file of missing()) {
      const { path = [], lengthBytes = 0 } = info.files[file] ?? {}
      const candidate = moved.find(path.at(-1) ?? '', lengthBytes)
      if (candidate !== undefined) candidates.set(file, candidate)
    }
  }
  add(await elsewhere?.alike(missing(), pool))
  return candidates
}

/** Files by what they keep when they are moved or renamed. */
class MovedFiles {
  readonly #byKey = new Map<string, Candidate>()

  constructor(found: readonly Candidate[]) {
    for (const candidate of found) {
      for (const key of keysOf(basename(candidate.path), candidate.stamp.lengthBytes)) {
        if (!this.#byKey.has(key)) this.#byKey.set(key, candidate)
      }
    }
  }

  find(name: string, lengthBytes: number): Candidate | undefined {
    for (const key of keysOf(name, lengthBytes)) {
      const candidate = this.#byKey.get(key)
      if (candidate !== undefined) return candidate
    }
    return undefined
  }
}

/** What a file is known by, the most telling first: a path separates what no name holds. */
function keysOf(name: string, lengthBytes: number): string[] {
  const ending = /\.[^.]*$/.exec(name)?.[0] ?? ''
  return [`${lengthBytes}/${name}`, `${lengthBytes}//${ending}`]
}
