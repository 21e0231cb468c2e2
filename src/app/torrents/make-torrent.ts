import { join } from 'node:path'
import { DistroError } from '../../base/errors.ts'
import type { Events } from '../../base/events.ts'
import { systemClock } from '../../base/system-clock.ts'
import { VERSION } from '../../base/version.ts'
import type { FileStamp } from '../../store/file-stamp.ts'
import { bulkWorkers, HashPool } from '../../store/hash-pool.ts'
import { type FileMerkle, type HashTreeRequest, hashTree, type TreeHashes } from '../../store/hash-tree.ts'
import { resolvePlace } from '../../store/resolve-place.ts'
import { type WalkedTree, walkTree } from '../../store/tree-walker.ts'
import { type BlockSums, sumBlockBytes } from '../../torrent/block-sums.ts'
import { encodeInfo } from '../../torrent/encode-info.ts'
import { encodeMetainfo } from '../../torrent/encode-metainfo.ts'
import type { Metainfo, TorrentInfo } from '../../torrent/info.ts'
import { decodeMetainfo } from '../../torrent/metainfo.ts'
import { inPathOrder } from '../../torrent/path-order.ts'
import { checkPieceLength } from '../../torrent/piece-length.ts'
import { rootKey } from '../../torrent/root-key.ts'
import { type TorrentFormat, USUAL_FORMAT } from '../../torrent/torrent-format.ts'
import { BulkProgress } from '../bulk-progress.ts'
import type { VerbEvents } from '../events.ts'
import { checkOwnFiles } from '../own-files.ts'
import { webSeedIdentity } from '../web-seeds/web-seed-identity.ts'
import { type CarriedKinds, carriedAttributes } from './carried-attributes.ts'
import { checkNames } from './check-names.ts'
import { checkPublishedUrl } from './check-published-url.ts'
import { hintsOf } from './hints-of.ts'
import { settlePieceLength, type TorrentDraft } from './settle-piece-length.ts'
import type { TreeRequest } from './tree-request.ts'
import { treeWarnings } from './tree-warnings.ts'

/** What a torrent is made of. */
export interface TorrentSource extends TreeRequest {
  /** Tracker URLs, each a tier of its own (BEP 12). */
  readonly trackers: readonly string[]
  /** Files that the verb itself writes, absolute: they are no content, or the tree would be another one the second time. */
  readonly outputs: readonly string[]
  /** Called once the tree was walked and can be published, before it is hashed. */
  onFound?(): Promise<void>
}

/** A torrent and the tree it was made of. */
export interface MadeTorrent {
  readonly metainfo: Metainfo
  /** The .torrent file. */
  readonly torrentBytes: Uint8Array
  /** Where the content lies; absolute, with links resolved. */
  readonly root: string
  /** What each file of the torrent was when it was hashed; undefined for padding. */
  readonly stamps: readonly (FileStamp | undefined)[]
}

/**
 * Walks a tree, hashes it on every core and encodes the torrent; emits `progress` (hash). The same tree gives the same bytes on
 * every machine and at any time: no date is written. Throws USAGE, INPUT_MISSING, INPUT_REFUSED (also for a name that no fetch would
 * take), TARGET_DIFFERS (an output would replace content), SOURCE_CHANGED, DISK_FAILED, or the signal's reason.
 */
export async function makeTorrent(source: TorrentSource, events: Events<VerbEvents>, signal: AbortSignal): Promise<MadeTorrent> {
  if (source.pieceLengthBytes !== undefined) checkPieceLength(source.pieceLengthBytes)
  for (const url of source.webSeeds) checkPublishedUrl(url)
  const hints = await hintsOf(source)
  const tree = await walkTree(source.path, { exclude: source.exclude, outputs: source.outputs, signal })
  await checkOwnFiles(await outputsIn(tree, source.outputs))
  for (const url of source.webSeeds) checkPublishedUrl(url, !tree.isSingleFile)
  if (tree.isSingleFile && tree.totalBytes === 0) {
    throw new DistroError('INPUT_REFUSED', `${source.path} is empty: a torrent of one empty file has no pieces, and no client loads it.`, {
      hint: 'Publish the folder that it lies in, where empty files are kept, or write something into it.',
    })
  }
  const warn = (message: string): void => events.emit('warning', { message })
  const attributes = carriedAttributes({ ...tree, files: torrentFiles(tree) }, tree.attributes, source.carries ?? NOTHING_MORE, warn)
  const plan = choosePlan(source, tree, attributes, warn)
  if (plan.namesDoubt !== undefined) warn(plan.namesDoubt)
  for (const message of treeWarnings(tree, source.isExcludeForThis ?? true)) warn(message)
  await source.onFound?.()
  const { pieceHashes, merkle, sums } = await hashed(plan, events, signal)
  const blockSums = blockSumsOf(plan.sumBlockBytes, sums)
  const torrentBytes = encodeMetainfo({
    infoBytes: encodeInfo({
      ...plan.draft,
      hints,
      pieceLengthBytes: plan.pieceLengthBytes,
      pieceHashes,
      piecesRoots: merkle?.map(({ piecesRoot }) => piecesRoot),
      ...(blockSums === undefined ? {} : { blockSums }),
    }),
    pieceLayers: merkle === undefined ? undefined : layersByRoot(merkle),
    trackers: source.trackers.map((url) => [url]),
    webSeeds: eachOnce(source.webSeeds),
    comment: source.comment,
    createdBy: `distro ${VERSION}`,
  })
  const metainfo = decodeMetainfo(torrentBytes)
  const stamps = plan.tree.files.map(({ stamp }) => stamp).values()
  return {
    metainfo,
    torrentBytes,
    root: tree.root,
    stamps: metainfo.info.files.map(({ kind }) => (kind === 'padding' ? undefined : stamps.next().value)),
  }
}

/** Those of `outputs` that are there already, in the tree. */
async function outputsIn({ root, leftOut }: WalkedTree, outputs: readonly string[]): Promise<readonly string[]> {
  const there = new Set(leftOut.map((path) => join(root, path)))
  return (await Promise.all(outputs.map(resolvePlace))).filter((place) => there.has(place))
}

/** What is said of entries beyond exec bits. */
type Attributes = Pick<TorrentInfo, 'modes' | 'mtimes'>
const NOTHING_MORE: CarriedKinds = { modes: false, mtimes: false }

/** What is settled of a torrent before its content is hashed. */
interface Plan {
  readonly format: TorrentFormat
  /** In the order of the torrent. */
  readonly tree: WalkedTree
  readonly draft: TorrentDraft
  /** What is to be said about its names; undefined if nothing is. */
  readonly namesDoubt: string | undefined
  readonly pieceLengthBytes: number
  readonly sumBlockBytes: number | undefined
}

/**
 * The plan for the format that was asked for. Where nothing was said and a hybrid would be more than any host takes, as one of tens of thousands
 * of files is, which it names twice, v1 is made, and `warn` is told.
 */
function choosePlan(source: TorrentSource, tree: WalkedTree, attributes: Attributes, warn: (message: string) => void): Plan {
  if (source.format !== undefined) return planFor(source, tree, attributes, source.format)
  try {
    return planFor(source, tree, attributes, USUAL_FORMAT)
  } catch (fault) {
    if (!(fault instanceof DistroError) || fault.code !== 'LIMIT_EXCEEDED') throw fault
    const plan = planFor(source, tree, attributes, 'v1')
    warn(`This torrent is of v1, as with --format v1, because no host would take the hybrid. ${causeOf(fault).message}`)
    return plan
  }
}

function causeOf(fault: DistroError): DistroError {
  return fault.cause instanceof DistroError ? fault.cause : fault
}

function planFor(source: TorrentSource, walked: WalkedTree, attributes: Attributes, format: TorrentFormat): Plan {
  const tree = inTorrentOrder(walked, format)
  const name = source.name ?? tree.name
  const namesDoubt = checkNames(tree, name, format, source.name !== undefined)
  const { isSingleFile, symlinks, emptyDirectories } = tree
  const entries = { files: torrentFiles(tree), symlinks, emptyDirectories, isSingleFile }
  const draft = {
    name,
    ...entries,
    ...attributes,
    isPrivate: source.isPrivate,
    ...(namesDoubt === undefined ? {} : { hasPosixNames: true as const }),
  }
  const pieceLengthBytes = settlePieceLength(draft, format, source.pieceLengthBytes)
  const hasSums = format !== 'v1' && source.wantsBlockSums !== false
  return { format, tree, draft, namesDoubt, pieceLengthBytes, sumBlockBytes: hasSums ? sumBlockBytes(draft.files) : undefined }
}

function inTorrentOrder(tree: WalkedTree, format: TorrentFormat): WalkedTree {
  return { ...tree, files: inPathOrder(tree.files, format), symlinks: inPathOrder(tree.symlinks, format) }
}

/** Undefined if there is no file large enough to have any. */
function blockSumsOf(blockBytes: number | undefined, sums: Uint8Array | undefined): BlockSums | undefined {
  return blockBytes === undefined || sums === undefined || sums.length === 0 ? undefined : { blockBytes, sums }
}

function layersByRoot(merkle: readonly FileMerkle[]): ReadonlyMap<string, Uint8Array> {
  const layers = new Map<string, Uint8Array>()
  for (const { piecesRoot, pieceLayer } of merkle) {
    if (piecesRoot !== undefined && pieceLayer !== undefined) layers.set(rootKey(piecesRoot), pieceLayer)
  }
  return layers
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

async function hashed(
  content: Pick<HashTreeRequest, 'tree' | 'pieceLengthBytes' | 'format' | 'sumBlockBytes'>,
  events: Events<VerbEvents>,
  signal: AbortSignal,
): Promise<TreeHashes> {
  const progress = new BulkProgress('hash', systemClock, events)
  const pool = new HashPool({ clock: systemClock, workers: bulkWorkers() })
  try {
    return await hashTree({ ...content, pool, onProgress: (done, total) => progress.tell(done, total), signal })
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
