import { lstat } from 'node:fs/promises'
import { equalBytes } from '../../base/bytes.ts'
import type { TorrentInfo } from '../../torrent/info.ts'
import { systemCode } from '../disk-error.ts'
import { inParallel } from '../in-parallel.ts'
import { type Candidate, candidateAt } from './files-below.ts'
import type { CandidateSource } from './find-candidates.ts'
import { type KnownFile, type KnownTree, pathOfKnown } from './known-tree.ts'
import type { KnownTrees } from './known-trees.ts'

/** What is looked for among the trees that this host is known to hold. */
export interface KnownSearch {
  readonly trees: KnownTrees
  readonly info: Pick<TorrentInfo, 'files'>
  /** Of 20 bytes: those by which peers know the torrent. Its own trees are no candidates. */
  readonly infoHashes: readonly Uint8Array[]
  /** The root of the merkle tree of each file of `info`, as `rootKey` writes it; undefined where there is none. */
  readonly roots: readonly (string | undefined)[]
  /** True drops from what is known what turns out to be gone. */
  readonly forgets: boolean
  readonly signal?: AbortSignal | undefined
}

const STATS_AT_ONCE = 8
/** By so much the clock of a file system may be ahead of ours. */
const CLOCK_SLACK_MS = 10_000

/**
 * Finds files of a torrent among the trees that this host is known to hold. Trees of the same torrent are passed over: whoever fetches it
 * twice on one host mostly tries out how it is transferred, and `--reuse` names a tree whatever it is of.
 */
export class KnownFiles implements CandidateSource {
  readonly #search: KnownSearch
  #others: Promise<readonly KnownTree[]> | undefined

  constructor(search: KnownSearch) {
    this.#search = search
  }

  /** Files with the merkle root of what is wanted, which were not written to since (BEP 52). */
  same(files: readonly number[]): Promise<Map<number, Candidate>> {
    const wanted = grouped(files, (file) => this.#search.roots[file])
    const isUnwritten = ({ stamp }: Candidate, { notedMs }: KnownTree): boolean =>
      Number(stamp.mtimeNs / 1_000_000n) <= notedMs + CLOCK_SLACK_MS
    return this.#find(wanted, ({ root }) => root, isUnwritten)
  }

  /** Files with the name and the length of what is wanted, where one of the two has no root to compare. */
  alike(files: readonly number[]): Promise<Map<number, Candidate>> {
    const { info, roots } = this.#search
    const wanted = grouped(files, (file) => {
      const { path = [], lengthBytes = 0 } = info.files[file] ?? {}
      return keyOf(path.at(-1) ?? '', lengthBytes, roots[file] !== undefined)
    })
    return this.#find(wanted, ({ path, lengthBytes, root }) => {
      const name = path.slice(path.lastIndexOf('/') + 1)
      const key = keyOf(name, lengthBytes, false)
      return root === undefined && !wanted.has(key) ? keyOf(name, lengthBytes, true) : key
    })
  }

  async #find(
    wanted: Map<string, number[]>,
    keyOfKnown: (file: KnownFile) => string | undefined,
    isFit: (candidate: Candidate, tree: KnownTree) => boolean = () => true,
  ): Promise<Map<number, Candidate>> {
    const found = new Map<number, Candidate>()
    if (wanted.size === 0) return found
    this.#others ??= this.#otherTrees()
    for (const tree of await this.#others) {
      const hits = tree.files.flatMap((file) => {
        const key = keyOfKnown(file)
        return key !== undefined && wanted.has(key) ? [{ file, key }] : []
      })
      if (hits.length === 0) continue
      const gone = (await isGone(tree.place)) ? new Set(tree.files) : new Set<KnownFile>()
      await inParallel(gone.size > 0 ? [] : hits, STATS_AT_ONCE, async ({ file, key }) => {
        this.#search.signal?.throwIfAborted()
        const numbers = wanted.get(key)
        if (numbers === undefined) return
        const candidate = await candidateAt(pathOfKnown(tree, file))
        if (candidate?.stamp.lengthBytes !== file.lengthBytes) gone.add(file)
        else if (isFit(candidate, tree)) {
          for (const number of numbers) found.set(number, candidate)
          wanted.delete(key)
        }
      })
      if (gone.size > 0 && this.#search.forgets) await this.#search.trees.forget(tree, gone)
      if (wanted.size === 0) break
    }
    return found
  }

  async #otherTrees(): Promise<readonly KnownTree[]> {
    const { trees, infoHashes } = this.#search
    const isOwn = (hash: Uint8Array): boolean => infoHashes.some((own) => equalBytes(own, hash))
    return (await trees.all()).filter((tree) => !tree.infoHashes.some(isOwn))
  }
}

function grouped(files: readonly number[], keyOfFile: (file: number) => string | undefined): Map<string, number[]> {
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

/** A path separates what no name holds. */
function keyOf(name: string, lengthBytes: number, hasRoot: boolean): string {
  return `${lengthBytes}${hasRoot ? '//' : '/'}${name}`
}

async function isGone(place: string): Promise<boolean> {
  const code = await lstat(place).then(() => undefined, systemCode)
  return code === 'ENOENT' || code === 'ENOTDIR'
}
