import { DistroError } from '../base/errors.ts'
import type { AnyCommand } from './command-list.ts'
import { tellVersion } from './tell-version.ts'
import { appVerbs, type Verbs } from './verbs.ts'
import type { World } from './world.ts'

/**
 * Runs one command line (the words after `distro`) and resolves with its exit code; never rejects.
 * What a word needs is loaded when it is met, so that `--version` answers at once.
 */
export async function run(typed: readonly string[], world: World, verbs: Verbs = appVerbs): Promise<number> {
  const exitCode = await runWords(typed, world, verbs)
  return exitCode === 0 && world.stdout.fault !== undefined ? tellLoss(world.stdout.fault, typed, world) : exitCode
}

async function runWords(typed: readonly string[], world: World, verbs: Verbs): Promise<number> {
  if (tellVersion(typed, world)) return 0
  const [verb = '', ...rest] = typed
  try {
    if (verb === '') return await printHelp(undefined, world, 2)
    if (verb === 'help' || isHelp(verb)) return await printHelp(rest[0], world, 0)
    const end = rest.indexOf('--')
    if ((end === -1 ? rest : rest.slice(0, end)).some(isHelp)) return await printHelp(verb, world, 0)
    const { runCommand } = await import('./run-command.ts')
    return await runCommand(await loadCommand(verb), rest, world, verbs)
  } catch (error) {
    return tellFailure(error, typed, world)
  }
}

function isHelp(word: string): boolean {
  return word === '--help' || word === '-h'
}

async function loadCommand(verb: string): Promise<AnyCommand> {
  const { commandLoaders } = await import('./command-list.ts')
  const load = Object.hasOwn(commandLoaders, verb) ? commandLoaders[verb] : undefined
  if (load !== undefined) return load()
  const { nearestWord } = await import('./nearest-word.ts')
  const verbs = Object.keys(commandLoaders)
  const near = verb.startsWith('-') ? undefined : nearestWord(verb, verbs)
  const what = verb.startsWith('-') ? `The first word is the verb; ${verb} comes before one.` : `There is no verb "${verb}".`
  throw new DistroError('USAGE', what, { hint: hintFor(verb, near, verbs) })
}

function hintFor(verb: string, near: string | undefined, verbs: readonly string[]): string {
  if (['version', '-v', '-version', '--ver', '--vers'].includes(verb)) return 'distro --version prints the version.'
  return near === undefined ? `The verbs are ${verbs.join(', ')}.` : `Did you mean distro ${near}?`
}

/** Help that was asked for is a result; help in place of a missing verb is talk. */
async function printHelp(verb: string | undefined, world: World, exitCode: number): Promise<number> {
  const output = exitCode === 0 ? world.stdout : world.stderr
  const [{ overallHelp, commandHelp }, { styleOf }] = await Promise.all([import('./help-text.ts'), import('./report/style.ts')])
  const style = styleOf(output, world.env, true)
  if (verb !== undefined && !verb.startsWith('-')) {
    output.write(commandHelp(await loadCommand(verb), style, output.columns))
    return exitCode
  }
  const { loadAllCommands } = await import('./command-list.ts')
  output.write(overallHelp(await loadAllCommands(), style, output.columns))
  return exitCode
}

/** A result that nobody got is a failure, of which stderr is told even with `--json`. */
async function tellLoss(fault: Error, typed: readonly string[], world: World): Promise<number> {
  const { diskError } = await import('../store/disk-error.ts')
  const { code, message } = diskError(fault, 'write to', 'standard output')
  const hint = 'What was to be printed there is lost; everything else is done. Give it another place and run the same command again.'
  return tellFailure(
    new DistroError(code, message, { hint, cause: fault }),
    typed.filter((word) => word !== '--json'),
    world,
  )
}

/** For what goes wrong before the flags are known: the few that matter here are looked for by hand. */
async function tellFailure(error: unknown, typed: readonly string[], world: World): Promise<number> {
  const [{ failureOf }, { chooseReporters }] = await Promise.all([import('./failure.ts'), import('./report/choose-reporters.ts')])
  const failure = failureOf(error)
  const has = (flag: string): boolean => typed.includes(flag)
  const request = { progress: 'none', json: has('--json'), quiet: false, verbose: has('--verbose'), color: !has('--no-color') } as const
  const { reporters } = await chooseReporters('', request, world)
  for (const reporter of reporters) reporter.fail(failure)
  return failure.exitCode
}
