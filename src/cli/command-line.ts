import yargs, { type Argv } from 'yargs'
import { DistroError } from '../base/errors.ts'
import type { AnyCommand } from './command-list.ts'
import { nearestWord } from './nearest-word.ts'
import { flagName } from './option.ts'
import type { GivenFlags } from './resolve-options.ts'

/** What was typed after the verb. */
export interface CommandLine {
  readonly words: readonly string[]
  readonly flags: GivenFlags
}

/** Takes the words after the verb apart, strictly: an unknown flag or a word too many or too few is a USAGE error. */
export function readCommandLine(command: AnyCommand, typed: readonly string[]): CommandLine {
  checkFlags(command, typed)
  const parsed = declareOptions(emptyParser(), command).parseSync([...typed])
  const words = [...(parsed._ ?? []), ...((parsed['--'] as readonly string[] | undefined) ?? [])].map(String)
  checkWords(command, words)
  const flags = new Map<string, readonly string[]>()
  for (const name of Object.keys(command.options)) {
    const given = parsed[flagName(name)]
    if (given !== undefined) flags.set(name, (Array.isArray(given) ? given : [given]).map(String))
  }
  return { words, flags }
}

function emptyParser(): Argv {
  // A working folder of its own keeps yargs from reading settings out of the package.json that happens to lie around.
  return yargs([], '/')
    .scriptName('distro')
    .detectLocale(false)
    .help(false)
    .version(false)
    .exitProcess(false)
    .strictOptions()
    .parserConfiguration({
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'short-option-groups': false,
      'strip-aliased': true,
      'populate--': true,
    })
    .fail((sentence, cause) => {
      throw new DistroError('USAGE', `${sentence ?? String(cause)}.`, { hint: 'distro --help lists verbs and flags.', cause })
    })
}

/** The yargs builder of every command: its option table, declared. */
function declareOptions(parser: Argv, command: AnyCommand): Argv {
  return Object.entries(command.options).reduce(
    (declared, [name, option]) =>
      declared.option(flagName(name), {
        describe: option.describe,
        ...(option.letter === undefined ? {} : { alias: option.letter }),
        ...(option.shape === 'switch' ? { type: 'boolean' } : { type: 'string', requiresArg: true }),
      }),
    parser,
  )
}

/** Checks what yargs would let pass or would blame on something else: unknown flags, and switches with a value. */
function checkFlags(command: AnyCommand, typed: readonly string[]): void {
  const shapes = new Map<string, string>()
  for (const [name, option] of Object.entries(command.options)) {
    shapes.set(`--${flagName(name)}`, option.shape)
    if (option.shape === 'switch') shapes.set(`--no-${flagName(name)}`, 'negation')
    if (option.letter !== undefined) shapes.set(`-${option.letter}`, option.shape)
  }
  let isValue = false
  for (const [place, word] of typed.entries()) {
    if (word === '--' && !isValue) return
    const [flag = '', value] = splitFlag(word)
    const shape = shapes.get(flag)
    if (isValue && shape === undefined && word !== '--') {
      isValue = false
      continue
    }
    if (isValue) throw missingValue(typed[place - 1] ?? '')
    if (!/^-./.test(word)) continue
    if (shape === undefined) throw unknownFlag(command, flag, [...shapes.keys()])
    if (shape === 'negation' && value !== undefined)
      throw new DistroError('USAGE', `${flag} takes no value.`, { hint: `Write just ${flag}.` })
    if (shape === 'switch' && value !== undefined && !['true', 'false'].includes(value)) {
      throw new DistroError('USAGE', `${flag} expects true or false, not "${value}".`, { hint: `Write ${flag} or --no-${flag.slice(2)}.` })
    }
    isValue = value === undefined && (shape === 'value' || shape === 'list')
  }
  if (isValue) throw missingValue(typed[typed.length - 1] ?? '')
}

function splitFlag(word: string): readonly [flag: string, value: string | undefined] {
  const equals = word.startsWith('--') ? word.indexOf('=') : -1
  return equals === -1 ? [word, undefined] : [word.slice(0, equals), word.slice(equals + 1)]
}

function missingValue(flag: string): DistroError {
  return new DistroError('USAGE', `${flag} needs a value.`, { hint: `A value that starts with a dash is written ${flag}=-value.` })
}

function unknownFlag(command: AnyCommand, flag: string, flags: readonly string[]): DistroError {
  // Every other letter is one change away.
  const near = flag.length === 2 ? undefined : (nearestWord(flag, flags) ?? kindredFlag(flag, flags))
  return new DistroError('USAGE', `distro ${command.name} has no flag ${flag}.`, {
    hint: near === undefined ? `distro ${command.name} --help lists its flags.` : `Did you mean ${near}?`,
  })
}

/** The flag that ends as `typed` does, as that of another verb may: `--copies` for `--until-copies`, and the other way round. */
function kindredFlag(typed: string, flags: readonly string[]): string | undefined {
  const tail = (flag: string): string => flag.replace(/^-/, '')
  const shorter = flags.filter((flag) => flag.startsWith('--') && typed.endsWith(tail(flag)))
  const longer = flags.filter((flag) => typed.startsWith('--') && flag.endsWith(tail(typed)))
  const byLength = (first: string, second: string): number => first.length - second.length
  return shorter.sort(byLength).at(-1) ?? longer.sort(byLength)[0]
}

function checkWords(command: AnyCommand, words: readonly string[]): void {
  const declared = command.arguments
  const hint = `distro ${command.name} --help shows examples.`
  const missing = declared.find((argument, index) => argument.isRequired && (words[index] ?? '') === '')
  if (missing !== undefined)
    throw new DistroError('USAGE', `distro ${command.name} needs <${missing.name}>: ${missing.describe}.`, { hint })
  const extra = words[declared.length]
  if (extra === undefined) return
  throw new DistroError('USAGE', `distro ${command.name} does not know what to do with "${extra}".`, {
    hint: declared.length === 0 ? hint : 'Quote names that hold spaces, and magnets, which hold "&".',
  })
}
