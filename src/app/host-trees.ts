import { realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { equalBytes } from '../base/bytes.ts'
import { KnownFiles } from '../store/reuse/known-files.ts'
import { KnownTrees } from '../store/reuse/known-trees.ts'
import type { InfoDictionary } from '../torrent/info.ts'
import { shortInfoHash } from '../torrent/info-hash.ts'
import { rootKey } from '../torrent/root-key.ts'

const NO_HINTS = { similar: [], collections: [] }

/** What a look among the known trees may do. */
export interface KnownLook {
  /** False writes nothing. */
  readonly forgets: boolean
  readonly signal: AbortSignal
}

/** The trees that the runs with one state folder fetched and published on this host, as far as they are remembered there. */
export class HostTrees {
  readonly #trees: KnownTrees

  constructor(stateDir: string) {
    this.#trees = new KnownTrees(join(stateDir, 'known-trees'), Date.now)
  }

  /**
   * Remembers that the content of a torrent stands at `place`; of a part of it the files `selected`, by number. What is private (BEP 27) is not
   * remembered, because a torrent of somebody else could ask for it by its hashes then and give it to others.
   */
  async note(content: InfoDictionary, place: string, selected?: ReadonlySet<number>): Promise<void> {
    const { info, hints = NO_HINTS } = content
    if (info.isPrivate) return
    const roots = rootsOf(content)
    const files = info.files.flatMap(({ kind, path, lengthBytes }, file) => {
      const isThere = kind === 'file' && lengthBytes > 0 && (selected === undefined || selected.has(file))
      return isThere ? [{ path: path.join('/'), lengthBytes, root: roots[file] }] : []
    })
    const real = await realpath(place).catch(() => place)
    await this.#trees.note({ infoHashes: shortHashes(content), place: real, isSingleFile: info.isSingleFile, files, hints })
  }

  /** A search for files of a torrent among trees of others. */
  filesFor(content: InfoDictionary, look: KnownLook): KnownFiles {
    const { info, hints = NO_HINTS } = content
    const own = { info, infoHashes: shortHashes(content), roots: rootsOf(content), hints }
    return new KnownFiles({ ...look, ...own, trees: this.#trees })
  }
}

/** By which peers know it: both halves of a hybrid have one. */
function shortHashes({ infoHash, v2 }: InfoDictionary): readonly Uint8Array[] {
  const hashes = v2 === undefined ? [] : [shortInfoHash(v2.infoHash)]
  return hashes.some((hash) => equalBytes(hash, infoHash)) ? hashes : [infoHash, ...hashes]
}

/** Both halves of a hybrid list the same files in the same order, but for the padding. */
function rootsOf({ info, v2 }: InfoDictionary): readonly (string | undefined)[] {
  const entries = v2?.info.files.values()
  return info.files.map(({ kind }) => {
    const root = kind === 'file' ? entries?.next().value?.piecesRoot : undefined
    return root === undefined ? undefined : rootKey(root)
  })
}
