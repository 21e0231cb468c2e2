import { formatAddress } from '../base/address.ts'
import type { Events } from '../base/events.ts'
import { systemClock } from '../base/system-clock.ts'
import { parseIdentifier } from '../torrent/identifier.ts'
import type { Metainfo } from '../torrent/info.ts'
import { formatMagnet } from '../torrent/magnet.ts'
import { mayHoldSecret } from '../web-seed/may-hold-secret.ts'
import { redactUrl } from '../web-seed/redact-url.ts'
import { askPeers } from './ask-peers.ts'
import type { VerbEvents } from './events.ts'
import { FetchWatch } from './fetch-watch.ts'
import type { InfoRequest, TorrentSummary } from './info-request.ts'
import { metadataEvent } from './metadata-event.ts'
import { Participation } from './participation.ts'
import { resolveMetainfo } from './resolve-metainfo.ts'
import { resolveTorrent } from './resolve-torrent.ts'

/** How long peers are asked when nothing else is said. */
const PATIENCE_MS = 60_000

/** Says what is in a torrent; see `InfoVerb`. */
export async function info(request: InfoRequest, events: Events<VerbEvents>, signal: AbortSignal): Promise<TorrentSummary> {
  const { id, network } = request
  const { kind } = parseIdentifier(id)
  const isNamed = kind === 'path' || kind === 'url'
  const metainfo = isNamed ? resolveMetainfo({ id, timeoutMs: network.timeoutMs }, events, signal) : fromPeers(request, events, signal)
  return summarize(await metainfo)
}

/** What is behind a magnet or an info-hash is known to its peers only. */
async function fromPeers({ id, network }: InfoRequest, events: Events<VerbEvents>, signal: AbortSignal): Promise<Metainfo> {
  const { infoHash, trackers, peers } = await resolveTorrent(id, network.timeoutMs, events, signal)
  const identity = { infoHash, isPrivate: false, trackers, magnetPeers: peers, bytesLeft: undefined, isBrief: true }
  const participation = await Participation.join(network, identity, events)
  const watch = new FetchWatch({
    clock: systemClock,
    startedMs: systemClock.nowMs(),
    timeoutMs: network.timeoutMs ?? PATIENCE_MS,
    stallTimeoutMs: network.stallTimeoutMs,
    swarm: participation.swarm,
    hasMetadata: () => false,
    unreached: () => participation.named.unreached,
  })
  participation.warnIfAlone()
  try {
    const content = await askPeers(participation, watch, signal)
    const unsaid = { webSeeds: [], nodes: [], comment: undefined, createdBy: undefined, creationDate: undefined }
    return { ...content, ...unsaid, trackers }
  } finally {
    watch.stop()
    await participation.stop()
  }
}

/** What a torrent says about itself, in plain values. */
export function summarize(metainfo: Metainfo): TorrentSummary {
  const { info, trackers, webSeeds, httpSeeds = [], nodes, comment, createdBy, creationDate } = metainfo
  const { infoHash, name, bytesTotal: bytes, pieces, pieceLengthBytes, isPrivate } = metadataEvent(metainfo)
  const files = info.files.filter(({ kind }) => kind === 'file')
  const folder = info.isSingleFile ? [] : [name]
  const openlyNamed = webSeeds.filter((url) => !mayHoldSecret(url))
  return {
    name,
    infoHash,
    infoHashV2: null,
    magnet: formatMagnet({ infoHash: metainfo.infoHash, name, trackers: trackers.flat(), webSeeds: openlyNamed }),
    bytes,
    pieces,
    pieceLengthBytes,
    isPrivate,
    isSingleFile: info.isSingleFile,
    files: files.map(({ path, lengthBytes }) => ({ path: [...folder, ...path].join('/'), lengthBytes })),
    trackers,
    webSeeds: [...webSeeds.map(withoutSecret), ...httpSeeds.map((url) => `bep17+${withoutSecret(url)}`)],
    nodes: nodes.map(formatAddress),
    comment: comment ?? null,
    createdBy: createdBy ?? null,
    createdAt: creationDate === undefined ? null : new Date(creationDate * 1_000).toISOString(),
  }
}

function withoutSecret(url: string): string {
  return mayHoldSecret(url) ? redactUrl(url) : url
}
