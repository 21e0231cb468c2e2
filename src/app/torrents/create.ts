import { basename, join, resolve } from 'node:path'
import type { Events } from '../../base/events.ts'
import { secondsOf } from '../../base/seconds-of.ts'
import { systemClock } from '../../base/system-clock.ts'
import { formatMagnet } from '../../torrent/magnet.ts'
import { magnetHashes } from '../../torrent/magnet-hashes.ts'
import type { VerbEvents } from '../events.ts'
import { metadataEvent } from '../metadata-event.ts'
import { checkReplaceable, replaceFile } from '../replace-file.ts'
import type { CreateRequest, CreateResult } from './create-request.ts'
import { makeTorrent } from './make-torrent.ts'

/** Makes a .torrent out of a file or directory; see `CreateVerb`. */
export async function create(request: CreateRequest, events: Events<VerbEvents>, signal: AbortSignal): Promise<CreateResult> {
  const startedMs = systemClock.nowMs()
  const path = request.outputFile ?? join(request.defaultDir, basename(`${request.name ?? basename(resolve(request.path))}.torrent`))
  await checkReplaceable(path, `-o ${basename(path)}.torrent`)
  const { metainfo, torrentBytes } = await makeTorrent({ ...request, outputs: [path] }, events, signal)
  const { info, trackers, webSeeds } = metainfo
  signal.throwIfAborted()
  await replaceFile(path, torrentBytes)
  const metadata = metadataEvent(metainfo)
  events.emit('metadata', metadata)
  const result: CreateResult = {
    path,
    infoHash: metadata.infoHash,
    infoHashV2: metadata.infoHashV2,
    format: metadata.format,
    name: info.name,
    bytes: metadata.bytesTotal,
    seconds: secondsOf(systemClock.nowMs() - startedMs),
    downloaded: 0,
    uploaded: 0,
    bySource: { peers: 0, webSeeds: 0, local: metadata.bytesTotal },
    magnet: formatMagnet({ ...magnetHashes(metainfo), name: info.name, trackers: trackers.flat(), webSeeds }),
    files: metadata.files,
    pieces: metadata.pieces,
    pieceLengthBytes: info.pieceLengthBytes,
  }
  events.emit('done', result)
  return result
}
