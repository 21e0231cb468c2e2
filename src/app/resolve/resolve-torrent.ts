import type { Events } from '../../base/events.ts'
import type { HostPort } from '../../discovery/host-port.ts'
import type { FileRange } from '../../torrent/file-ranges.ts'
import { type Identifier, parseIdentifier } from '../../torrent/identifier.ts'
import type { Metainfo } from '../../torrent/info.ts'
import { shortInfoHash } from '../../torrent/info-hash.ts'
import type { VerbEvents } from '../events.ts'
import type { NamedWebSeed } from '../web-seeds/run-web-seeds.ts'
import { resolveMetainfo } from './resolve-metainfo.ts'

/** What is known of a torrent that somebody wants, before its swarm was asked. */
export interface SoughtTorrent {
  /** What peers know it by, 20 bytes: the v1 info-hash, or of a torrent of v2 only the first 20 bytes of the other. */
  readonly infoHash: Uint8Array
  /** SHA-256 (BEP 52), 32 bytes; undefined where nothing is said of v2. */
  readonly infoHashV2: Uint8Array | undefined
  /** True where nothing is said of v1. */
  readonly isV2Only: boolean
  /** What it is called before its swarm was asked: the torrent's name, or what a magnet says. */
  readonly name: string | undefined
  /** By tier (BEP 12). */
  readonly trackers: readonly (readonly string[])[]
  /** From a magnet's `x.pe`. */
  readonly peers: readonly HostPort[]
  /** From a magnet's `so` (BEP 53); empty means all files. */
  readonly selectedFiles: readonly FileRange[]
  /** Those that the torrent names, and those of a magnet (`ws`). */
  readonly webSeeds: readonly NamedWebSeed[]
  /** When a .torrent was named. */
  readonly content: Metainfo | undefined
}

/**
 * Finds out what the `<id>` of a fetch means: a magnet, an info-hash, the path of a .torrent or the URL of one.
 * Throws MAGNET_INVALID, INPUT_MISSING, TORRENT_INVALID and the like, and NETWORK_FAILED.
 */
export async function resolveTorrent(
  id: string,
  timeoutMs: number | undefined,
  events: Events<VerbEvents>,
  signal: AbortSignal,
): Promise<SoughtTorrent> {
  const sought = seekTorrent(parseIdentifier(id), events)
  if (sought !== undefined) return sought
  const metainfo = await resolveMetainfo({ id, timeoutMs }, events, signal)
  const { infoHash, info, v2, trackers, httpSeeds = [] } = metainfo
  const urls = [...metainfo.webSeeds, ...httpSeeds.map((url) => `bep17+${url}`)]
  const webSeeds = urls.map((url) => ({ url, namedBy: 'torrent' as const }))
  const isV2Only = info.pieceHashes === undefined
  return { ...NOTHING, infoHash, infoHashV2: v2?.infoHash, isV2Only, name: info.name, trackers, webSeeds, content: metainfo }
}

/** What a magnet or info-hash says of the torrent that it names; undefined for a .torrent. What was left out of a magnet is told as warnings. */
export function seekTorrent(identifier: Identifier, events: Events<VerbEvents>): SoughtTorrent | undefined {
  if (identifier.kind === 'info-hash') return { ...NOTHING, infoHash: identifier.infoHash }
  if (identifier.kind === 'v2-info-hash') return { ...NOTHING, ...identityOf(undefined, identifier.infoHashV2) }
  if (identifier.kind !== 'magnet') return undefined
  const { infoHash, infoHashV2, name, trackers, peers, selectedFiles, warnings, webSeeds } = identifier.magnet
  for (const message of warnings) events.emit('warning', { message })
  const named = webSeeds.map((url) => ({ url, namedBy: 'magnet' as const }))
  const tiers = trackers.map((url) => [url])
  return { ...NOTHING, ...identityOf(infoHash, infoHashV2), name, trackers: tiers, peers, selectedFiles, webSeeds: named }
}

const NOTHING = {
  infoHashV2: undefined,
  isV2Only: false,
  name: undefined,
  trackers: [],
  peers: [],
  selectedFiles: [],
  webSeeds: [],
  content: undefined,
}

function identityOf(
  infoHash: Uint8Array | undefined,
  infoHashV2: Uint8Array | undefined,
): Pick<SoughtTorrent, 'infoHash' | 'infoHashV2' | 'isV2Only'> {
  const isV2Only = infoHash === undefined
  return { infoHash: infoHash ?? shortInfoHash(infoHashV2 ?? new Uint8Array()), infoHashV2, isV2Only }
}
