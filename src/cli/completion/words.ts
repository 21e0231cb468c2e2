import type { AnyCommand } from '../command-list.ts'
import { flagName, type Option } from '../option.ts'

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
export function completedFlags(command: AnyCommand): readonly CompletedFlag[] {
  return Object.entries(command.options).flatMap(([name, option]) => {
    const takesValue = option.shape !== 'switch'
    const flags = [`--${flagName(name)}`, ...(option.letter === undefined ? [] : [`-${option.letter}`])]
    const yes = flags.map((flag) => ({ flag, describe: option.describe, takesValue, option }))
    return takesValue ? yes : [...yes, { flag: `--no-${flagName(name)}`, describe: `turn off: ${option.describe}`, takesValue, option }]
  })
}
