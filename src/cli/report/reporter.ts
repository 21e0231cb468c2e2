import type { VerbEvents } from '../../app/events.ts'
import type { ErrorCode } from '../../base/errors.ts'
import type { Events } from '../../base/events.ts'

/** How a verb failed, ready to be told. */
export interface Failure {
  readonly code: ErrorCode
  readonly message: string
  readonly hint: string | undefined
  readonly exitCode: number
  /** The stack or the causes, one line each: told with --verbose, and always for a bug. */
  readonly details: readonly string[]
}

/** A reader of a verb's events: the bar, the plain lines, the JSON lines, or only warnings and errors. */
export interface Reporter {
  /** Begins to listen; called once. */
  follow(events: Events<VerbEvents>): void
  /** Says something that is not an event, such as "stopping". */
  say(sentence: string): void
  /** Tells how the verb failed; called after `stop`. */
  fail(failure: Failure): void
  /** Finishes what is on the screen and lets go of its timers. */
  stop(): void
}
