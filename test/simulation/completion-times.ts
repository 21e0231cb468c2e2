import type { Simulation } from './simulation.ts'

/** When the hosts of one run finished, in the form in which it is kept for a plot. */
export interface CompletionTimes {
  readonly scenario: string
  readonly hosts: number
  readonly sizeBytes: number
  readonly blockBytes: number
  readonly linkBytesPerSecond: number
  readonly seed: number
  readonly boundSeconds: number
  /** Hosts that had to finish and did not. */
  readonly unfinished: number
  /** The time of each host that finished, in times of its bound, from the fastest on. */
  readonly overBound: readonly number[]
}

/** Four decimals are less than a pixel. */
const PRECISION = 1e4

/** The completion times of a run that has ended. */
export function completionTimesOf(run: Simulation): CompletionTimes {
  const { options, boundMs } = run
  const counted = run.leeches.filter((leech) => !run.excused.has(leech))
  const finished = counted.filter((leech) => leech.isComplete)
  return {
    scenario: options.scenario.name,
    hosts: options.hosts,
    sizeBytes: options.sizeBytes,
    blockBytes: run.torrent.blockLengthBytes,
    linkBytesPerSecond: run.linkBytesPerSecond,
    seed: options.seed,
    boundSeconds: boundMs / 1_000,
    unfinished: counted.length - finished.length,
    overBound: finished.map((leech) => Math.round(run.overBound(leech) * PRECISION) / PRECISION).sort((first, second) => first - second),
  }
}
