import type { BlockSums } from './block-sums.ts'

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

/** What an info dictionary says of any format (BEP 3, 52), checked for consistency. */
export interface TorrentInfo {
  /** The suggested name of the file or folder; a single safe path element. */
  readonly name: string
  readonly pieceLengthBytes: number
  /** SHA-1 digests, 20 bytes a piece, in piece order, of pieces with their padding; undefined for v2 only. */
  readonly pieceHashes: Uint8Array | undefined
  /** In v1 one follows the other without a gap; in v2 there are gaps behind files, and no padding is named. */
  readonly files: readonly TorrentFile[]
  /** True when the torrent is one file called `name` and not a folder. */
  readonly isSingleFile: boolean
  /** All that is transferred: the content, and of a torrent of v1 alone its padding too. */
  readonly totalBytes: number
  /** BEP 27: peers come from its trackers only. */
  readonly isPrivate: boolean
  /**
   * True for v2 and hybrids, where each file with content starts a new piece (BEP 52), and for no other. What is behind a file in its last
   * piece, as padding or as a gap, is then never asked for.
   */
  readonly isAligned?: true
  /** Absent where there are none. They take no place in the byte stream and are not among `files`. */
  readonly symlinks?: readonly TorrentSymlink[]
  /** Folders in which there is nothing (docs/trees.md); absent where there are none. */
  readonly emptyDirectories?: readonly (readonly string[])[]
  /** True if the publisher says that names are meant which not every system takes (docs/trees.md); absent otherwise. */
  readonly hasPosixNames?: true
  /** By which content is found that moved inside files; absent where there are none, as in v1. */
  readonly blockSums?: BlockSums
  /**
   * What owner, group and others may do with each file and folder (docs/trees.md), by its path with `/` between the elements; the root, or a single
   * file, is the empty path. Absent where the torrent says no more than the exec bit.
   */
  readonly modes?: ReadonlyMap<string, number>
  /** When each file, folder and link was modified last, in whole seconds since 1970, by the same paths. Absent where the torrent does not say. */
  readonly mtimes?: ReadonlyMap<string, number>
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
  /** As in `TorrentFile`. */
  readonly isExecutable?: true
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

/** What a torrent says of others that may share files with it (BEP 38). Whoever made it says so, and nobody checks it. */
export interface TorrentHints {
  /** Info-hashes by which peers know such torrents, 20 bytes each: of v2 the first 20. */
  readonly similar: readonly Uint8Array[]
  /** Names of what it belongs to, such as a series of releases: torrents with one in common may share files. Strangers' text. */
  readonly collections: readonly string[]
  /** How many were left out, because they are malformed or too many. */
  readonly ignored: number
}

/** An info dictionary of any format, as received, and what it says. */
export interface InfoDictionary {
  /** What peers know it by, 20 bytes: SHA-1 of `infoBytes`, or for v2 only the first 20 bytes of their SHA-256. */
  readonly infoHash: Uint8Array
  readonly infoBytes: Uint8Array
  readonly info: TorrentInfo
  /** What v2 knows of it; absent for a v1 torrent. */
  readonly v2?: V2Identity
  /** What it says of other torrents, and of a .torrent file what stands around it too; absent where neither says anything. */
  readonly hints?: TorrentHints
}

/** A .torrent file: the info dictionary and what surrounds it. */
export interface Metainfo extends InfoDictionary {
  /**
   * The hashes of the pieces of each file of more than one piece, by the file's root in latin-1, and checked against it; empty for v1. One
   * that is missing has to be asked of peers.
   */
  readonly pieceLayers: ReadonlyMap<string, Uint8Array>
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
