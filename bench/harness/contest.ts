import { DistroError } from '../../src/base/errors.ts'
import type { Run } from '../report/outcome.ts'
import type { Options } from './options.ts'
import { interleave, loadNow } from './rounds.ts'

/** What one run brings. */
export type Measured = Pick<Run, 'metrics' | 'intact' | 'failure' | 'doneSeconds'>

/** Who is measured beside whom, and how. */
export interface Contest<Contestant> {
  readonly contestants: ReadonlyMap<string, Contestant>
  /** Rounds that count when the person names no number. */
  readonly usualRounds: number
  /** Begins with a round that does not count. */
  readonly warmsUp: boolean
  /** Runs one of them once; a `DistroError` is a run that failed. */
  measure(contestant: Contestant, name: string, round: number): Promise<Measured>
  /** A run in one line, for who watches; without it nothing is said. */
  describe?(run: Run): string
}

/** Measures everybody once a round, by turns, and tells all runs that count. */
export async function holdContest<Contestant>(options: Options, contest: Contest<Contestant>): Promise<readonly Run[]> {
  const names = [...contest.contestants.keys()]
  const once = async (name: string, round: number): Promise<Run> => {
    const run: Run = { client: name, round, load: loadNow(), ...(await measured(contest, name, round)) }
    const line = contest.describe?.(run)
    if (line !== undefined) options.say(line)
    return run
  }
  if (contest.warmsUp) await interleave(0, 0, names, once)
  return interleave(1, options.rounds ?? contest.usualRounds, names, once)
}

/** Describes a run by all of its metrics; `flaw` is said of one whose result is not what it should be. */
export function describeWith(flaw: string): (run: Run) => string {
  return ({ round, client, failure, metrics, intact }) =>
    `round ${round} ${client}: ${failure ?? JSON.stringify(metrics)}${intact ? '' : ` ${flaw}`}`
}

async function measured<Contestant>({ contestants, measure }: Contest<Contestant>, name: string, round: number): Promise<Measured> {
  try {
    return await measure(contestants.get(name) as Contestant, name, round)
  } catch (error) {
    if (!(error instanceof DistroError)) throw error
    return { intact: false, metrics: {}, failure: `${error.message}. ${error.hint ?? ''}` }
  }
}
