import { formatAddress } from '../../base/address.ts'
import { toHex } from '../../base/bytes.ts'
import type { Events } from '../../base/events.ts'
import { systemClock } from '../../base/system-clock.ts'
import { parseIdentifier } from '../../torrent/identifier.ts'
import type { Metainfo } from '../../torrent/info.ts'
import { formatMagnet } from '../../torrent/magnet.ts'
import { magnetHashes } from '../../torrent/magnet-hashes.ts'
import { PieceGeometry } from '../../torrent/piece-geometry.ts'
import { formatOf } from '../../torrent/torrent-format.ts'
import { mayHoldSecret } from '../../web-seed/credentials/may-hold-secret.ts'
import { redactUrl } from '../../web-seed/credentials/redact-url.ts'
import type { VerbEvents } from '../events.ts'
import { FetchWatch } from '../network/fetch-watch.ts'
import { Participation } from '../network/participation.ts'
import { askPeers } from './ask-peers.ts'
import type { InfoRequest, SummaryFile, TorrentSummary } from './info-request.ts'
import { resolveMetainfo } from './resolve-metainfo.ts'
import { type SoughtTorrent, seekTorrent } from './resolve-torrent.ts'

/** How long peers are asked when nothing else is said. */
const PATIENCE_MS = 60_000

/** Says what is in a torrent; see `InfoVerb`. */
export async function info(request: InfoRequest, events: Events<VerbEvents>, signal: AbortSignal): Promise<TorrentSummary> {
  const { id, network } = request
  const sought = seekTorrent(parseIdentifier(id), events)
  if (sought !== undefined) return summarize(await fromPeers(sought, network, events, signal))
  return summarize(await resolveMetainfo({ id, timeoutMs: network.timeoutMs }, events, signal))
}

/** What is behind a magnet or an info-hash is known to its peers only. */
async function fromPeers(
  { infoHash, infoHashV2, trackers, peers }: SoughtTorrent,
  network: InfoRequest['network'],
  events: Events<VerbEvents>,
  signal: AbortSignal,
): Promise<Metainfo> {
  const identity = {
    infoHash,
    infoHashV2,
    isPrivate: false,
    trackers,
    magnetPeers: peers,
    bytesLeft: undefined,
    isBrief: true,
  }
  const participation = await Participation.join(network, identity, events)
  const watch = new FetchWatch({
    clock: systemClock,
    startedMs: systemClock.nowMs(),
    timeoutMs: network.timeoutMs ?? PATIENCE_MS,
    stallTimeoutMs: network.stallTimeoutMs,
    swarm: participation.swarm,
    hasMetadata: () => false,
    search: () => participation.search,
  })
  participation.warnIfAlone()
  try {
    const content = await askPeers(participation, watch, signal, { infoHash, infoHashV2 })
    const unsaid = { pieceLayers: new Map(), webSeeds: [], nodes: [], comment: undefined, createdBy: undefined, creationDate: undefined }
    return { ...content, ...unsaid, trackers }
  } finally {
    watch.stop()
    await participation.stop()
  }
}

/** What a torrent says about itself, in plain values. */
export function summarize(metainfo: Metainfo): TorrentSummary {
  const { info, v2, hints, trackers, webSeeds, httpSeeds = [], nodes, comment, createdBy, creationDate } = metainfo
  const { name, totalBytes, pieceLengthBytes, isPrivate, isSingleFile, symlinks = [], emptyDirectories = [] } = info
  const hashes = magnetHashes(metainfo)
  const { infoHash } = hashes
  const openlyNamed = webSeeds.filter((url) => !mayHoldSecret(url))
  return {
    name,
    format: formatOf(metainfo),
    infoHash: infoHash === undefined ? null : toHex(infoHash),
    infoHashV2: v2 === undefined ? null : toHex(v2.infoHash),
    magnet: formatMagnet({ ...hashes, name, trackers: trackers.flat(), webSeeds: openlyNamed }),
    bytes: totalBytes,
    pieces: new PieceGeometry(info).pieceCount,
    pieceLengthBytes,
    isPrivate,
    isSingleFile,
    files: filesOf(metainfo, isSingleFile ? [] : [name]),
    symlinks: symlinks.map(({ path, target }) => ({ path: below(name, path), target: below(name, target) })),
    emptyDirectories: emptyDirectories.map((path) => below(name, path)),
    summedBlockBytes: info.blockSums?.blockBytes ?? null,
    similar: (hints?.similar ?? []).map(toHex),
    collections: hints?.collections ?? [],
    carries: [
      ...(['modes', 'mtimes'] as const).filter((kind) => info[kind] !== undefined),
      ...(info.hasPosixNames === true ? (['posix-names'] as const) : []),
    ],
    trackers,
    webSeeds: [...webSeeds.map(withoutSecret), ...httpSeeds.map((url) => `bep17+${withoutSecret(url)}`)],
    nodes: nodes.map(formatAddress),
    comment: comment ?? null,
    createdBy: createdBy ?? null,
    createdAt: creationDate === undefined ? null : new Date(creationDate * 1_000).toISOString(),
  }
}

/** Both halves of a hybrid list the same files in the same order. */
function filesOf({ info, v2 }: Metainfo, folder: readonly string[]): readonly SummaryFile[] {
  const files = info.files.filter(({ kind }) => kind === 'file')
  return files.map(({ path, lengthBytes, isExecutable = false }, index) => {
    const piecesRoot = v2?.info.files[index]?.piecesRoot
    const root = piecesRoot === undefined ? null : toHex(piecesRoot)
    return { path: [...folder, ...path].join('/'), lengthBytes, piecesRoot: root, isExecutable }
  })
}

function below(name: string, path: readonly string[]): string {
  return [name, ...path].join('/')
}

function withoutSecret(url: string): string {
  return mayHoldSecret(url) ? redactUrl(url) : url
}
