import type { Events } from '../base/events.ts'
import type { VerbEvents } from './events.ts'

/** Check content on disk against a torrent. */
export interface VerifyRequest {
  /** The .torrent: an absolute path or an http(s) URL. */
  readonly torrent: string
  /** The finished tree (the folder or file that has the torrent's name) or the folder in which it lies; absolute. */
  readonly path: string
}

/** What is not as the torrent says. */
export interface DamagedFile {
  /** Relative to the checked path, with `/` between the elements; a directory that is not in the torrent has one at its end. */
  readonly path: string
  /** `suspect`: only pieces that it shares with other files are wrong, and nobody can tell which of them is damaged; `extra`: not in the torrent. */
  readonly state: 'missing' | 'damaged' | 'suspect' | 'extra'
  /** For a suspect file: the files, at most 3 of them, with which it shares a wrong piece. */
  readonly sharesPieceWith?: readonly string[]
  /** How many these are in all. */
  readonly sharers?: number
}

/** What was found. */
export interface VerifyResult {
  readonly infoHash: string
  readonly name: string
  readonly bytes: number
  readonly files: number
  readonly seconds: number
  /** Empty when everything is as it should be and nothing else is there: first what the torrent has, in its order, then what it has not. */
  readonly damaged: readonly DamagedFile[]
  /** Files of the torrent that are missing or damaged: as few and as many as the suspect ones allow. */
  readonly wrongFiles: { readonly least: number; readonly most: number }
}

/** Emits `metadata`, `progress` (check), `warning`, and `done` when the content is whole and nothing else is there. Damage is a result and not an error. */
export type VerifyVerb = (request: VerifyRequest, events: Events<VerbEvents>, signal: AbortSignal) => Promise<VerifyResult>
