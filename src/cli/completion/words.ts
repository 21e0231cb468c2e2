import type { AnyCommand } from '../command-list.ts'
import { flagName, type Option } from '../option.ts'

/** A word after `distro` as a shell completes it, with what follows it. */
export type CompletedVerb = Pick<AnyCommand, 'name' | 'summary' | 'arguments' | 'options'>

/** Every verb, and `help`, which is none: it takes the name of one. */
export function completedVerbs(commands: readonly AnyCommand[]): readonly CompletedVerb[] {
  const verb = {
    name: 'verb',
    describe: 'the verb',
    isRequired: false,
    completes: 'nothing',
    choices: commands.map(({ name }) => name),
  } as const
  return [...commands, { name: 'help', summary: 'say what a verb does, and list its flags', arguments: [verb], options: {} }]
}

/** One flag as a shell completes it. */
export interface CompletedFlag {
  /** `--up-limit`, or `-o`. */
  readonly flag: string
  readonly describe: string
  /** False for a switch. */
  readonly takesValue: boolean
  readonly option: Option<unknown>
}

/** Every way to write a flag of `command`: its long form, its letter, and `--no-` for a switch. */
export function completedFlags(command: CompletedVerb): readonly CompletedFlag[] {
  return Object.entries(command.options).flatMap(([name, option]) => {
    const takesValue = option.shape !== 'switch'
    const flags = [`--${flagName(name)}`, ...(option.letter === undefined ? [] : [`-${option.letter}`])]
    const yes = flags.map((flag) => ({ flag, describe: option.describe, takesValue, option }))
    return takesValue ? yes : [...yes, { flag: `--no-${flagName(name)}`, describe: `turn off: ${option.describe}`, takesValue, option }]
  })
}
