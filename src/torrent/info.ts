/**
 * One entry of a torrent's file tree, in torrent order.
 * Padding (BEP 47) is never written to disk.
 */
export interface TorrentFile {
  /** Path below the torrent's root folder, one element each, every one checked by `safe-path.ts`; for a single-file torrent just its name. */
  readonly path: readonly string[]
  readonly lengthBytes: number
  /** Where the file starts in the torrent's byte stream. */
  readonly offsetBytes: number
  readonly kind: 'file' | 'padding'
  /** True for a file that is marked as executable (BEP 47); absent for every other. */
  readonly isExecutable?: true
}

/** A symbolic link in the tree (BEP 47). It leads to a place in the tree, of which nobody says that there is something. */
export interface TorrentSymlink {
  readonly path: readonly string[]
  /** Where it leads, from the torrent's root folder: safe names, none of which goes up. */
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
  /** Folders in which there is nothing (docs/trees.md); absent where there are none. */
  readonly emptyDirectories?: readonly (readonly string[])[]
}

/** One file of a v2 torrent (BEP 52), in the order of the file tree. */
export interface V2File {
  /** Below the torrent's root folder, as in `TorrentFile`. */
  readonly path: readonly string[]
  readonly lengthBytes: number
  /** Where the file starts in the torrent's pieces: always at the start of one. */
  readonly offsetBytes: number
  /** The root of its merkle tree, 32 bytes, never zero; undefined for an empty file. */
  readonly piecesRoot: Uint8Array | undefined
}

/** What the info dictionary of a v2 or hybrid torrent says of v2 (BEP 52), checked for consistency. */
export interface V2Info {
  /** The suggested name of the folder; a single safe path element. */
  readonly name: string
  /** A power of two from 16 KiB on. */
  readonly pieceLengthBytes: number
  readonly files: readonly V2File[]
  readonly symlinks: readonly TorrentSymlink[]
  /** A file that is smaller than its last piece leaves a gap behind it that is never transferred. */
  readonly pieceCount: number
  /** The content without the gaps. */
  readonly totalBytes: number
  /** True when there is one file and no folder around it. */
  readonly isSingleFile: boolean
  /** BEP 27: peers come from its trackers only. */
  readonly isPrivate: boolean
}

/** What v2 knows of a torrent. */
export interface V2Identity {
  /** SHA-256 of the info dictionary, 32 bytes; peers and trackers go by the first 20. */
  readonly infoHash: Uint8Array
  readonly info: V2Info
}

/** A .torrent file that has a v1 half: the info dictionary, the bytes that were hashed, and what surrounds it. */
export interface Metainfo extends MetainfoSurroundings {
  /** SHA-1 of `infoBytes`. */
  readonly infoHash: Uint8Array
  /** The info dictionary exactly as received. */
  readonly infoBytes: Uint8Array
  readonly info: TorrentInfo
  /** The v2 half of a hybrid; absent for a v1 torrent. */
  readonly v2?: V2Identity
}

/** A .torrent file for v2 only (BEP 52). */
export interface V2Metainfo extends MetainfoSurroundings {
  readonly infoBytes: Uint8Array
  readonly info?: never
  readonly v2: V2Identity
}

/** What surrounds the info dictionary in a .torrent file. */
export interface MetainfoSurroundings {
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
