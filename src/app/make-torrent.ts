import { DistroError } from '../base/errors.ts'
import type { Events } from '../base/events.ts'
import { systemClock } from '../base/system-clock.ts'
import { VERSION } from '../base/version.ts'
import type { FileStamp } from '../store/file-stamp.ts'
import { bulkWorkers, HashPool } from '../store/hash-pool.ts'
import { hashTree } from '../store/hash-tree.ts'
import { type WalkedTree, walkTree } from '../store/tree-walker.ts'
import { encodeInfo } from '../torrent/encode-info.ts'
import { encodeMetainfo } from '../torrent/encode-metainfo.ts'
import type { Metainfo } from '../torrent/info.ts'
import { decodeMetainfo } from '../torrent/metainfo.ts'
import { automaticPieceLength, checkPieceLength } from '../torrent/piece-length.ts'
import { quoteName } from '../torrent/quote-name.ts'
import { checkPathElement, PathTree } from '../torrent/safe-path.ts'
import { resolveSymlinks } from '../torrent/symlink.ts'
import { BulkProgress } from './bulk-progress.ts'
import { checkPublishedUrl } from './check-published-url.ts'
import type { CreateRequest } from './create-request.ts'
import type { VerbEvents } from './events.ts'
import { webSeedIdentity } from './web-seed-identity.ts'

/** What a torrent is made of. */
export interface TorrentSource
  extends Pick<CreateRequest, 'path' | 'name' | 'exclude' | 'pieceLengthBytes' | 'comment' | 'isPrivate' | 'trackers' | 'webSeeds'> {
  /** Files that the verb itself writes, absolute: they are no content, or the tree would be another one the second time. */
  readonly outputs: readonly string[]
}

const SHOWN_LEFT_OUT = 3

/** A torrent and the tree it was made of. */
export interface MadeTorrent {
  readonly metainfo: Metainfo
  /** The .torrent file. */
  readonly torrentBytes: Uint8Array
  /** Where the content lies; absolute, with links resolved. */
  readonly root: string
  /** What each file was when it was hashed. */
  readonly stamps: readonly FileStamp[]
}

/**
 * Walks a tree, hashes it on every core and encodes the torrent; emits `progress` (hash). The same tree gives the same bytes on
 * every machine and at any time: no date is written. Throws INPUT_MISSING, INPUT_REFUSED (also for a name that no fetch would
 * take), SOURCE_CHANGED, DISK_FAILED, or the signal's reason.
 */
export async function makeTorrent(source: TorrentSource, events: Events<VerbEvents>, signal: AbortSignal): Promise<MadeTorrent> {
  if (source.pieceLengthBytes !== undefined) checkPieceLength(source.pieceLengthBytes)
  for (const url of source.webSeeds) checkPublishedUrl(url)
  const tree = await walkTree(source.path, { exclude: source.exclude, outputs: source.outputs, signal })
  for (const url of source.webSeeds) checkPublishedUrl(url, !tree.isSingleFile)
  if (tree.leftOut.length > 0) events.emit('warning', { message: leftOutSentence(tree.leftOut) })
  if (tree.isSingleFile && tree.totalBytes === 0) {
    throw new DistroError('INPUT_REFUSED', `${source.path} is empty: a torrent of one empty file has no pieces, and no client loads it.`, {
      hint: 'Publish the folder that it lies in, where empty files are kept, or write something into it.',
    })
  }
  const name = source.name ?? tree.name
  checkNames(tree, name, source.name === undefined ? 'The name of the content' : 'The name given with --name')
  const pieceLengthBytes = source.pieceLengthBytes ?? automaticPieceLength(tree.totalBytes)
  const pieceHashes = await hashed(tree, pieceLengthBytes, events, signal)
  const infoBytes = encodeInfo({
    name,
    pieceLengthBytes,
    pieceHashes,
    files: torrentFiles(tree),
    symlinks: tree.symlinks,
    emptyDirectories: tree.emptyDirectories,
    isSingleFile: tree.isSingleFile,
    isPrivate: source.isPrivate,
  })
  const torrentBytes = encodeMetainfo({
    infoBytes,
    trackers: source.trackers.map((url) => [url]),
    webSeeds: eachOnce(source.webSeeds),
    comment: source.comment,
    createdBy: `distro ${VERSION}`,
  })
  return { metainfo: decodeMetainfo(torrentBytes), torrentBytes, root: tree.root, stamps: tree.files.map(({ stamp }) => stamp) }
}

/** Of several ways to write one URL the first. */
function eachOnce(urls: readonly string[]): readonly string[] {
  const byIdentity = new Map<string, string>()
  for (const url of urls) {
    const identity = webSeedIdentity(url, '/')
    if (!byIdentity.has(identity)) byIdentity.set(identity, url)
  }
  return [...byIdentity.values()]
}

function leftOutSentence(leftOut: readonly string[]): string {
  const shown = leftOut.slice(0, SHOWN_LEFT_OUT).map(quoteName).join(', ')
  const rest = leftOut.length - SHOWN_LEFT_OUT
  return `Not published: ${shown}${rest > 0 ? ` and ${rest} more` : ''}, which distro itself writes.`
}

/** Refuses before the work of hashing what a fetch would refuse after it, in words for whoever publishes. */
function checkNames(tree: WalkedTree, name: string, field: string): void {
  try {
    checkPathElement(name, field)
    if (tree.isSingleFile) return
    const all = [...tree.files.map(({ path }) => path), ...tree.symlinks.map(({ path }) => path), ...tree.emptyDirectories]
    const paths = new PathTree({}, Buffer.byteLength(name), (index) => `The path ${quoteName(all[index]?.join('/') ?? '')}`)
    for (const [index, path] of all.entries()) paths.add(path, index)
    checkLinks(tree, all)
  } catch (cause) {
    if (!(cause instanceof DistroError)) throw cause
    throw new DistroError('INPUT_REFUSED', `No host would take this tree. ${cause.message}`, {
      hint: 'Rename it, or leave it out with --exclude or .distroignore.',
      cause,
    })
  }
}

/** A link to nothing must not be read as one to something else: see `resolveSymlinks`. */
function checkLinks({ symlinks }: WalkedTree, paths: readonly (readonly string[])[]): void {
  const nameOf = (index: number): string => `the link ${quoteName(symlinks[index]?.path.join('/') ?? '')}`
  for (const [index, { target }] of resolveSymlinks(paths, symlinks, (link) => `The target of ${nameOf(link)}`, {}).entries()) {
    if (target === symlinks[index]?.target) continue
    const meant = quoteName(symlinks[index]?.target.join('/') ?? '')
    throw new DistroError(
      'INPUT_REFUSED',
      `Nothing is at ${meant}, and ${nameOf(index)} would come to lead to ${quoteName(target.join('/'))}.`,
    )
  }
}

async function hashed(tree: WalkedTree, pieceLengthBytes: number, events: Events<VerbEvents>, signal: AbortSignal): Promise<Uint8Array> {
  const progress = new BulkProgress('hash', systemClock, events)
  const pool = new HashPool({ clock: systemClock, workers: bulkWorkers() })
  try {
    const { pieceHashes = new Uint8Array() } = await hashTree({
      tree,
      pieceLengthBytes,
      format: 'v1',
      pool,
      onProgress: (done, total) => progress.tell(done, total),
      signal,
    })
    return pieceHashes
  } finally {
    await pool.close()
  }
}

function torrentFiles(tree: WalkedTree): Metainfo['info']['files'] {
  let offsetBytes = 0
  return tree.files.map(({ path, lengthBytes, isExecutable }) => {
    const file = { path, lengthBytes, offsetBytes, kind: 'file' as const, ...(isExecutable ? { isExecutable } : {}) }
    offsetBytes += lengthBytes
    return file
  })
}
