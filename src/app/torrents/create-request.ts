import type { Events } from '../../base/events.ts'
import type { TorrentFormat } from '../../torrent/torrent-format.ts'
import type { DoneEvent, VerbEvents } from '../events.ts'
import type { TreeRequest } from './tree-request.ts'

/** Make a .torrent out of a file or directory. */
export interface CreateRequest extends TreeRequest {
  /** Where the .torrent is written, absolute; undefined means `<name>.torrent` in `defaultDir`. It is replaced when it exists. */
  readonly outputFile: string | undefined
  /** Absolute. */
  readonly defaultDir: string
  /** Tracker URLs; the first is the main one, each is a tier of its own (BEP 12). */
  readonly trackers: readonly string[]
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
