import { accessSync, type BigIntStats, constants, lstatSync, readdirSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { fromUtf8 } from '../base/bytes.ts'
import { DistroError } from '../base/errors.ts'
import type { TorrentSymlink } from '../torrent/info.ts'
import { danglingLink } from './dangling-link.ts'
import { diskError, systemCode } from './disk-error.ts'
import { attributesOf, type EntryAttributes } from './entry-attributes.ts'
import { ExclusionRules, IGNORE_FILE } from './exclusion-rules.ts'
import { hasExecBit } from './exec-bit.ts'
import { type FileStamp, stampOf } from './file-stamp.ts'
import { isHiddenName } from './hidden-name.ts'
import { linkTarget } from './link-target.ts'
import { resolvePlace } from './resolve-place.ts'

export interface WalkOptions {
  /** What is left out, in lines of gitignore syntax that come after those of every `.distroignore`. */
  readonly exclude?: readonly string[]
  /** Files that are left out because they are about to be written, absolute. */
  readonly outputs?: readonly string[]
  readonly signal?: AbortSignal
}

/** A file that is to be published. */
export interface WalkedFile {
  /** Below the root, one element each; the file's name alone for a single file. */
  readonly path: readonly string[]
  readonly lengthBytes: number
  /** True if its owner may execute it. */
  readonly isExecutable: boolean
  /** What it was when it was found, to tell later whether it changed. */
  readonly stamp: FileStamp
}

/** Everything below a directory, or one file, that is to be published. */
export interface WalkedTree {
  /** Absolute, with every link in it resolved. */
  readonly root: string
  /** The last element of the path that was asked for: the link's name, not that of what it points to. */
  readonly name: string
  readonly isSingleFile: boolean
  /** In the order of the bytes of their paths, elements joined by slashes: the same on every machine. */
  readonly files: readonly WalkedFile[]
  /** In the same order. */
  readonly symlinks: readonly TorrentSymlink[]
  /** Folders in which nothing is published and which are not left out themselves, in the same order. */
  readonly emptyDirectories: readonly (readonly string[])[]
  /** The modes and times of all of these and of all folders that were met, by paths with slashes between the elements; the root, or a single file, is the empty path. */
  readonly attributes: ReadonlyMap<string, EntryAttributes>
  readonly totalBytes: number
  /** Outputs and working files of distro that were met and left out, below the root with slashes between the elements. */
  readonly leftOut: readonly string[]
  /** Lines of `exclude` that nothing which would be published matches. */
  readonly idleExclusions: readonly string[]
}

/**
 * Finds what is to be published below `path`. Dot-files count like others; `.distroignore` files are instructions for this walk
 * and are not published; outputs and the working files of a fetch are left out and named. Nothing else is left out: links that lead out of the tree, FIFOs, sockets, devices, unreadable files and names that are
 * not UTF-8 are refused together in one INPUT_REFUSED, before any byte is read. A link given as `path` itself is followed.
 * Throws INPUT_MISSING if there is nothing at `path`, INPUT_REFUSED if there is nothing in it, USAGE if an output would replace it, DISK_FAILED.
 */
export async function walkTree(path: string, options: WalkOptions = {}): Promise<WalkedTree> {
  const root = await resolveRoot(path)
  const name = basename(resolve(path))
  const stats = lstatSync(root, { bigint: true })
  const outputs = await Promise.all((options.outputs ?? []).map(resolvePlace))
  if (!stats.isDirectory() && outputs.includes(root)) {
    throw new DistroError('USAGE', `${path} is the content, and would be replaced by what is written there.`, {
      hint: 'Name another file.',
    })
  }
  const rules = new ExclusionRules(options.exclude ?? [])
  const walk = new Walk(root, rules, new Set(outputs))
  walk.attributes.set('', attributesOf(stats))
  if (stats.isDirectory()) await walk.enter([], options.signal)
  else walk.meet([name], root, stats)
  walk.throwRefusals()
  const files = inOrder(walk.files)
  if (files.length === 0) {
    throw new DistroError('INPUT_REFUSED', `There is no file to publish in ${path}.`, {
      hint: 'Check the path, --exclude and .distroignore.',
    })
  }
  const totalBytes = files.reduce((sum, file) => sum + file.lengthBytes, 0)
  const isSingleFile = !stats.isDirectory()
  const [symlinks, emptyDirectories] = [inOrder(walk.symlinks), inOrder(walk.emptyDirectories).map(({ path }) => path)]
  const { attributes, leftOut } = walk
  return { root, name, isSingleFile, files, symlinks, emptyDirectories, attributes, totalBytes, leftOut, idleExclusions: rules.idle }
}

function inOrder<Entry extends { readonly path: readonly string[] }>(entries: readonly Entry[]): Entry[] {
  const sorted = entries.map((entry) => ({ entry, bytes: Buffer.from(entry.path.join('/')) }))
  return sorted.sort((left, right) => Buffer.compare(left.bytes, right.bytes)).map(({ entry }) => entry)
}

async function resolveRoot(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw diskError(error, 'read', path)
    const dangling = await danglingLink(path)
    throw dangling === undefined
      ? new DistroError('INPUT_MISSING', `There is nothing at ${path}.`, { hint: 'Check the spelling of the path.', cause: error })
      : new DistroError('INPUT_MISSING', `${dangling}.`, {
          hint: 'Name what is to be published, or let the link lead there.',
          cause: error,
        })
  }
}

/** Refusals that are named one by one; the rest is counted. */
const NAMED_REFUSALS = 20

/** Something that cannot be published. */
interface Refusal {
  readonly path: string
  readonly why: string
}

const UNREADABLE = 'cannot be read by this user'
const VANISHED = 'disappeared while the tree was read'

class Walk {
  readonly files: WalkedFile[] = []
  readonly symlinks: TorrentSymlink[] = []
  readonly emptyDirectories: { readonly path: readonly string[] }[] = []
  readonly leftOut: string[] = []
  readonly attributes = new Map<string, EntryAttributes>()
  readonly #root: string
  readonly #rules: ExclusionRules
  readonly #outputs: ReadonlySet<string>
  readonly #refusals: Refusal[] = []

  constructor(root: string, rules: ExclusionRules, outputs: ReadonlySet<string>) {
    this.#root = root
    this.#rules = rules
    this.#outputs = outputs
  }

  /** Walks the directory `below` the root; other work of the process goes on between two directories. */
  async enter(below: readonly string[], signal: AbortSignal | undefined): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    signal?.throwIfAborted()
    const directory = join(this.#root, ...below)
    const names = this.#namesIn(directory)
    const metBefore = this.#met
    if (names.includes(IGNORE_FILE)) this.#rules.readFrom(directory, below)
    for (const name of names) {
      const path = [...below, name]
      const fullPath = join(directory, name)
      const stats = lstatSync(fullPath, { bigint: true, throwIfNoEntry: false })
      if (stats === undefined) this.#refuse(fullPath, VANISHED)
      else if (this.#rules.excludes(path, stats.isDirectory())) continue
      else if (isHiddenName(name) || (this.#outputs.has(fullPath) && stats.isFile())) this.leftOut.push(path.join('/'))
      else if (stats.isDirectory()) {
        this.attributes.set(path.join('/'), attributesOf(stats))
        await this.enter(path, signal)
      } else if (name !== IGNORE_FILE || !stats.isFile()) {
        this.attributes.set(path.join('/'), attributesOf(stats))
        this.meet(path, fullPath, stats)
      }
    }
    if (below.length > 0 && this.#met === metBefore) this.emptyDirectories.push({ path: below })
  }

  get #met(): number {
    return this.files.length + this.symlinks.length + this.emptyDirectories.length
  }

  /** Takes up what is at `fullPath`, unless it cannot be published. */
  meet(path: readonly string[], fullPath: string, stats: BigIntStats): void {
    if (stats.isSymbolicLink()) {
      const target = linkTarget(this.#root, path)
      if ('refusal' in target) this.#refuse(fullPath, target.refusal)
      else this.symlinks.push({ path, target: target.path })
      return
    }
    if (!stats.isFile()) {
      this.#refuse(fullPath, whatItIs(stats))
      return
    }
    if (!isReadable(fullPath, stats)) {
      this.#refuse(fullPath, UNREADABLE)
      return
    }
    const stamp = stampOf(stats)
    this.files.push({ path, lengthBytes: stamp.lengthBytes, isExecutable: hasExecBit(Number(stats.mode)), stamp })
  }

  throwRefusals(): void {
    if (this.#refusals.length === 0) return
    const named = this.#refusals
      .slice(0, NAMED_REFUSALS)
      .map(({ path, why }) => `${path} ${why}`)
      .join('; ')
    const rest = this.#refusals.length - NAMED_REFUSALS
    throw new DistroError('INPUT_REFUSED', `Cannot publish: ${named}${rest > 0 ? `; and ${rest} more` : ''}.`, { hint: this.#hint() })
  }

  #hint(): string {
    const whys = new Set(this.#refusals.map(({ why }) => why))
    if (this.#refusals.some(({ path }) => path === this.#root)) return 'Name a directory or a regular file that this user may read.'
    if (whys.size === 1 && whys.has(VANISHED)) return 'Run the same command again once nothing in the tree changes.'
    const them = this.#refusals.length === 1 ? 'it' : 'them'
    const cure = whys.size === 1 && whys.has(UNREADABLE) ? `Let this user read ${them}` : `Remove ${them}`
    return `${cure}, or leave ${them} out with --exclude or a .distroignore file.`
  }

  /** Names are read as bytes: one that is not UTF-8 would otherwise come out as another name. */
  #namesIn(directory: string): string[] {
    let raw: Buffer[]
    try {
      raw = readdirSync(directory, { encoding: 'buffer' })
    } catch (error) {
      const why = absences[systemCode(error)]
      if (why === undefined) throw diskError(error, 'read', directory)
      this.#refuse(directory, why)
      return []
    }
    const names: string[] = []
    for (const bytes of raw) {
      const name = fromUtf8(bytes)
      if (name === undefined)
        this.#refuse(join(directory, bytes.toString('utf8')), `has a name that is not UTF-8 (bytes ${bytes.toString('hex')})`)
      else names.push(name)
    }
    return names
  }

  #refuse(path: string, why: string): void {
    this.#refusals.push({ path, why })
  }
}

/** Why a directory gives no names where its disk is well. */
const absences: Readonly<Record<string, string>> = { EACCES: UNREADABLE, EPERM: UNREADABLE, ENOENT: VANISHED, ENOTDIR: VANISHED }

/** The system is asked only where the mode leaves a doubt: most files may be read by everybody, and there may be 200,000 of them. */
function isReadable(path: string, { mode }: BigIntStats): boolean {
  if ((mode & READABLE_BY_ALL) === READABLE_BY_ALL) return true
  try {
    accessSync(path, constants.R_OK)
    return true
  } catch {
    return false
  }
}

const READABLE_BY_ALL = 0o444n

function whatItIs(stats: BigIntStats): string {
  if (stats.isFIFO()) return 'is a FIFO'
  if (stats.isSocket()) return 'is a socket'
  return stats.isCharacterDevice() || stats.isBlockDevice() ? 'is a device' : 'is not a regular file'
}
