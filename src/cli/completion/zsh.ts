import type { Argument } from '../command.ts'
import { type CompletedFlag, type CompletedVerb, completedFlags } from './words.ts'

/** A completion script for zsh, for a file called \`_distro\` in \`fpath\` or for \`source\`. */
export function zshCompletion(verbs: readonly CompletedVerb[]): string {
  return `#compdef distro
# zsh completion for distro
_distro() {
  local context state state_descr line
  typeset -A opt_args
  if (( CURRENT == 2 )); then
    local -a verbs
    verbs=(
${verbs.map(({ name, summary }) => `      ${quoted(`${name}:${summary}`)}`).join('\n')}
    )
    _describe -t verbs verb verbs
    return
  fi
  local verb=$words[2]
  shift words
  (( CURRENT-- ))
  case $verb in
${verbs.map(verbCase).join('\n')}
  esac
}
if [ "$funcstack[1]" = _distro ]; then
  _distro "$@"
else
  compdef _distro distro
fi
`
}

function verbCase(command: CompletedVerb): string {
  const specs = [...completedFlags(command).map(flagSpec), ...command.arguments.map((word, index) => wordSpec(word, index + 1))]
  return `    ${command.name})
      _arguments -s -S \\
${specs.map((spec) => `        ${spec}`).join(' \\\n')}
      ;;`
}

function flagSpec({ flag, describe, takesValue, option }: CompletedFlag): string {
  const star = option.shape === 'list' ? '*' : ''
  const value = takesValue ? `:${escapedColons(option.placeholder)}:${action(option.choices, option.completes)}` : ''
  return quoted(`${star}${flag}[${describe.replace(/[[\]]/g, '\\$&')}]${value}`)
}

function wordSpec(word: Argument, position: number): string {
  return quoted(`${position}:${word.isRequired ? '' : ':'}${word.name}:${action(word.choices, word.completes)}`)
}

function action(choices: readonly string[], completes: string): string {
  if (choices.length > 0) return `(${choices.join(' ')})`
  return { file: '_files', folder: '_files -/', nothing: ' ' }[completes] ?? ' '
}

function escapedColons(text: string): string {
  return text.replaceAll(':', '\\:')
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
