import type { Argument } from './command.ts'
import type { AnyCommand } from './command-list.ts'
import { flagName, type Option, type OptionTable } from './option.ts'
import { networkOptions, outputOptions, treeOptions, webSeedOptions } from './options.ts'
import type { Style } from './report/style.ts'

/** `distro --help`. */
export function overallHelp(commands: readonly AnyCommand[], style: Style, columns: number): string {
  const examples = [
    ['distro seed dist/', 'publish a folder; prints a magnet'],
    ["distro fetch 'magnet:?xt=...'", 'fetch it on any other machine'],
  ] as const
  return [
    `${style.bold('distro')} gives many machines the same files.`,
    '',
    style.bold('Usage'),
    '  distro <verb> [arguments] [flags]',
    '',
    style.bold('Verbs'),
    ...table(
      commands.map((command) => [usageOf(command), command.summary] as const),
      columns,
      style,
    ),
    '',
    style.bold('Examples'),
    ...table(examples, columns, style),
    '',
    'distro <verb> --help says more of each. distro --version prints the version.',
    '',
  ].join('\n')
}

/** `distro <verb> --help`. */
export function commandHelp(command: AnyCommand, style: Style, columns: number): string {
  return [
    `${style.bold(`distro ${usageOf(command)}`)} [flags]`,
    '',
    ...wrap(`${command.summary.slice(0, 1).toUpperCase()}${command.summary.slice(1)}.`, Math.min(98, columns - 2)).map(
      (text) => `  ${text}`,
    ),
    ...(command.arguments.length === 0
      ? []
      : [
          '',
          ...table(
            command.arguments.map((argument) => [shown(argument), argument.describe]),
            columns,
            style,
          ),
        ]),
    '',
    style.bold('Examples'),
    ...command.examples.flatMap(({ line, does }) => [
      `  ${style.cyan(line)}`,
      ...wrap(does, Math.min(94, columns - 6)).map((text) => `      ${text}`),
    ]),
    ...optionGroups(command.options).flatMap(([title, options]) => [
      '',
      style.bold(title),
      ...table(
        options.map(([name, option]) => [flagText(name, option), describe(option)]),
        columns,
        style,
      ),
    ]),
    '',
    'Sizes 256K, 1M, 1G (powers of 1024); rates 500k, 20M; durations 90s, 30m, 2h.',
    'Each flag may also stand in DISTRO_<FLAG> or a config file; see distro config.',
    '',
  ].join('\n')
}

function usageOf(command: AnyCommand): string {
  return [command.name, ...command.arguments.map(shown)].join(' ')
}

/** `<path>`, or `[url]` for a word that may be left out. */
function shown({ name, isRequired }: Argument): string {
  return isRequired ? `<${name}>` : `[${name}]`
}

const sections: readonly (readonly [title: string, table: OptionTable])[] = [
  ['Output', outputOptions],
  ['Network', networkOptions],
  ['Torrent', treeOptions],
  ['Web seeds', webSeedOptions],
]

function optionGroups(options: OptionTable): readonly (readonly [string, readonly (readonly [string, Option<unknown>])[]])[] {
  const groups = new Map<string, [string, Option<unknown>][]>([['Flags', []]])
  for (const [name, option] of Object.entries(options)) {
    const title = sections.find(([, table]) => table[name] === option)?.[0] ?? 'Flags'
    const group = groups.get(title) ?? []
    group.push([name, option])
    groups.set(title, group)
  }
  return [...groups].filter(([, group]) => group.length > 0)
}

/** `-o, --out DIR`, `--no-dht` for what is on unless it is turned off. */
function flagText(name: string, option: Option<unknown>): string {
  const letter = option.letter === undefined ? '    ' : `-${option.letter}, `
  const negation = option.shape === 'switch' && option.fallback === true ? 'no-' : ''
  return `${letter}--${negation}${flagName(name)}${option.placeholder === '' ? '' : ` ${option.placeholder}`}`
}

function describe(option: Option<unknown>): string {
  if (option.shape === 'switch') return option.fallback === true ? `do not ${option.describe}` : option.describe
  return option.fallbackText === '' ? option.describe : `${option.describe} [${option.fallbackText}]`
}

/** Two columns; long descriptions wrap inside theirs. */
function table(rows: readonly (readonly [left: string, right: string])[], columns: number, style: Style): readonly string[] {
  const leftWidth = Math.min(34, Math.max(...rows.map(([left]) => left.length)))
  const rightWidth = Math.max(24, Math.min(100, columns) - leftWidth - 4)
  return rows.flatMap(([left, right]) => {
    const [first = '', ...rest] = wrap(right, rightWidth)
    const isTooLong = left.length > leftWidth
    const head = isTooLong
      ? [`  ${style.cyan(left)}`, `${' '.repeat(leftWidth + 4)}${first}`]
      : [`  ${style.cyan(left.padEnd(leftWidth))}  ${first}`]
    return [...head, ...rest.map((line) => `${' '.repeat(leftWidth + 4)}${line}`)]
  })
}

function wrap(text: string, width: number): readonly string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines[lines.length - 1] ?? ''
    if (line === '') lines[lines.length - 1] = word
    else if (line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`
    else lines.push(word)
  }
  return lines
}
