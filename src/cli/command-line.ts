import yargs, { type Argv } from 'yargs'
import { DistroError } from '../base/errors.ts'
import type { AnyCommand } from './command-list.ts'
import { flagShapes } from './flag-shapes.ts'
import { flagName } from './option.ts'
import type { GivenFlags } from './resolve-options.ts'
import { unknownFlagHint } from './unknown-flag-hint.ts'

/** What was typed after the verb. */
export interface CommandLine {
  readonly words: readonly string[]
  readonly flags: GivenFlags
}

/** Takes the words after the verb apart, strictly: rejects with USAGE for an unknown flag and for a word too many or too few. */
export async function readCommandLine(command: AnyCommand, typed: readonly string[]): Promise<CommandLine> {
  const unknown = checkFlags(command, typed)
  if (unknown !== undefined) {
    throw new DistroError('USAGE', `distro ${command.name} has no flag ${unknown}.`, { hint: await unknownFlagHint(command, unknown) })
  }
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

/** Checks what yargs would let pass or would blame on something else: switches with a value, and flags that there are not, of which it returns the first. */
function checkFlags(command: AnyCommand, typed: readonly string[]): string | undefined {
  const shapes = flagShapes(command)
  let isValue = false
  for (const [place, word] of typed.entries()) {
    if (word === '--' && !isValue) return undefined
    const [flag = '', value] = splitFlag(word)
    const shape = shapes.get(flag)
    if (isValue && shape === undefined && word !== '--') {
      isValue = false
      continue
    }
    if (isValue) throw missingValue(typed[place - 1] ?? '')
    if (!/^-./.test(word)) continue
    if (shape === undefined) return flag
    if (shape === 'bare' && value !== undefined) throw new DistroError('USAGE', `${flag} takes no value.`, { hint: `Write just ${flag}.` })
    if (shape === 'switch' && value !== undefined && !['true', 'false'].includes(value)) {
      throw new DistroError('USAGE', `${flag} expects true or false, not "${value}".`, { hint: `Write ${flag} or --no-${flag.slice(2)}.` })
    }
    isValue = value === undefined && (shape === 'value' || shape === 'list')
  }
  if (isValue) throw missingValue(typed[typed.length - 1] ?? '')
  return undefined
}

function splitFlag(word: string): readonly [flag: string, value: string | undefined] {
  const equals = word.startsWith('--') ? word.indexOf('=') : -1
  return equals === -1 ? [word, undefined] : [word.slice(0, equals), word.slice(equals + 1)]
}

function missingValue(flag: string): DistroError {
  return new DistroError('USAGE', `${flag} needs a value.`, { hint: `A value that starts with a dash is written ${flag}=-value.` })
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
    hint: extraWordHint(extra) ?? (declared.length === 0 ? hint : 'Quote names that hold spaces, and magnets, which hold "&".'),
  })
}

/** A flag gets here as a word only behind `--`. */
function extraWordHint(word: string): string | undefined {
  return /^-./.test(word) ? 'Flags come before --.' : undefined
}
