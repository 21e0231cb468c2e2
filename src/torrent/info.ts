/**
 * One entry of a torrent's file tree, in torrent order.
 * `kind` foresees the entries of BEP 47: padding is never written to disk; symlinks and executables come with BEP 47 support.
 */
export interface TorrentFile {
  /** Path below the torrent's root folder, one element each, every one checked by `safe-path.ts`; for a single-file torrent just its name. */
  readonly path: readonly string[]
  readonly lengthBytes: number
  /** Where the file starts in the torrent's byte stream. */
  readonly offsetBytes: number
  readonly kind: 'file' | 'padding'
}

/** A symbolic link in the tree (BEP 47). Distro does not make links yet; whoever fetches is told which ones are left out. */
export interface TorrentSymlink {
  readonly path: readonly string[]
  /** Where it points, from the torrent's root folder, as the torrent says it: unchecked. */
  readonly target: readonly string[]
}

/** What the info dictionary of a v1 torrent says (BEP 3), checked for consistency. */
export interface TorrentInfo {
  /** The suggested name of the file or folder; a single safe path element. */
  readonly name: string
  readonly pieceLengthBytes: number
  /** SHA-1 digests, 20 bytes a piece, in piece order. */
  readonly pieceHashes: Uint8Array
  readonly files: readonly TorrentFile[]
  /** True when the torrent is one file called `name` and not a folder. */
  readonly isSingleFile: boolean
  readonly totalBytes: number
  /** BEP 27: peers come from its trackers only. */
  readonly isPrivate: boolean
  /** Absent where there are none. They take no place in the byte stream and are not among `files`. */
  readonly symlinks?: readonly TorrentSymlink[]
}

/** A .torrent file: the info dictionary, the bytes that were hashed, and what surrounds it. */
export interface Metainfo {
  /** SHA-1 of `infoBytes`. */
  readonly infoHash: Uint8Array
  /** The info dictionary exactly as received. */
  readonly infoBytes: Uint8Array
  readonly info: TorrentInfo
  /** Tracker URLs by tier (BEP 12); only http, https and udp. */
  readonly trackers: readonly (readonly string[])[]
  /** Web seed URLs (BEP 19). */
  readonly webSeeds: readonly string[]
  /** URLs of web seeds that are asked by piece (BEP 17); absent where there are none. */
  readonly httpSeeds?: readonly string[]
  /** DHT nodes (BEP 5) as host and port; hosts may be names. */
  readonly nodes: readonly { readonly host: string; readonly port: number }[]
  readonly comment: string | undefined
  readonly createdBy: string | undefined
  /** Seconds since 1970. */
  readonly creationDate: number | undefined
  /** What was left out of the fields above and why, in one sentence each; absent where nothing was. */
  readonly warnings?: readonly string[]
}
