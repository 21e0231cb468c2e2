import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { lstat, open, opendir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { MiB } from '../../base/units.ts'
import { inParallel } from '../in-parallel.ts'
import { placedName, placeInName } from '../placed-name.ts'
import { checkOwner, makePrivateFolder } from '../private-folder.ts'
import { decodeKnownTree, encodeKnownTree, type KnownFile, type KnownTree } from './known-tree.ts'

const MOST_TREES = 128
const MOST_BYTES = 16 * MiB
const MOST_TREE_BYTES = 4 * MiB
/** Entries of the folder that are looked at. */
const MOST_ENTRIES = 10_000
const READ_AT_ONCE = 8
/** A draft that old was left by a run that was killed. */
const DRAFT_MS = 3_600_000

/**
 * The trees that distro knows of on this host, in a folder that many runs share: one small file for each tree and place, written whole or
 * not at all, and the oldest leave first. All of it is a hint. What cannot be read, written or understood is passed over, nothing of it
 * ends a run, and what it leads to is hashed before it is used.
 */
export class KnownTrees {
  readonly #folder: string
  readonly #nowMs: () => number

  /** `nowMs` tells the time of day, in milliseconds since 1970. */
  constructor(folder: string, nowMs: () => number) {
    this.#folder = folder
    this.#nowMs = nowMs
  }

  /** Remembers a tree, in place of what was known at its place before. A tree without content, or with too many files, is not remembered. */
  async note(tree: Omit<KnownTree, 'notedMs'>): Promise<void> {
    const notedMs = Math.floor(this.#nowMs())
    const bytes = tree.files.length === 0 ? undefined : encodeKnownTree({ ...tree, notedMs })
    if (bytes === undefined || bytes.length > MOST_TREE_BYTES) return
    await unlessRefused(async () => {
      await makePrivateFolder(this.#folder)
      await this.#put(tree, bytes)
      await this.#clear(nameOf(tree))
    })
  }

  /** All that is known, the newest first. */
  async all(): Promise<readonly KnownTree[]> {
    const trees: KnownTree[] = []
    await unlessRefused(async () => {
      await checkOwner(this.#folder, false)
      const names = (await this.#names()).filter((name) => placeInName(name) !== undefined)
      await inParallel(names, READ_AT_ONCE, async (name) => {
        const bytes = await readBounded(join(this.#folder, name)).catch(() => undefined)
        const tree = bytes === undefined ? undefined : decodeKnownTree(bytes)
        if (tree?.ok === true) trees.push(tree.value)
      })
    })
    return trees.sort((left, right) => right.notedMs - left.notedMs)
  }

  /** Drops files that are gone from what is known of a tree; of a tree that is gone, all of them. */
  async forget(tree: KnownTree, gone: ReadonlySet<KnownFile>): Promise<void> {
    const files = tree.files.filter((file) => !gone.has(file))
    await unlessRefused(async () => {
      if (files.length > 0) await this.#put(tree, encodeKnownTree({ ...tree, files }))
      // What was noted meanwhile at the same place is known again at the next fetch of it.
      else await rm(join(this.#folder, nameOf(tree)), { force: true })
    })
  }

  async #put(tree: Pick<KnownTree, 'infoHashes' | 'place'>, bytes: Uint8Array): Promise<void> {
    const draft = join(this.#folder, `draft-${randomUUID()}`)
    try {
      await writeFile(draft, bytes, { flag: 'wx', mode: 0o600 })
      await rename(draft, join(this.#folder, nameOf(tree)))
    } catch (error) {
      await rm(draft, { force: true })
      throw error
    }
  }

  /** Removes what another tree has replaced at the place of `added`, what is too large or too much, and drafts of runs that were killed. */
  async #clear(added: string): Promise<void> {
    const records: { readonly name: string; readonly bytes: number; readonly changedMs: number }[] = []
    await inParallel(await this.#names(), READ_AT_ONCE, async (name) => {
      const stats = await lstat(join(this.#folder, name)).catch(() => undefined)
      if (stats?.isFile() !== true) return
      const place = placeInName(name)
      const isRecord = place !== undefined
      const isObsolete = isRecord && name !== added && (place === placeInName(added) || stats.size > MOST_TREE_BYTES)
      const isLeft = DRAFT.test(name) && this.#nowMs() - stats.mtimeMs > DRAFT_MS
      if (isObsolete || isLeft) await rm(join(this.#folder, name), { force: true })
      else if (isRecord) records.push({ name, bytes: stats.size, changedMs: name === added ? Number.POSITIVE_INFINITY : stats.mtimeMs })
    })
    let bytes = 0
    for (const [place, record] of records.sort((left, right) => right.changedMs - left.changedMs).entries()) {
      bytes += record.bytes
      if (place >= MOST_TREES || bytes > MOST_BYTES) await rm(join(this.#folder, record.name), { force: true })
    }
  }

  async #names(): Promise<readonly string[]> {
    const names: string[] = []
    for await (const { name } of await opendir(this.#folder)) if (names.push(name) >= MOST_ENTRIES) break
    return names
  }
}

const DRAFT = /^draft-[0-9a-f-]{36}$/

/** By its first info-hash and its place, because one tree may stand at several, and a place holds one tree at a time. */
function nameOf({ infoHashes: [infoHash = new Uint8Array()], place }: Pick<KnownTree, 'infoHashes' | 'place'>): string {
  return placedName(infoHash, place)
}

async function readBounded(path: string): Promise<Uint8Array | undefined> {
  await using handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  const stats = await handle.stat()
  if (!stats.isFile() || stats.size > MOST_TREE_BYTES) return undefined
  const bytes = Buffer.alloc(stats.size)
  const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0)
  return bytes.subarray(0, bytesRead)
}

/** What is only a hint may fail as it likes. */
async function unlessRefused(work: () => Promise<void>): Promise<void> {
  await work().catch(() => undefined)
}
