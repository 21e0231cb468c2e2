import type { Events } from '../../base/events.ts'
import type { TorrentFormat } from '../../torrent/torrent-format.ts'
import type { DoneEvent, VerbEvents } from '../events.ts'
import type { CarriedKinds } from './carried-attributes.ts'

/** Make a .torrent out of a file or directory. */
export interface CreateRequest {
  /** The content; absolute. */
  readonly path: string
  /** Where the .torrent is written, absolute; undefined means `<name>.torrent` in `defaultDir`. It is replaced when it exists. */
  readonly outputFile: string | undefined
  /** Absolute. */
  readonly defaultDir: string
  /** The name in the torrent; undefined takes the last element of `path`. */
  readonly name: string | undefined
  /** Lines in gitignore syntax, after those of every `.distroignore`. */
  readonly exclude: readonly string[]
  /** Whether the modes and the modification times of entries are published, beyond exec bits; neither when not given. */
  readonly carries?: CarriedKinds | undefined
  /** A power of two; undefined lets the size decide. */
  readonly pieceLengthBytes: number | undefined
  /** Undefined takes `USUAL_FORMAT`, or v1 where that would be beyond the bounds of a .torrent. */
  readonly format: TorrentFormat | undefined
  readonly comment: string | undefined
  /** BEP 27. */
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
  /** Tracker URLs; the first is the main one, each is a tier of its own (BEP 12). */
  readonly trackers: readonly string[]
  /** URLs of servers that have the content (BEP 19). */
  readonly webSeeds: readonly string[]
}

/** A torrent that was made; `path` is the .torrent. */
export interface CreateResult extends DoneEvent {
  readonly format: TorrentFormat
  /** SHA-256, 64 characters; null for a v1 torrent. */
  readonly infoHashV2: string | null
  readonly magnet: string
  readonly files: number
  readonly pieces: number
  readonly pieceLengthBytes: number
}

/** Emits `progress` (hash), `metadata`, `warning` and `done`. Rejects with the signal's reason when aborted, leaving no file. */
export type CreateVerb = (request: CreateRequest, events: Events<VerbEvents>, signal: AbortSignal) => Promise<CreateResult>
