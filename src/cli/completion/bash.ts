import { type CompletedVerb, completedFlags } from './words.ts'

/** A completion script for bash 3.2 and later that needs no bash-completion package. */
export function bashCompletion(verbs: readonly CompletedVerb[]): string {
  return `# bash completion for distro; load it with: source <(distro completion bash)
_distro() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} verb=\${COMP_WORDS[1]}
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '${[...verbs.map(({ name }) => name), '--help', '--version'].join(' ')}' -- "$current"))
    return
  fi
  local flags='' words='' files='' valued='' position=0 skip='' word
  case $verb in
${verbs.map(valuedCase).join('\n')}
  esac
  for word in "\${COMP_WORDS[@]:2:$((COMP_CWORD - 2))}"; do
    if [ -n "$skip" ]; then skip=''
    elif [[ " $valued " == *" $word "* ]]; then skip=yes
    elif [[ $word != -* ]]; then position=$((position + 1))
    fi
  done
  case $verb in
${verbs.map(verbCase).join('\n')}
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

/** Which flags are followed by a value, so that it is not counted among the words. */
function valuedCase(command: CompletedVerb): string {
  const valued = completedFlags(command).filter(({ takesValue }) => takesValue)
  return `    ${command.name}) valued='${valued.map(({ flag }) => flag).join(' ')}' ;;`
}

function verbCase(command: CompletedVerb): string {
  const flags = completedFlags(command)
  const valued = flags.filter(({ takesValue }) => takesValue)
  const words = command.arguments.map(({ choices, completes }, position) => `          ${position}) ${offer(choices, completes)} ;;`)
  const cases = valued.map(({ flag, option }) => `        ${flag}) ${offer(option.choices, option.completes)} ;;`)
  return `    ${command.name})
      flags='${flags.map(({ flag }) => flag).join(' ')}'
      case $previous in
${cases.join('\n')}
        *) case $position in
${[...words, '          *) files=none ;;'].join('\n')}
        esac ;;
      esac
      ;;`
}

function offer(choices: readonly string[], completes: string): string {
  if (choices.length > 0) return `words='${choices.join(' ')}'`
  return completes === 'nothing' ? 'files=none' : `files=${completes}`
}
