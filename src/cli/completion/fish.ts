import type { AnyCommand } from '../command-list.ts'
import { type CompletedFlag, completedFlags } from './words.ts'

/** A completion script for fish 3 and later. */
export function fishCompletion(commands: readonly AnyCommand[]): string {
  const lines = [
    '# fish completion for distro',
    'complete -c distro -f',
    'complete -c distro -n __fish_use_subcommand -l help -d "show help"',
    'complete -c distro -n __fish_use_subcommand -l version -d "print the version"',
    ...commands.flatMap((command) => [
      `complete -c distro -n __fish_use_subcommand -a ${command.name} -d ${quoted(command.summary)}`,
      ...wordLines(command),
      ...completedFlags(command).map((flag) => flagLine(command, flag)),
    ]),
  ]
  return `${lines.join('\n')}\n`
}

function wordLines(command: AnyCommand): readonly string[] {
  const choices = command.argument?.choices ?? []
  if (choices.length > 0) return [`complete -c distro -n '__fish_seen_subcommand_from ${command.name}' -a ${quoted(choices.join(' '))}`]
  return command.argument?.completes === 'file' ? [`complete -c distro -n '__fish_seen_subcommand_from ${command.name}' -F`] : []
}

function flagLine(command: AnyCommand, { flag, describe, takesValue, option }: CompletedFlag): string {
  const name = flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`
  const values = option.choices.length > 0 ? ` -a ${quoted(option.choices.join(' '))}` : option.completes === 'nothing' ? '' : ' -F'
  return `complete -c distro -n '__fish_seen_subcommand_from ${command.name}' ${name}${takesValue ? ` -r${values}` : ''} -d ${quoted(describe)}`
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
