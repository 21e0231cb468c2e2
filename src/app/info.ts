import { formatAddress } from '../base/address.ts'
import type { Events } from '../base/events.ts'
import type { Metainfo } from '../torrent/info.ts'
import { formatMagnet } from '../torrent/magnet.ts'
import type { VerbEvents } from './events.ts'
import type { InfoRequest, TorrentSummary } from './info-request.ts'
import { metadataEvent } from './metadata-event.ts'
import { resolveMetainfo } from './resolve-metainfo.ts'

/** Says what is in a torrent; see `InfoVerb`. */
export async function info(request: InfoRequest, events: Events<VerbEvents>, signal: AbortSignal): Promise<TorrentSummary> {
  return summarize(await resolveMetainfo(request, events, signal))
}

/** What a torrent says about itself, in plain values. */
export function summarize(metainfo: Metainfo): TorrentSummary {
  const { info, trackers, webSeeds, nodes, comment, createdBy, creationDate } = metainfo
  const { infoHash, name, bytesTotal: bytes, pieces, pieceLengthBytes, isPrivate } = metadataEvent(metainfo)
  const files = info.files.filter(({ kind }) => kind === 'file')
  const folder = info.isSingleFile ? [] : [name]
  return {
    name,
    infoHash,
    infoHashV2: null,
    magnet: formatMagnet({ infoHash: metainfo.infoHash, name, trackers: trackers.flat(), webSeeds }),
    bytes,
    pieces,
    pieceLengthBytes,
    isPrivate,
    isSingleFile: info.isSingleFile,
    files: files.map(({ path, lengthBytes }) => ({ path: [...folder, ...path].join('/'), lengthBytes })),
    trackers,
    webSeeds,
    nodes: nodes.map(formatAddress),
    comment: comment ?? null,
    createdBy: createdBy ?? null,
    createdAt: creationDate === undefined ? null : new Date(creationDate * 1_000).toISOString(),
  }
}
