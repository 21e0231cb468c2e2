import type { AnyCommand } from '../command-list.ts'
import { completedFlags } from './words.ts'

/** A completion script for bash 3.2 and later that needs no bash-completion package. */
export function bashCompletion(commands: readonly AnyCommand[]): string {
  return `# bash completion for distro; load it with: source <(distro completion bash)
_distro() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} verb=\${COMP_WORDS[1]}
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '${[...commands.map(({ name }) => name), '--help', '--version'].join(' ')}' -- "$current"))
    return
  fi
  local flags='' words='' files=''
  case $verb in
${commands.map(verbCase).join('\n')}
  esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$flags --help" -- "$current"))
  elif [ -n "$words" ]; then
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  elif [ "$files" = folder ]; then
    local IFS=$'\\n'
    compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen -d -- "$current"))
  elif [ "$files" = file ]; then
    local IFS=$'\\n'
    compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen -f -- "$current"))
  fi
}
complete -F _distro distro
`
}

function verbCase(command: AnyCommand): string {
  const flags = completedFlags(command)
  const valued = flags.filter(({ takesValue }) => takesValue)
  const argument = command.secondArgument ?? command.argument
  const cases = valued.map(({ flag, option }) => `        ${flag}) ${offer(option.choices, option.completes)} ;;`)
  return `    ${command.name})
      flags='${flags.map(({ flag }) => flag).join(' ')}'
      case $previous in
${[...cases, `        *) ${offer(argument?.choices ?? [], argument?.completes ?? 'nothing')} ;;`].join('\n')}
      esac
      ;;`
}

function offer(choices: readonly string[], completes: string): string {
  if (choices.length > 0) return `words='${choices.join(' ')}'`
  return completes === 'nothing' ? 'files=none' : `files=${completes}`
}
