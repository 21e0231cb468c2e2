import type { VerbEvents } from '../app/events.ts'
import { Events } from '../base/events.ts'
import type { CommandContext } from './command.ts'
import { readCommandLine } from './command-line.ts'
import { type AnyCommand, configurableOptions } from './command-list.ts'
import { failureOf } from './failure.ts'
import type { OptionTable, Values } from './option.ts'
import { outputOptions } from './options.ts'
import { type ChosenReporters, chooseReporters } from './report/choose-reporters.ts'
import { resolveOptions } from './resolve-options.ts'
import { stopOnSignals } from './stop-on-signals.ts'
import { strayVariables } from './stray-variables.ts'
import type { Verbs } from './verbs.ts'
import type { World } from './world.ts'

/** Runs `command` with the words typed after the verb: reads flags, sets up reporters and signals, calls it, and tells how it went. */
export async function runCommand(command: AnyCommand, typed: readonly string[], world: World, verbs: Verbs): Promise<number> {
  const { words, flags } = await readCommandLine(command, typed)
  // Every command reads the flags about output, also those that it does not list.
  const table = { ...outputOptions, ...command.options }
  const knownNames = async (): Promise<readonly string[]> => Object.keys(await configurableOptions())
  const { values, settings } = await resolveOptions<OptionTable & typeof outputOptions>(table, flags, knownNames, world)
  const chosen = await chooseReporters(command.name, values, world)
  const events = new Events<VerbEvents>()
  const stopping = stopOnSignals(world, command.stopHint, (sentence) => tellAll(chosen, sentence))
  const context: CommandContext<OptionTable> = {
    words,
    values,
    settings,
    world,
    verbs,
    events,
    signal: stopping.signal,
    say: (sentence) => tellAll(chosen, sentence),
    printResult(line) {
      if (!values.json) chosen.aside(() => world.stdout.write(`${line}\n`))
    },
    printRecord: chosen.record,
  }
  for (const reporter of chosen.reporters) reporter.follow(events)
  for (const message of await strayVariables(world.env, Object.keys(table), knownNames)) events.emit('warning', { message })
  try {
    const running = command.run(context as CommandContext<OptionTable & Values<OptionTable>> as never)
    const exitCode = await Promise.race([running, stopping.lostPatience])
    stopAll(chosen)
    return exitCode
  } catch (error) {
    stopAll(chosen)
    const failure = failureOf(stopping.signal.aborted && isAbort(error) ? stopping.signal.reason : error)
    for (const reporter of chosen.reporters) reporter.fail(failure)
    return failure.exitCode
  } finally {
    stopping.dispose()
  }
}

function tellAll(chosen: ChosenReporters, sentence: string): void {
  for (const reporter of chosen.reporters) reporter.say(sentence)
}

function stopAll(chosen: ChosenReporters): void {
  for (const reporter of chosen.reporters) reporter.stop()
}

/** Libraries answer an abort with an error of their own. */
function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || (error as NodeJS.ErrnoException).code === 'ABORT_ERR')
}
