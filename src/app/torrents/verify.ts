import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { toHex } from '../../base/bytes.ts'
import { DistroError } from '../../base/errors.ts'
import type { Events } from '../../base/events.ts'
import { secondsOf } from '../../base/seconds-of.ts'
import { systemClock } from '../../base/system-clock.ts'
import { type AttributeFlaw, attributeFlaws } from '../../store/attribute-flaws.ts'
import { instant, octal, placeOf } from '../../store/entry-attributes.ts'
import { entryFlaws } from '../../store/entry-flaws.ts'
import { extraEntries } from '../../store/extra-entries.ts'
import { bulkWorkers, HashPool } from '../../store/hash-pool.ts'
import { proveLayers } from '../../store/prove-layers.ts'
import { Selection } from '../../store/selection.ts'
import { treeShape } from '../../store/tree-shape.ts'
import { verifyTree } from '../../store/verify-tree.ts'
import { wrongExecBits } from '../../store/wrong-exec-bits.ts'
import type { TorrentInfo } from '../../torrent/info.ts'
import { PieceGeometry } from '../../torrent/piece-geometry.ts'
import { quoteName } from '../../torrent/quote-name.ts'
import { BulkProgress } from '../bulk-progress.ts'
import type { VerbEvents } from '../events.ts'
import { selectFiles, selectWarnings } from '../fetch/select-files.ts'
import { metadataEvent } from '../metadata-event.ts'
import { resolveMetainfo } from '../resolve/resolve-metainfo.ts'
import { judgeFiles } from './judge-files.ts'
import { merkleTreesOf } from './merkle-trees-of.ts'
import type { DamagedFile, VerifyRequest, VerifyResult } from './verify-request.ts'

/** Checks content on disk against a torrent; see `VerifyVerb`. */
export async function verify(request: VerifyRequest, events: Events<VerbEvents>, signal: AbortSignal): Promise<VerifyResult> {
  const startedMs = systemClock.nowMs()
  const { select = [] } = request
  const metainfo = await resolveMetainfo({ id: request.torrent, timeoutMs: undefined }, events, signal)
  const { info } = metainfo
  const selection = new Selection(info, new PieceGeometry(info), selectFiles(info, select, []))
  const root = await findRoot(info, request.path)
  events.emit('metadata', metadataEvent(metainfo))
  for (const message of selectWarnings(info, select)) events.emit('warning', { message })
  const progress = new BulkProgress('check', systemClock, events)
  await using pool = new HashPool({ clock: systemClock, workers: bulkWorkers() })
  const trees = merkleTreesOf({ ...metainfo, pieceLayers: await proveLayers({ metainfo, root, pool, signal }) })
  const onProgress = (done: number, total: number): void => progress.tell(done, total)
  const found = await verifyTree({ info, trees, root, selection, pool, onProgress, signal })
  const extra = await extraEntries(info, root)
  const attributes = amongWanted(info, selection, await attributeFlaws(info, root, pool))
  const execBits = info.modes === undefined ? await wrongExecBits(info, root, pool) : filesAmong(info, attributes)
  const wrongMode = execBits.filter((file) => selection.wantsFile(file))
  const { damaged, wrongFiles } = judgeFiles(info, { ...found, wrongMode })
  const entries = await entryFlaws(info, root, selection.entries())
  const told = new Set([...damaged, ...entries].map(({ path }) => path))
  const others = attributes.map((flaw) => damageFrom(info, flaw)).filter(({ path }) => !told.has(path))
  const result: VerifyResult = {
    infoHash: toHex(metainfo.infoHash),
    name: info.name,
    path: root,
    ...(selection.isWhole ? {} : { isPart: true }),
    bytes: bytesOf(info, selection),
    files: selection.fileIndexes().length,
    seconds: secondsOf(systemClock.nowMs() - startedMs),
    damaged: [...damaged, ...entries, ...others, ...extra.map((path) => ({ path, state: 'extra' as const }))],
    wrongFiles,
  }
  if (result.damaged.length === 0) events.emit('done', doneEvent(result))
  return result
}

function bytesOf(info: TorrentInfo, selection: Selection): number {
  return selection.isWhole ? info.totalBytes : selection.fileIndexes().reduce((sum, file) => sum + (info.files[file]?.lengthBytes ?? 0), 0)
}

function amongWanted(info: TorrentInfo, selection: Selection, flaws: readonly AttributeFlaw[]): readonly AttributeFlaw[] {
  if (selection.isWhole) return flaws
  const { files, links, directories } = treeShape(info, selection.entries())
  return flaws.filter(({ place, isFolder }) => (isFolder ? directories.has(place) : files.has(place) || links.has(place)))
}

/** The files whose mode is not as published. */
function filesAmong(info: TorrentInfo, flaws: readonly AttributeFlaw[]): number[] {
  const places = new Set(flaws.filter(({ state }) => state === 'mode').map(({ place }) => place))
  return [...info.files.keys()].filter((file) => info.files[file]?.kind === 'file' && places.has(placeOf(info, file)))
}

function damageFrom(info: TorrentInfo, { place, isFolder, state, wanted }: AttributeFlaw): DamagedFile {
  const path = isFolder ? `${place === '' ? '.' : place}/` : info.isSingleFile ? info.name : place
  return { path, state, ...(state === 'mode' ? { mode: octal(wanted) } : { mtime: instant(wanted) }) }
}

/** The tree itself: `path`, unless it is a folder that holds a tree or file of the torrent's name. */
async function findRoot(info: TorrentInfo, path: string): Promise<string> {
  const status = await stat(path).catch(() => undefined)
  if (status === undefined)
    throw new DistroError('INPUT_MISSING', `There is nothing at ${path}.`, { hint: 'Name the finished tree, or the folder it is in.' })
  if (!status.isDirectory()) {
    if (info.isSingleFile) return path
    const files = info.files.filter(({ kind }) => kind === 'file').length
    throw new DistroError(
      'VERIFY_FAILED',
      `${path} is a single file, and the torrent describes a directory: ${quoteName(info.name)} with ${files === 1 ? 'one file' : `${files} files`}.`,
      {
        hint: 'Name the finished tree, or the folder it is in.',
      },
    )
  }
  const inside = join(path, info.name)
  if (info.isSingleFile) return inside
  if (basename(path) === info.name) return path
  return (await stat(inside).catch(() => undefined))?.isDirectory() === true ? inside : path
}

function doneEvent({ path, infoHash, name, isPart, bytes, seconds }: VerifyResult): VerbEvents['done'] {
  const bySource = { peers: 0, webSeeds: 0, local: bytes }
  return { path, infoHash, name, bytes, seconds, downloaded: 0, uploaded: 0, bySource, ...(isPart === true ? { isPart } : {}) }
}
