import type { Events } from '../../base/events.ts'
import type { TorrentFormat } from '../../torrent/torrent-format.ts'
import type { VerbEvents } from '../events.ts'
import type { NetworkRequest } from '../network/network-request.ts'

/** Say what is in a torrent. */
export interface InfoRequest {
  /** A magnet, an info-hash, the absolute path of a .torrent, or an http(s) URL of one. */
  readonly id: string
  /** How to reach peers, which alone can say what is behind a magnet; its `timeoutMs` holds for a URL too. */
  readonly network: NetworkRequest
}

/** What a torrent says about itself. Strings are strangers' text. */
export interface TorrentSummary {
  readonly name: string
  /** Which halves it has; a hybrid has both (BEP 52). */
  readonly format: TorrentFormat
  /** Null for a torrent of v2 only. */
  readonly infoHash: string | null
  /** SHA-256, 64 characters; null for a v1 torrent. */
  readonly infoHashV2: string | null
  /** Names only web seeds whose URL has no user, password and query. */
  readonly magnet: string
  readonly bytes: number
  readonly pieces: number
  readonly pieceLengthBytes: number
  readonly isPrivate: boolean
  readonly isSingleFile: boolean
  readonly files: readonly SummaryFile[]
  readonly symlinks: readonly SummarySymlink[]
  /** Paths of folders in which there is nothing, without a slash at the end. */
  readonly emptyDirectories: readonly string[]
  /** How many bytes a block has that can be found where it moved (docs/reuse.md); null if the torrent has no sums of blocks. */
  readonly summedBlockBytes: number | null
  /** Torrents that it calls similar (BEP 38): their info-hashes, 40 characters; of v2 the first 40. */
  readonly similar: readonly string[]
  /** What it says that it belongs to (BEP 38). */
  readonly collections: readonly string[]
  /** What it says of its entries beyond names, bytes and exec bits. */
  readonly carries: readonly ('modes' | 'mtimes' | 'posix-names')[]
  /** By tier (BEP 12). */
  readonly trackers: readonly (readonly string[])[]
  /** Without user and password, and with `?...` in place of a query. */
  readonly webSeeds: readonly string[]
  /** `host:port`. */
  readonly nodes: readonly string[]
  readonly comment: string | null
  readonly createdBy: string | null
  /** ISO 8601. */
  readonly createdAt: string | null
}

/** One file of a torrent; its path, as all paths here, starts with the torrent's name unless the torrent is a single file. */
export interface SummaryFile {
  readonly path: string
  readonly lengthBytes: number
  /** The root of its merkle tree (BEP 52), 64 hexadecimal characters; null for an empty file and in a v1 torrent. */
  readonly piecesRoot: string | null
  readonly isExecutable: boolean
}

/** One symbolic link of a torrent; both paths start with the torrent's name. */
export interface SummarySymlink {
  readonly path: string
  /** What it leads to, which need not be there. */
  readonly target: string
}

/** Rejects with TORRENT_INVALID, MAGNET_INVALID, NO_METADATA, INPUT_MISSING or NETWORK_FAILED. */
export type InfoVerb = (request: InfoRequest, events: Events<VerbEvents>, signal: AbortSignal) => Promise<TorrentSummary>
