import { realpath, stat } from 'node:fs/promises'
import { relative, sep } from 'node:path'
import { DistroError } from '../../base/errors.ts'
import type { Events } from '../../base/events.ts'
import { systemClock } from '../../base/system-clock.ts'
import type { FileStamp } from '../../store/file-stamp.ts'
import { bulkWorkers, HashPool } from '../../store/hash-pool.ts'
import { proveLayers } from '../../store/prove-layers.ts'
import { resolvePlace } from '../../store/resolve-place.ts'
import { verifyTree } from '../../store/verify-tree.ts'
import type { Metainfo, TorrentInfo } from '../../torrent/info.ts'
import { decodeMetainfo } from '../../torrent/metainfo.ts'
import { BulkProgress } from '../bulk-progress.ts'
import type { VerbEvents } from '../events.ts'
import { readTorrentFile } from '../resolve/read-torrent-file.ts'
import { checkPublishedUrl } from '../torrents/check-published-url.ts'
import { judgeFiles } from '../torrents/judge-files.ts'
import { makeTorrent } from '../torrents/make-torrent.ts'
import { merkleTreesOf } from '../torrents/merkle-trees-of.ts'
import type { SeedRequest } from './seed-request.ts'

/** Content that is ready to be served: its torrent, where it lies, and what its files were when their hashes were right. */
export interface Publication {
  readonly metainfo: Metainfo
  readonly torrentBytes: Uint8Array
  readonly root: string
  readonly stamps: readonly (FileStamp | undefined)[]
}

/**
 * Hashes the content into a torrent, or checks it against the one that was given; `onFound` is called before that, once the torrent was read or
 * the tree was found fit to be published.
 */
export async function publish(
  request: SeedRequest,
  onFound: () => Promise<void>,
  events: Events<VerbEvents>,
  signal: AbortSignal,
): Promise<Publication> {
  for (const url of request.webSeeds) checkPublishedUrl(url)
  if (request.torrentFile !== undefined) return publishUnder(request.torrentFile, request, onFound, events, signal)
  await warnOfTorrent(request.path, events)
  const outputs = outputsOf(request)
  return makeTorrent({ ...request, trackers: request.network.trackers, outputs, onFound }, events, signal)
}

/** Who names a .torrent as the content most likely means what it describes. */
async function warnOfTorrent(path: string, events: Events<VerbEvents>): Promise<void> {
  if (!/\.torrent$/i.test(path) || (await stat(path).catch(() => undefined))?.isFile() !== true) return
  const message = `${path} is published itself, as a file. To publish what it describes, name that, and the file with --torrent.`
  events.emit('warning', { message })
}

async function publishUnder(
  torrentFile: string,
  request: SeedRequest,
  onFound: () => Promise<void>,
  events: Events<VerbEvents>,
  signal: AbortSignal,
): Promise<Publication> {
  const { path, webSeeds } = request
  const torrentBytes = await readTorrentFile(torrentFile, 'Check the path given with --torrent.')
  const asGiven = decodeMetainfo(torrentBytes)
  for (const url of webSeeds) checkPublishedUrl(url, !asGiven.info.isSingleFile)
  await stat(path).catch((cause: unknown) => {
    throw new DistroError('INPUT_MISSING', `There is nothing at ${path}.`, { hint: 'Name the content that the torrent describes.', cause })
  })
  await refuseOutputsIn(path, asGiven.info, outputsOf(request))
  await onFound()
  const progress = new BulkProgress('check', systemClock, events)
  await using pool = new HashPool({ clock: systemClock, workers: bulkWorkers() })
  const metainfo = { ...asGiven, pieceLayers: await proveLayers({ metainfo: asGiven, root: path, pool, signal }) }
  const { info } = metainfo
  const trees = merkleTreesOf(metainfo)
  const found = await verifyTree({ info, trees, root: path, pool, onProgress: (done, total) => progress.tell(done, total), signal })
  if (found.isWhole) return { metainfo, torrentBytes, root: path, stamps: found.stamps }
  const { least, most } = judgeFiles(info, found).wrongFiles
  const wrong =
    least === most
      ? `${least} ${least === 1 ? 'file is missing or differs' : 'files are missing or differ'}`
      : `${least} to ${most} files are missing or differ`
  throw new DistroError('VERIFY_FAILED', `${path} does not hold what the torrent describes: ${wrong}.`, {
    hint: 'distro verify names them.',
  })
}

/** A torrent that is given says what belongs to the tree, so that none of it can be left out. */
async function refuseOutputsIn(root: string, { files }: TorrentInfo, outputs: readonly string[]): Promise<void> {
  if (outputs.length === 0) return
  const realRoot = await realpath(root)
  const published = new Set(files.map(({ path }) => path.join(sep)))
  for (const path of outputs) {
    if (!published.has(relative(realRoot, await resolvePlace(path)))) continue
    throw new DistroError('USAGE', `${path} is a file of the content, and would be replaced by what is written there.`, {
      hint: 'Name another file.',
    })
  }
}

function outputsOf({ torrentOut, magnetOut, reportOut, junitOut }: SeedRequest): readonly string[] {
  return [torrentOut, magnetOut, reportOut, junitOut].filter((path) => path !== undefined)
}
