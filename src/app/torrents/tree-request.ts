import type { TorrentFormat } from '../../torrent/torrent-format.ts'
import type { CarriedKinds } from './carried-attributes.ts'

/** Of what a torrent is to be made, and how. */
export interface TreeRequest {
  /** The content; absolute. */
  readonly path: string
  /** The name in the torrent; undefined takes the last element of `path`. */
  readonly name: string | undefined
  /** Lines in gitignore syntax, after those of every `.distroignore`. */
  readonly exclude: readonly string[]
  /** False for lines that stand for many trees, as those of a config file do: that one matches nothing is no news then. True when not given. */
  readonly isExcludeForThis?: boolean | undefined
  /** Whether the modes and the modification times of entries are published, beyond exec bits; neither when not given. */
  readonly carries?: CarriedKinds | undefined
  /** A power of two; undefined lets the size decide. */
  readonly pieceLengthBytes: number | undefined
  /** Undefined takes `USUAL_FORMAT`, or v1 where that would be beyond the bounds of a .torrent. */
  readonly format: TorrentFormat | undefined
  readonly comment: string | undefined
  /** BEP 27: peers come from the given trackers only. */
  readonly isPrivate: boolean
  /** False leaves out the sums of blocks, by which a later fetch finds content that moved inside files; true when not given. */
  readonly wantsBlockSums?: boolean | undefined
  /**
   * Torrents that may share files with this one (BEP 38), at most 100: magnets, info-hashes or absolute paths of .torrent files. They and
   * `collections` stand in the info dictionary, so that a magnet leads to them, and are part of what the info-hash is of.
   */
  readonly similar?: readonly string[] | undefined
  /** What the torrent belongs to, such as a series of releases (BEP 38), at most 100 names of 1 to 255 bytes. */
  readonly collections?: readonly string[] | undefined
  /** URLs of servers that have the content (BEP 19), told in the torrent and the magnet. */
  readonly webSeeds: readonly string[]
}
