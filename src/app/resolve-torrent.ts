import type { Events } from '../base/events.ts'
import type { HostPort } from '../discovery/host-port.ts'
import type { FileRange } from '../torrent/file-ranges.ts'
import { parseIdentifier } from '../torrent/identifier.ts'
import type { InfoDictionary } from '../torrent/info-dictionary.ts'
import type { VerbEvents } from './events.ts'
import { resolveMetainfo } from './resolve-metainfo.ts'
import type { NamedWebSeed } from './run-web-seeds.ts'

/** What is known of a torrent that somebody wants, before its swarm was asked. */
export interface SoughtTorrent {
  readonly infoHash: Uint8Array
  /** What it is called for now: the torrent's name, or what a magnet says. */
  readonly name: string | undefined
  /** By tier (BEP 12). */
  readonly trackers: readonly (readonly string[])[]
  /** From a magnet's `x.pe`. */
  readonly peers: readonly HostPort[]
  /** From a magnet's `so` (BEP 53); empty means all files. */
  readonly selectedFiles: readonly FileRange[]
  /** Those that the torrent names, and those of a magnet (`ws`). */
  readonly webSeeds: readonly NamedWebSeed[]
  /** The info dictionary, when a .torrent was named. */
  readonly content: InfoDictionary | undefined
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
  const identifier = parseIdentifier(id)
  const nothing = { name: undefined, trackers: [], peers: [], selectedFiles: [], webSeeds: [], content: undefined }
  if (identifier.kind === 'info-hash') return { ...nothing, infoHash: identifier.infoHash }
  if (identifier.kind === 'magnet') {
    const { infoHash, name, trackers, peers, selectedFiles, warnings, webSeeds } = identifier.magnet
    for (const message of warnings) events.emit('warning', { message })
    const named = webSeeds.map((url) => ({ url, namedBy: 'magnet' as const }))
    return { ...nothing, infoHash, name, trackers: trackers.map((url) => [url]), peers, selectedFiles, webSeeds: named }
  }
  const metainfo = await resolveMetainfo({ id, timeoutMs }, events, signal)
  const { infoHash, info, trackers, httpSeeds = [] } = metainfo
  const urls = [...metainfo.webSeeds, ...httpSeeds.map((url) => `bep17+${url}`)]
  const webSeeds = urls.map((url) => ({ url, namedBy: 'torrent' as const }))
  return { ...nothing, infoHash, name: info.name, trackers, webSeeds, content: metainfo }
}
