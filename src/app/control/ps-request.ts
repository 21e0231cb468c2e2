import type { Events } from '../../base/events.ts'
import type { VerbEvents } from '../events.ts'
import type { RunSummary } from './control-answer.ts'

/** List the seeds and fetches of this user that run. */
export interface PsRequest {
  /** The state folder of the runs; absolute. */
  readonly stateDir: string
}

/** What runs, oldest first. */
export interface PsResult {
  readonly runs: readonly RunSummary[]
}

/** Emits a `warning` for each run that does not answer. Rejects with PATH_REFUSED or DISK_FAILED, and with the reason of `signal`. */
export type PsVerb = (request: PsRequest, events: Events<VerbEvents>, signal: AbortSignal) => Promise<PsResult>
