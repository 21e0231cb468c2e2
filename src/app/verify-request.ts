import type { Events } from '../base/events.ts'
import type { VerbEvents } from './events.ts'

/** Check content on disk against a torrent. */
export interface VerifyRequest {
  /** The .torrent: an absolute path or an http(s) URL. */
  readonly torrent: string
  /** The finished tree (the folder or file that has the torrent's name) or the folder in which it lies; absolute. */
  readonly path: string
}

/** A file that is not as the torrent says. */
export interface DamagedFile {
  /** Relative to the checked path, with `/` between the elements. */
  readonly path: string
  readonly state: 'missing' | 'damaged'
}

/** What was found. */
export interface VerifyResult {
  readonly infoHash: string
  readonly name: string
  readonly bytes: number
  readonly files: number
  readonly seconds: number
  /** Empty when everything is as it should be. */
  readonly damaged: readonly DamagedFile[]
}

/** Emits `metadata`, `progress` (check), `warning`, and `done` when the content is whole. Damage is a result and not an error. */
export type VerifyVerb = (request: VerifyRequest, events: Events<VerbEvents>, signal: AbortSignal) => Promise<VerifyResult>
