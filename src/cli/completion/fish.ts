import { type CompletedFlag, type CompletedVerb, completedFlags } from './words.ts'

/** A completion script for fish 3 and later. */
export function fishCompletion(verbs: readonly CompletedVerb[]): string {
  const lines = [
    '# fish completion for distro',
    // The verb is the second word and no other: `distro info seed` reads a torrent that is called seed.
    'function __distro_has_verb',
    '  set -l words (commandline -opc)',
    '  test "$words[2]" = "$argv[1]"',
    'end',
    'complete -c distro -f',
    `complete -c distro -n ${BEFORE_THE_VERB} -l help -d "show help"`,
    `complete -c distro -n ${BEFORE_THE_VERB} -l version -d "print the version"`,
    ...verbs.flatMap((command) => [
      `complete -c distro -n ${BEFORE_THE_VERB} -a ${command.name} -d ${quoted(command.summary)}`,
      ...wordLines(command),
      ...completedFlags(command).map((flag) => flagLine(command, flag)),
    ]),
  ]
  return `${lines.join('\n')}\n`
}

const BEFORE_THE_VERB = '\'__distro_has_verb ""\''

function wordLines(command: CompletedVerb): readonly string[] {
  const [first] = command.arguments
  const choices = first?.choices ?? []
  if (choices.length === 0) {
    if (first?.completes === 'folder') return [`${lineFor(command)} -a '(__fish_complete_directories)'`]
    return first?.completes === 'file' ? [`${lineFor(command)} -F`] : []
  }
  const isFirst = `__distro_has_verb ${command.name}; and not __fish_seen_subcommand_from ${choices.join(' ')}`
  return [`complete -c distro -n '${isFirst}' -a ${quoted(choices.join(' '))}`]
}

function flagLine(command: CompletedVerb, { flag, describe, takesValue, option }: CompletedFlag): string {
  const name = flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`
  return `${lineFor(command)} ${name}${takesValue ? flagValue(option) : ''} -d ${quoted(describe)}`
}

function flagValue({ choices, completes }: CompletedFlag['option']): string {
  if (choices.length > 0) return ` -x -a ${quoted(choices.join(' '))}`
  return { file: ' -r -F', folder: " -x -a '(__fish_complete_directories)'", nothing: ' -x' }[completes]
}

function lineFor(command: CompletedVerb): string {
  return `complete -c distro -n '__distro_has_verb ${command.name}'`
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
