import type { Events } from '../../base/events.ts'
import type { RunSummary, WebSeedChange } from '../control/control-answer.ts'
import type { WebSeedStatus } from '../control/run-port.ts'
import type { VerbEvents } from '../events.ts'

/** Look at the web seeds of a run, or change them while it goes on. */
export interface WebSeedRequest {
  /** The state folder of the run; absolute. */
  readonly stateDir: string
  /** Its id or the start of it, its name, or its info-hash or at least four digits from its start. */
  readonly run: string
  readonly action: WebSeedAction
}

/** What to do; a URL may also be the absolute path of a folder, and one that is there already may be named by its label. */
export type WebSeedAction =
  | { readonly kind: 'list' }
  | { readonly kind: 'add' | 'remove'; readonly url: string }
  | { readonly kind: 'replace'; readonly url: string; readonly by: string }

/** What was changed, and the web seeds that the run has then. */
export interface WebSeedResult extends WebSeedChange {
  readonly run: RunSummary
  readonly webSeeds: readonly WebSeedStatus[]
}

/**
 * Rejects with INPUT_MISSING when no run is called so or it has ended, USAGE when several are, BUSY when it does not answer, what the run
 * says of the change, and the reason of `signal`.
 */
export type WebSeedVerb = (request: WebSeedRequest, events: Events<VerbEvents>, signal: AbortSignal) => Promise<WebSeedResult>
