import type { Figures } from './scenario.ts'
import type { Simulation } from './simulation.ts'
import { Traffic } from './traffic.ts'

/** What came of a run. */
export interface Report {
  readonly scenario: string
  readonly hosts: number
  readonly sizeBytes: number
  readonly pieceLengthBytes: number
  readonly blockBytes: number
  readonly seed: number
  /** Hosts that had to finish and did, and those that did not. */
  readonly completed: number
  readonly unfinished: number
  readonly boundSeconds: number
  /** From the start of the run to the last completion. */
  readonly lastSeconds: number
  /** The worst host, each against its own bound where it has one. */
  readonly lastOverBound: number
  /** What that host took, and its bound. */
  readonly worstSeconds: number
  readonly worstBoundSeconds: number
  readonly medianOverBound: number
  /** The slowest first piece of any host, from its start. */
  readonly slowestFirstPieceSeconds: number
  /** Bytes on the origin's wire, headers included, by the size of the content. */
  readonly originCopies: number
  readonly duplicateBytes: number
  /** Bytes on the wire above those of blocks, by those of blocks; TCP and IP are not in it. */
  readonly protocolOverhead: number
  /** Connections that a host had, on average over the hosts that were fetching and over time. */
  readonly meanDegree: number
  /** Connections made for each host. */
  readonly connectionsPerHost: number
  readonly events: number
  /** What the scenario reports of its own, by name. */
  readonly figures: Figures
}

/** The figures of a run that has ended. */
export function reportOf(run: Simulation): Report {
  const { options, torrent, boundMs } = run
  const counted = run.leeches.filter((leech) => !run.excused.has(leech))
  const finished = counted.filter((leech) => leech.isComplete)
  const ranked = finished.toSorted((first, second) => run.overBound(first) - run.overBound(second))
  const ratios = ranked.map((leech) => run.overBound(leech))
  const worst = ranked.at(-1)
  const traffic = new Traffic()
  for (const host of [run.origin, ...run.leeches]) traffic.add(host.traffic)
  const lastMs = finished.reduce((last, leech) => Math.max(last, leech.completedMs), finished.length === 0 ? Number.NaN : 0)
  const firstPieceMs = Math.max(...counted.map((leech) => leech.firstPieceMs - leech.startedMs))
  return {
    scenario: options.scenario.name,
    hosts: options.hosts,
    sizeBytes: options.sizeBytes,
    pieceLengthBytes: torrent.pieceLengthBytes,
    blockBytes: torrent.blockLengthBytes,
    seed: options.seed,
    completed: finished.length,
    unfinished: counted.length - finished.length,
    boundSeconds: boundMs / 1_000,
    lastSeconds: lastMs / 1_000,
    lastOverBound: ratios.at(-1) ?? Number.NaN,
    worstSeconds: worst === undefined ? Number.NaN : run.tookMs(worst) / 1_000,
    worstBoundSeconds: worst === undefined ? Number.NaN : run.boundOfMs(worst) / 1_000,
    medianOverBound: ratios[ratios.length >> 1] ?? Number.NaN,
    slowestFirstPieceSeconds: firstPieceMs / 1_000,
    originCopies: (run.origin.traffic.payloadBytes + run.origin.traffic.overheadBytes) / options.sizeBytes,
    duplicateBytes: sum(run.leeches.map((leech) => leech.received.wasted)),
    protocolOverhead: traffic.overheadBytes / traffic.payloadBytes,
    meanDegree: run.meanDegree,
    connectionsPerHost: run.network.connectionsMade / options.hosts,
    events: run.events.happened,
    figures: run.figures,
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
