import type { ProgressMode } from '../options.ts'
import type { World } from '../world.ts'
import { LinesReporter } from './lines.ts'
import { NdjsonReporter } from './ndjson.ts'
import { NoneReporter } from './none.ts'
import type { Reporter } from './reporter.ts'
import { showsUnicode, styleOf } from './style.ts'
import { Talk } from './talk.ts'

/** What the shared flags ask of the reporters. */
export interface ReportRequest {
  readonly progress: ProgressMode
  readonly json: boolean
  readonly quiet: boolean
  readonly verbose: boolean
  readonly color: boolean
}

/** The readers of one verb's events: one for people on stderr and, with --json, one for programs on stdout. */
export interface ChosenReporters {
  readonly reporters: readonly Reporter[]
  /** Runs `print`, which writes to stdout, without the bar in its way. */
  aside(print: () => void): void
  /** Writes a JSON event to stdout; nothing without --json. */
  record(type: string, fields: object): void
}

/** Chooses them. The bar and its library are loaded only for a terminal. */
export async function chooseReporters(verb: string, request: ReportRequest, world: World): Promise<ChosenReporters> {
  const style = styleOf(world.stderr, world.env, request.color)
  const talkThrough = (output: Pick<World['stderr'], 'write'>): Talk =>
    new Talk(output, style, { isQuiet: request.quiet, isVerbose: request.verbose })
  const now = (): Date => world.now()
  const programs = request.json ? new NdjsonReporter(world.stdout, world.clock, now) : undefined
  const record = (type: string, fields: object): void => programs?.record(type, fields)
  const mode = progressMode(request, world)
  if (mode === 'bar') {
    const { BarReporter } = await import('./bar.ts')
    const bar = new BarReporter(verb, world.stderr, style, showsUnicode(world.env), talkThrough)
    return { reporters: [...(programs ? [programs] : []), bar], aside: (print) => bar.pause(print), record }
  }
  const talk = talkThrough(world.stderr)
  const people = {
    lines: () => new LinesReporter(verb, talk, world.clock),
    json: () => new NdjsonReporter(world.stderr, world.clock, now),
    none: () => new NoneReporter(talk),
  }[mode]()
  return { reporters: [...(programs ? [programs] : []), people], aside: (print) => print(), record }
}

function progressMode(request: ReportRequest, world: World): 'bar' | 'lines' | 'json' | 'none' {
  if (request.progress !== 'auto') return request.progress
  if (request.quiet || request.json) return 'none'
  return world.stderr.isTerminal && world.env.TERM !== 'dumb' ? 'bar' : 'lines'
}
