import type { VerbEvents } from '../app/events.ts'
import type { Events } from '../base/events.ts'
import type { OptionTable, Values } from './option.ts'
import type { Setting } from './resolve-options.ts'
import type { Verbs } from './verbs.ts'
import type { World } from './world.ts'

/** A word that follows the verb. */
export interface Argument {
  readonly name: string
  readonly describe: string
  readonly isRequired: boolean
  readonly completes: 'nothing' | 'file' | 'folder'
  /** The words that it may be; empty when it may be anything. */
  readonly choices: readonly string[]
}

/** A command line that works, and what it does. */
export interface Example {
  readonly line: string
  readonly does: string
}

/** What a command is handed when it runs. */
export interface CommandContext<Table extends OptionTable> {
  /** The words after the verb, at least as many as are required and at most as many as are declared. */
  readonly words: readonly string[]
  readonly values: Values<Table>
  /** How each option came to its value. */
  readonly settings: ReadonlyMap<string, Setting>
  readonly world: World
  readonly verbs: Verbs
  /** Hand it to the verb; the reporters listen. */
  readonly events: Events<VerbEvents>
  /** Aborted by the first signal, with a `DistroError` as its reason. */
  readonly signal: AbortSignal
  /** Says a sentence on stderr, for people; nothing with --quiet. */
  say(sentence: string): void
  /** Prints a line of the result on stdout; nothing with --json. */
  printResult(line: string): void
  /** Prints a JSON event on stdout; only with --json. */
  printRecord(type: string, fields: object): void
}

/** One verb of the command line. */
export interface Command<Table extends OptionTable = OptionTable> {
  readonly name: string
  /** What it does, in a phrase that starts with a small letter and has no full stop. */
  readonly summary: string
  /** The words after the verb, in order; those that are not required come last. */
  readonly arguments: readonly Argument[]
  readonly options: Table
  readonly examples: readonly Example[]
  /** What to do about having stopped it with a signal. */
  readonly stopHint?: string
  /** Runs it; the exit code. Rejects with a `DistroError` for what a person, a peer or a disk can cause. */
  run(context: CommandContext<Table>): Promise<number>
}
