import { lstat } from 'node:fs/promises'
import { basename } from 'node:path/posix'
import { equalBytes } from '../../base/bytes.ts'
import { MiB } from '../../base/units.ts'
import type { TorrentInfo } from '../../torrent/info.ts'
import { systemCode } from '../disk-error.ts'
import type { HashPool } from '../hash-pool.ts'
import { type Candidate, candidatesBelow } from './files-below.ts'
import type { CandidateSource } from './find-candidates.ts'
import { type KnownFile, type KnownHints, type KnownTree, pathOfKnown } from './known-tree.ts'
import type { KnownTrees } from './known-trees.ts'

/** What is looked for among the trees that this host is known to hold. */
export interface KnownSearch {
  readonly trees: KnownTrees
  readonly info: Pick<TorrentInfo, 'files' | 'isSingleFile'>
  /** Of 20 bytes: those by which peers know the torrent. Its own trees are no candidates. */
  readonly infoHashes: readonly Uint8Array[]
  /** The root of the merkle tree of each file of `info`, as `rootKey` writes it; undefined where there is none. */
  readonly roots: readonly (string | undefined)[]
  /** What the torrent says of similar ones (BEP 38). */
  readonly hints: KnownHints
  /** True drops from what is known what turns out to be gone. */
  readonly forgets: boolean
  readonly signal?: AbortSignal | undefined
}

/** By so much the clock of a file system may be ahead of ours. */
const CLOCK_SLACK_MS = 10_000
/** An earlier version that is longer by more is none: all of it may be looked through, because a stranger said so. */
const MOST_TIMES_LONGER = 4
const LONGER_ANYWAY_BYTES = MiB

/**
 * Finds files of a torrent among the trees that this host is known to hold. Trees of the same torrent are passed over: whoever fetches it
 * twice on one host mostly tries out how it is transferred, and `--reuse` names a tree whatever it is of.
 */
export class KnownFiles implements CandidateSource {
  readonly #search: KnownSearch
  #others: Promise<readonly KnownTree[]> | undefined
  /** What turned out to be gone. */
  readonly #gone = new Map<KnownTree, ReadonlySet<KnownFile>>()

  constructor(search: KnownSearch) {
    this.#search = search
  }

  /** Files with the merkle root of what is wanted, which were not written to since (BEP 52). */
  async same(files: readonly number[], pool?: HashPool): Promise<Map<number, Candidate>> {
    const wanted = grouped(files, (file) => this.#search.roots[file])
    const isUnwritten = ({ stamp }: Candidate, { notedMs }: KnownTree): boolean =>
      Number(stamp.mtimeNs / 1_000_000n) <= notedMs + CLOCK_SLACK_MS
    return this.#find(await this.#trees(), wanted, ({ root }) => root, isUnwritten, pool)
  }

  /**
   * Files at the same path in trees of similar torrents (BEP 38), and of one file the only file in these; then files with the name and the
   * length of what is wanted in any tree, where one of the two has no roots to compare.
   */
  async alike(files: readonly number[], pool?: HashPool): Promise<Map<number, Candidate>> {
    const { info, roots } = this.#search
    const trees = await this.#trees()
    const similar = this.#similarAmong(trees)
    const found = new Map<number, Candidate>()
    const look = async (among: readonly KnownTree[], keyOfFile: KeyOfFile, keyOfKnown: KeyOfKnown): Promise<void> => {
      const wanted = grouped(
        files.filter((file) => !found.has(file)),
        keyOfFile,
      )
      for (const [file, candidate] of await this.#find(among, wanted, keyOfKnown, isNear, pool)) found.set(file, candidate)
    }
    const lengthOf = (file: number): number => info.files[file]?.lengthBytes ?? 0
    const isNear = ({ stamp }: Candidate, _tree: KnownTree, file: number): boolean =>
      stamp.lengthBytes <= MOST_TIMES_LONGER * lengthOf(file) + LONGER_ANYWAY_BYTES
    const pathOf = (file: number): string => info.files[file]?.path.join('/') ?? ''
    await look(similar, pathOf, ({ path }) => path)
    if (info.isSingleFile) {
      const alone = similar.filter(({ isSingleFile }) => isSingleFile)
      await look(alone, String, () => '0')
    }
    const hasRoots = roots.some((root) => root !== undefined)
    const incomparable = trees.filter((tree) => !hasRoots || tree.files[0]?.root === undefined)
    const nameAndLength = (path: string, lengthBytes: number): string => `${lengthBytes}/${basename(path)}`
    await look(
      incomparable,
      (file) => nameAndLength(pathOf(file), lengthOf(file)),
      ({ path, lengthBytes }) => nameAndLength(path, lengthBytes),
    )
    return found
  }

  /** Those that we name, then those that name us, then those that belong to the same; of each the newest first. */
  #similarAmong(trees: readonly KnownTree[]): readonly KnownTree[] {
    const { hints, infoHashes } = this.#search
    const collections = new Set(hints.collections)
    return [
      ...new Set([
        ...trees.filter((tree) => haveCommon(tree.infoHashes, hints.similar)),
        ...trees.filter((tree) => haveCommon(tree.hints.similar, infoHashes)),
        ...trees.filter((tree) => tree.hints.collections.some((name) => collections.has(name))),
      ]),
    ]
  }

  async #find(
    trees: readonly KnownTree[],
    wanted: Map<string, number[]>,
    keyOfKnown: KeyOfKnown,
    isFit: (candidate: Candidate, tree: KnownTree, file: number) => boolean,
    pool: HashPool | undefined,
  ): Promise<Map<number, Candidate>> {
    const found = new Map<number, Candidate>()
    for (const tree of trees) {
      if (wanted.size === 0) break
      const known = this.#gone.get(tree)
      const hits = tree.files.flatMap((file) => {
        const key = keyOfKnown(file)
        return key !== undefined && wanted.has(key) && known?.has(file) !== true ? [{ file, key }] : []
      })
      if (hits.length === 0) continue
      const isWhollyGone = await isGone(tree.place)
      const gone = new Set(isWhollyGone ? tree.files : known)
      const there = isWhollyGone ? [] : hits
      const paths = there.map(({ file }) => pathOfKnown(tree, file))
      const candidates = await candidatesBelow(tree.place, paths, { pool, signal: this.#search.signal })
      for (const [index, { file, key }] of there.entries()) {
        const numbers = wanted.get(key)
        if (numbers === undefined) continue
        const candidate = candidates[index]
        if (candidate?.stamp.lengthBytes !== file.lengthBytes) gone.add(file)
        else {
          const fit = numbers.filter((number) => isFit(candidate, tree, number))
          for (const number of fit) found.set(number, candidate)
          if (fit.length === numbers.length) wanted.delete(key)
        }
      }
      if (gone.size === (known?.size ?? 0)) continue
      this.#gone.set(tree, gone)
      if (this.#search.forgets) await this.#search.trees.forget(tree, gone)
    }
    return found
  }

  /** Read once. */
  #trees(): Promise<readonly KnownTree[]> {
    this.#others ??= this.#otherTrees()
    return this.#others
  }

  async #otherTrees(): Promise<readonly KnownTree[]> {
    const { trees, infoHashes } = this.#search
    return (await trees.all()).filter((tree) => !haveCommon(tree.infoHashes, infoHashes))
  }
}

type KeyOfFile = (file: number) => string | undefined
type KeyOfKnown = (file: KnownFile) => string | undefined

function grouped(files: readonly number[], keyOfFile: KeyOfFile): Map<string, number[]> {
  const groups = new Map<string, number[]>()
  for (const file of files) {
    const key = keyOfFile(file)
    if (key === undefined) continue
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [file])
    else group.push(file)
  }
  return groups
}

function haveCommon(left: readonly Uint8Array[], right: readonly Uint8Array[]): boolean {
  return left.some((hash) => right.some((other) => equalBytes(hash, other)))
}

async function isGone(place: string): Promise<boolean> {
  const code = await lstat(place).then(() => undefined, systemCode)
  return code === 'ENOENT' || code === 'ENOTDIR'
}
