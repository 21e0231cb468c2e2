import type { Events } from '../../base/events.ts'
import type { SwitchedEvent, VerbEvents } from '../events.ts'

/** Point `current` of a folder of releases at an earlier one. */
export interface RollbackRequest {
  /** The folder of releases; absolute. */
  readonly dir: string
  /** The name of a release; undefined for the one before the current one. */
  readonly to: string | undefined
  /** True when `runSwitchHook` follows each `switched` and `switchOwed`: a switch is remembered until its command ended well. */
  readonly runsHook?: boolean | undefined
}

/** What `current` names now. */
export interface RollbackResult extends SwitchedEvent {
  /** False when it named that release before. */
  readonly isSwitched: boolean
}

/** Emits `switched` at the flip, or `switchOwed`. Rejects with INPUT_MISSING when there is nothing to go back to, PATH_REFUSED, BUSY, DISK_FULL or DISK_FAILED. */
export type RollbackVerb = (request: RollbackRequest, events: Events<VerbEvents>, signal: AbortSignal) => Promise<RollbackResult>
