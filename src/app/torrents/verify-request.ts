import type { Events } from '../../base/events.ts'
import type { VerbEvents } from '../events.ts'

/** Check content on disk against a torrent. */
export interface VerifyRequest {
  /** The .torrent: an absolute path or an http(s) URL. */
  readonly torrent: string
  /** The finished tree (the folder or file that has the torrent's name) or the folder in which it lies; absolute. */
  readonly path: string
  /** Only files that match one of these globs, as in `FetchRequest`, and what `fetch` places with them; the others may be missing. Empty or undefined means all. */
  readonly select?: readonly string[] | undefined
}

/** What is not as the torrent says. */
export interface DamagedFile {
  /** Relative to the checked path, with `/` between the elements, and one at its end for a directory. */
  readonly path: string
  /** `mode`: the bytes may be right, the exec bit or mode is not; `mtime`: all else may be right, the modification time is not; `suspect`: only pieces that it shares with other files are wrong, and nobody can tell which of them is damaged; `unchecked`: nothing wrong is known, but a piece of it could not be checked because a file that it shares it with is missing, of another length or not selected; `extra`: not in the torrent. */
  readonly state: 'missing' | 'damaged' | 'mode' | 'mtime' | 'suspect' | 'unchecked' | 'extra'
  /** For a file with another mode: whether it was executable when it was published. */
  readonly isExecutable?: boolean
  /** For an entry with another mode, where the torrent says modes: the published one, octal. */
  readonly mode?: string
  /** For an entry with another modification time: the published one, ISO 8601. */
  readonly mtime?: string
  /** For a symbolic link: what it should hold. */
  readonly target?: string
  /** For a suspect file: the files, at most 3 of them, with which it shares a wrong piece; for an unchecked one those of them that are missing, of another length or not selected. */
  readonly sharesPieceWith?: readonly string[]
  /** How many these are in all. */
  readonly sharers?: number
}

/** What was found. */
export interface VerifyResult {
  readonly infoHash: string
  readonly name: string
  /** The tree or file that was checked; absolute. */
  readonly path: string
  /** True if not all files were selected. */
  readonly isPart?: boolean | undefined
  /** Of the selected files. */
  readonly bytes: number
  /** How many are selected. */
  readonly files: number
  readonly seconds: number
  /** Empty when everything is as it should be and nothing else is there: first the files of the torrent, in its order, then its links and folders, then modes of folders and all times, then what it has not. */
  readonly damaged: readonly DamagedFile[]
  /** Files of the torrent that are missing, damaged, or of another mode: as few and as many as the suspect ones allow; unchecked ones are not counted. */
  readonly wrongFiles: { readonly least: number; readonly most: number }
}

/** Emits `metadata`, `progress` (check), `warning`, and `done` when the content is whole and nothing else is there. Damage is a result and not an error; USAGE where nothing matches `select`. */
export type VerifyVerb = (request: VerifyRequest, events: Events<VerbEvents>, signal: AbortSignal) => Promise<VerifyResult>
